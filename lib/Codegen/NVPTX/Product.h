//===- Product.h - a matrix product that blocks of threads make -*- C++ -*-===//
//
// What all forms of a product share: where its operands come from, which rows
// it has, what happens to an element, and how a tile of sums becomes elements.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_PRODUCT_H
#define TRANSOM_LIB_CODEGEN_NVPTX_PRODUCT_H

#include "DeviceKernel.h"

namespace transom::nvptx {

/// A matrix in memory: element (i, j) at base + i * rowStride + j * columnStride.
struct Matrix {
  Value pointer;
  Type element;
  Value base, rowStride, columnStride;
};

/// Whether a value is surely a multiple of `factor`.
bool isMultipleOf(Value value, int64_t factor);

/// One operand: a stack of matrices, in memory or made element by element.
class Operand {
public:
  /// `row, column` index the matrix as the product reads it. `flat`: all rows of
  /// all matrices are one matrix.
  Operand(DeviceKernel &kb, Value tensor, bool transposed, bool flat, const Dims &resultShape);
  Operand() = default;
  /// Memory of the kernel's own: rows of `depth` elements, one after the other.
  Operand(DeviceKernel &kb, Value memory, Type element, Value depth);
  /// One of elements of a type that are made.
  Operand(DeviceKernel &kb, Type element, std::function<Value(ArrayRef<Value> batch, Value row, Value column)> make)
      : make(std::move(make)), kb(&kb), madeAs(element) {}

  /// `width` of its columns, from `first` on.
  Operand columns(Value first, Value width) const;
  /// Its elements, made as those of another type.
  Operand as(Type element) const;

  /// The operand's matrix for a batch, where it lies in memory.
  std::optional<Matrix> matrix(ArrayRef<Value> batch) const;
  /// The element in its register type.
  Value element(ArrayRef<Value> batch, const std::optional<Matrix> &matrix, Value row, Value column) const;
  /// Elements next to each other in memory are in one column.
  bool runsAlongColumns() const { return alongColumns; }
  /// Pieces of 16 bytes may be copied: along rows, or along columns.
  bool isAligned() const { return aligned; }
  /// How many elements next to each other make 16 bytes that are read at once; 1 where they cannot be.
  int64_t pieceLength() const { return piece; }
  /// `count` of them, a multiple of the piece's length or part of a piece, in their register type.
  SmallVector<Value> elements(const Matrix &matrix, Value row, Value column, int64_t count) const;
  /// The number of the kernel's argument that it is as it stands, with lines of whole pieces of 16 bytes.
  std::optional<unsigned> argument() const;
  bool isFlat() const { return flat; }
  /// The type of its elements in memory, or as they would be there; null where they are what a register holds.
  Type storedAs() const { return make || !tensor ? madeAs : kb->elementOf(tensor); }
  /// Which of its rows a product's row is.
  Value rowOf(Value row) const { return gather ? gather(row) : row; }

  /// Makes an element where there is no tensor to read it from.
  std::function<Value(ArrayRef<Value> batch, Value row, Value column)> make;
  bool alongColumns = false;
  /// Tells where the product's rows are, where they are not the operand's own. What takes rows expects the operand's.
  std::function<Value(Value row)> gather;

private:
  /// Whether pieces of 16 bytes of `place` can be read, whose last two dims are `shape`.
  void findPieces(ArrayRef<Value> shape);

  DeviceKernel *kb = nullptr;
  Type madeAs;
  Value tensor;
  bool transposed = false, flat = false, aligned = false;
  int64_t piece = 1;
  std::optional<Place> place;
  Dims resultShape;
};

/// A weight of few bits a number, columns first, with a scale and maybe a zero point for each `block` of a column.
struct PackedWeight {
  Value weight, scales, zeros;
  int64_t bits, block, depth;
};
/// It as a right operand; of a stack of them, `columns` each, a batch has the one of its last number.
Operand packedOperand(DeviceKernel &kb, const PackedWeight &packed, Value columns, Type element);

/// Rows in groups, each of which is multiplied with a matrix of its own, that of batch number `group` of the right
/// operand.
struct RowGroups {
  /// More pieces there are not: that follows from the kernel's sizes.
  Value mostPieces;
  /// Calls `body` for one of the pieces that groups are cut into, if there are so many.
  std::function<void(Value number, llvm::function_ref<void(Value group, Value firstRow, Value endRow)> body)> visit;
};

class Product {
public:
  Product(DeviceKernel &kb, Operation *op, Operand lhs, Operand rhs, Type sum, Value rows, Value depth, Value width,
          bool flat);

  /// From the product's element to the anchor's: bias, activation, residual.
  std::function<Value(Value, ArrayRef<Value>)> after = [](Value value, ArrayRef<Value>) { return value; };

  /// Puts an element down where it is not that of the result at (batch, row, column).
  std::function<void(ArrayRef<Value> batch, Value row, Value column, Value value)> put;

  std::optional<RowGroups> groups;

  mlir::LogicalResult write();
  /// The product alone, whatever the form.
  mlir::LogicalResult writeSums();
  /// Whether the rows are those that the form at hand is for; null where it is for any.
  Value whetherForm();

  /// How the product is made, and its tile: the table's, unless it shares those of another product of the kernel.
  struct Choice {
    TileWay way;
    Tile tile;
  };
  std::optional<Choice> choice;
  mlir::LogicalResult choose();

  /// What the product's tile is chosen by, made in one way by this form of the kernel.
  TileKey key(TileWay way) const;

  //===-- For the forms ---------------------------------------------------===//
  Value multiplyAdd(Value total, Value x, Value y);
  /// Sums of a tile that are NaN may be so for the way they were made alone.
  bool mayLoseInfinities = false;
  Value zero() { return kb.number(sum, 0); }
  /// The anchor's element at a row and column is known.
  void finish(ArrayRef<Value> batch, Value row, Value column, Value value);
  /// Tiles that this block has made before the one at hand, in `forTiles`.
  Value tilesBefore;
  /// A block sums part number `split` of the depth. What it has found goes to memory of the kernel's, and a second pass
  /// adds up the parts, always in the same order.
  int64_t splits = 1;
  Value split;
  /// Calls `body` for each of `count` tasks in each part of the depth, and sets `split`.
  void forSplits(Value count, llvm::function_ref<void(Value count, llvm::function_ref<void(Value task)>)> loop,
                 llvm::function_ref<void(Value task)> body);
  /// Where the part at hand begins and ends, in whole steps.
  std::pair<Value, Value> depthOfSplit(int64_t step);
  /// The sum of a row and column is known, or of a part of its depth.
  void putSum(ArrayRef<Value> batch, Value row, Value column, Value value);
  /// Calls `body` for each of `count` tasks of all rows, or of each piece of the groups of rows.
  void forRows(Value count, llvm::function_ref<void(Value count, llvm::function_ref<void(Value task)>)> loop,
               llvm::function_ref<void(ArrayRef<Value> batch, Value firstRow, Value task)> body);
  /// Where the rows end of which `forRows` or `forTiles` is at hand.
  Value endRow;
  /// One tile of the result a block, `tileRows` by `tileColumns`.
  void forTiles(int64_t tileRows, int64_t tileColumns,
                llvm::function_ref<void(ArrayRef<Value> batch, Value firstRow, Value firstColumn)> body);
  /// Puts sums down as elements, a slice of the tile's rows at a time: `put`
  /// stores those of slice number `s` into `room`, rows of `stride` sums.
  void finishTile(ArrayRef<Value> batch, Value firstRow, Value firstColumn, int64_t tileRows, int64_t tileColumns,
                  int64_t slices, Value room, int64_t stride, llvm::function_ref<void(Value slice)> put);

  DeviceKernel &kb;
  Operation *op;
  Operand lhs, rhs;
  Type sum;
  Value rows, depth, width;
  bool flat;
  SmallVector<Value> resultDims;

private:
  TileWay way() const;
  void addSplits();
  /// `value`, or where that is NaN the sum by multiply-add.
  Value checked(Value value, ArrayRef<Value> batch, Value row, Value column);
};

/// Tiles of scalar multiplications: any types.
void writeScalarTiles(Product &product, Tile tile);
/// A few rows: the right operand streams through once.
void writeFewRows(Product &product, Tile tile);
/// Tiles of tensor cores, for f16, bf16 and f32.
void writeTensorCoreTiles(Product &product, Tile tile);
/// The same by groups of warps, on chips that have wgmma: fed by cp.async, or where both operands are arguments as they
/// stand by cp.async.bulk.tensor and a warp of its own.
void writeWarpgroupTiles(Product &product, Tile tile);
void writePipelinedTiles(Product &product, Tile tile);

/// Lines of a slice in shared memory run along the depth, or along rows or columns.
struct SliceShape {
  int64_t lines, lineLength;
  bool alongDepth;
};
/// Where the slices of a tile's operand come from: rows or columns from `first` on, below `limit`.
struct SliceSource {
  const Operand &operand;
  SliceShape shape;
  std::optional<Matrix> matrix;
  ArrayRef<Value> batch;
  Value first, limit;
  SmallVector<Value> gathered; ///< rows of the lines that this thread copies, found once for all slices
};
SliceSource leftSlices(Product &product, SliceShape shape, ArrayRef<Value> batch, Value firstRow);
SliceSource rightSlices(Product &product, SliceShape shape, ArrayRef<Value> batch, Value firstColumn);
/// Puts the slice from depth `k` on into shared memory: element (line, within)
/// at `where`; zeros past the depth. By copies that are not waited for where the
/// operand allows.
void copySlice(Product &product, const SliceSource &source, Value k, Value room,
               llvm::function_ref<Value(Value line, Value within)> where);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_PRODUCT_H
