//===- PanelProduct.h - rows times a matrix in panels -----------*- C++ -*-===//
//
// Blocks of rows of f32 in memory times panels of columns, tile by tile: what is
// around a tile (TileProduct.h) so that each panel is read once and meanwhile the
// next one comes. What follows the product works on rows that are still in L1.
// Matrices of one form go side by side, so that it has the same column of each.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_PANELPRODUCT_H
#define TRANSOM_LIB_CODEGEN_CPU_PANELPRODUCT_H

#include "TileProduct.h"
#include <functional>

namespace transom::cpu {

struct PanelOperands {
  Value a, aStride;        ///< rows of f32, elements between them
  SmallVector<Value, 2> b; ///< panels; of each matrix, where several of one form multiply the rows
  Type bElement;           ///< f32, f16 or bf16
  int64_t packedColumns;   ///< of a panel in memory: those of a few tiles side by side where wider CPUs read it too
  bool isWeight;           ///< b comes from memory, which is asked for it ahead
  Value depth, width;      ///< of the matrix
  /// Where no panels are in memory: puts rows [k, k + depth) of a panel to `b`, which has room for `mostRowsOfPart`
  /// lines.
  std::function<void(Value panel, Value k, Value depth)> makePart;
};

class PanelProduct {
public:
  /// What is done with `count` columns from `first` on of a row: those of each matrix lie in the sums from its place
  /// on.
  using Finish = llvm::function_ref<void(Value row, Value first, Value count, ArrayRef<Value> places)>;

  /// `sums` is a thread's own and has room for `sumFloats` numbers.
  PanelProduct(KernelBuilder &kb, const PanelOperands &operands, Value sums);
  static int64_t sumFloats(KernelBuilder &kb, const PanelOperands &operands);
  /// The most rows of a panel that a pass takes.
  static int64_t mostRowsOfPart(const PanelOperands &operands, int64_t columns);

  /// Panels [firstPanel, endPanel) for rows [from, to), at most `mostRowsOfBlock`.
  void writeRows(Value from, Value to, Value firstPanel, Value endPanel, Value aOffset, Value bOffset, Finish finish);
  /// The same for any number of rows, from 0 on.
  void writeBlocks(Value rows, Value firstPanel, Value endPanel, Value aOffset, Value bOffset, Finish finish);
  int64_t mostRowsOfBlock() const;
  /// Elements of one matrix in panels.
  Value matrixSize() {
    return kb.mul(kb.mul(kb.ceilDiv(in.width, in.packedColumns), in.depth), kb.index(in.packedColumns));
  }

  Value sums; ///< of a block of rows and a group of panels, a panel after the other

private:
  struct Block {
    Value from, to, firstPanel, endPanel, aOffset, bOffset;
    Value panelSize, sumSize; ///< in elements; sums are those of one matrix
    Value tiles, isOneTile;   ///< those that fetch the next part
    Value steps;              ///< passes through K, of all matrices
    Value isFew;              ///< rows, which are bound by memory
  };
  /// What is done with all panels of a block before the next step.
  struct Step {
    Value matrix, k;
  };
  Block blockOf(Value from, Value to, Value firstPanel, Value endPanel, Value aOffset, Value bOffset);
  bool isOnePass() const;
  int64_t panelsOfGroup() const;
  Step stepAt(const Block &block, Value number);
  void writePart(const Block &block, Value step, Value panel);
  Value panelsOf(Value matrix);
  /// The whole panel in memory that `panel` is of, from its row k on; and `panel` in it.
  Value lineOf(const Block &block, Value panel, Value k);
  Value partOf(const Block &block, Value panel, Value k);
  /// A tile of columns from `part` on, by the row at `aOffset` and those after it.
  TileOperands tileOf(Value panels, Value part, Value aOffset, Value depth);
  /// An element of a matrix's panels.
  struct Place {
    Value panels, offset;
  };
  Place nextPart(const Block &block, Value step, Value panel, Value passDepth);
  void fetchAhead(const Block &block, Value row, Value part, Place next, Value partSize, TileOperands &tile);
  void writeOneRow(Value firstPanel, Value endPanel, Value aOffset, Value bOffset, Finish finish);
  void writeManyRows(Value rows, Value firstPanel, Value endPanel, Value aOffset, Value bOffset, Finish finish);
  void finishPanels(const Block &block, Finish finish);
  Value sumsOf(const Block &block, Value panel) {
    return kb.mul(kb.mul(kb.sub(panel, block.firstPanel), kb.index(in.b.size())), block.sumSize);
  }
  Value placeOf(const Block &block, Value matrix, Value panel, Value row) {
    Value ofMatrix = kb.add(sumsOf(block, panel), kb.mul(matrix, block.sumSize));
    return kb.add(ofMatrix, kb.mul(kb.sub(row, block.from), kb.index(columns)));
  }

  KernelBuilder &kb;
  PanelOperands in;
  int64_t columns; ///< that this CPU's tiles take
  int64_t across;  ///< how many of those a panel in memory has
};

/// The most rows whose product is bound by memory.
int64_t mostRowsBoundByMemory(const KernelBuilder &kb);

/// Puts [..., K, N] (or [..., N, K] when `transposed`) to memory as [..., panels, K, columns] of f32, zero beyond N;
/// of the matrices where `isNeeded`, if there is one, says so. All threads take part; a barrier has to follow.
void packPanels(KernelBuilder &kb, Value matrix, bool transposed, Value to,
                llvm::function_ref<Value(ArrayRef<Value>)> isNeeded = {});

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_PANELPRODUCT_H
