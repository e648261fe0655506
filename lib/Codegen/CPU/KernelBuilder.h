//===- KernelBuilder.h - one kernel written as loops ------------*- C++ -*-===//
//
// What the kernels of the CPU are written with: loops, scalar arithmetic in
// the types that registers hold, and `element`, which evaluates any tensor of
// the kernel at an index. Values made inside a loop are forgotten at its end.
//
// f16, bf16 and floats of 8 and 4 bits lie in memory in their type and are computed with in f32;
// i1 is a byte in memory; elements of 4 and 2 bits share a byte, low bits first.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_KERNELBUILDER_H
#define TRANSOM_LIB_CODEGEN_CPU_KERNELBUILDER_H

#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <map>

namespace transom::cpu {

using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Location;
using mlir::Operation;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using transformer::Dim;
using transformer::Dims;
using Index = SmallVector<Value, 6>;

/// Memory of a dense tensor, or a strided view of one.
struct Place {
  Value pointer;
  Type element;               ///< as in the tensor type
  SmallVector<Value> strides; ///< in elements
  Value offset;               ///< in elements
};

/// What the hardware offers.
struct CPUShape {
  unsigned vectorBits = 256;
  bool hasByteDots = false;                         ///< sums of four products of bytes in one instruction: VNNI, I8MM
  int64_t lanes() const { return vectorBits / 32; } ///< of f32
  bool isNEON() const { return vectorBits == 128; }
  /// AVX2 has 16 vector registers, AVX-512 and NEON 32.
  bool hasManyRegisters() const { return vectorBits != 256; }
  /// What fits the registers beside a tile's sums: 12 of 16, 24 of 32.
  int64_t panelColumns() const { return (hasManyRegisters() ? 4 : 2) * lanes(); }
  /// Not more: rows of 4 KiB and multiples of it all lie in the same eight lines of
  /// L1, which have to hold one of each, and those of the panel that pass by.
  int64_t tileRows() const { return 6; }
  /// Panels that one row is multiplied with side by side: as many streams of memory. Measured on AMD's Zen 3, where one
  /// stream, asked for ahead or not, gives three quarters of what four give that nobody asks for ahead.
  int64_t panelsBeside() const { return vectorBits == 256 ? 4 : 1; }
  /// Of a block of a product that is bound by arithmetic: rows, a multiple of a tile's, and panels, of all matrices,
  /// that pass over each other before the next part of K. The part of the rows (at most 384 numbers of each) and the
  /// sums stay in L2; many panels, so that the next part is fetched seldom. Measured on Zen 3 with its 512 KiB of L2: 3
  /// % faster than 168 rows and 4 panels.
  int64_t blockRows() const { return vectorBits == 256 ? 48 : 168; }
  int64_t blockPanels() const { return vectorBits == 256 ? 32 : 4; }
  /// Of an 8-bit number of a product's left operand: a byte, or what pairs of i16 are multiplied as.
  int64_t stagedBytes() const { return hasByteDots ? 1 : 2; }
};

class KernelBuilder {
public:
  /// Writes the body of `lowered` (pointers, sizes, site, thread, threads, run)
  /// from `kernel` on tensors. Where a target counts its threads otherwise, its
  /// functions have no arguments for that and its builder sets `thread` and `threads`.
  KernelBuilder(mlir::func::FuncOp kernel, mlir::func::FuncOp lowered, CPUShape shape, bool threadsAreArguments = true);
  virtual ~KernelBuilder() = default;
  mlir::LogicalResult write();

  //===-- Numbers ---------------------------------------------------------===//
  Value index(int64_t value);
  Value index(Dim dim);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b); ///< of non-negative indices
  Value rem(Value a, Value b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value ceilDiv(Value a, int64_t b);
  /// How many of `most` from `first` on, a multiple of it, are of `whole`: a constant where `most` divides that.
  Value sizeOfPart(Value whole, Value first, int64_t most);
  Value less(Value a, Value b);
  Value equal(Value a, Value b);
  Value both(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value f32(double value);
  Value number(Type type, double value); ///< of a register type
  Value toI64(Value index);
  Value toIndex(Value integer, bool isUnsigned = false);

  /// The type in which a register holds an element.
  static Type registerType(Type element);
  static bool isUnsigned(Type element);
  Value fadd(Value a, Value b);
  Value fsub(Value a, Value b);
  Value fmul(Value a, Value b);
  Value fdiv(Value a, Value b);
  Value fma(Value a, Value b, Value c);
  Value fmax(Value a, Value b);
  Value fmin(Value a, Value b);
  /// Adds in whatever order is fastest: sums over many elements.
  Value faddAnyOrder(Value a, Value b);

  Value unary(transformer::UnaryKind kind, Value x, Type element);
  Value binary(transformer::BinaryKind kind, Value a, Value b, Type element, Type exponent = {});
  Value compare(transformer::CompareKind kind, Value a, Value b, Type element);
  Value cast(Value x, Type from, Type to);

  //===-- Control ---------------------------------------------------------===//
  void loop(Value from, Value to, Value step, llvm::function_ref<void(Value)> body);
  void loop(Value to, llvm::function_ref<void(Value)> body) { loop(index(0), to, index(1), body); }
  SmallVector<Value> loop(Value from, Value to, Value step, ValueRange carried,
                          llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// The first index that `stops`, from `from` in steps of `step` (1 or -1), or `to`.
  Value search(Value from, Value to, int64_t step, llvm::function_ref<Value(Value)> stops);
  void when(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise = {});
  /// `body` for the number in 1 to `most` that `count` is: code for each of them.
  void dispatch(Value count, int64_t most, llvm::function_ref<void(int64_t)> body);
  Value choose(Value condition, llvm::function_ref<Value()> then, llvm::function_ref<Value()> otherwise);
  SmallVector<Value> chooseAll(Value condition, llvm::function_ref<SmallVector<Value>()> then,
                               llvm::function_ref<SmallVector<Value>()> otherwise);
  /// One loop a dim.
  void nest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body);
  /// As `nest`, split among the threads over the product of all but the last
  /// `inner` dims; where that product is statically 1, over the last dim.
  virtual void parallelNest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body, unsigned inner = 1);
  /// [from, to) of 0..count that is this thread's.
  std::pair<Value, Value> share(Value count);
  void onFirstThread(llvm::function_ref<void()> body);
  void barrier();
  void fail(int32_t kind, Value value, Value limit);

  //===-- Memory ----------------------------------------------------------===//
  Value load(Value pointer, Value offset, Type element);
  void store(Value value, Value pointer, Value offset, Type element);
  /// Whether elements of the type share a byte.
  static bool isPacked(Type element);
  /// The type of an element's bits in memory.
  static Type storageType(Type element);
  Value fromStorage(Value raw, Type element); ///< memory's form to register's
  Value toStorage(Value value, Type element);
  Value address(Value pointer, Value offset, Type element);
  Value loadVector(Value pointer, Value offset, int64_t lanes); ///< of f32
  void storeVector(Value vector, Value pointer, Value offset);
  /// f32 memory of this thread, for the whole kernel.
  Value stack(int64_t elements, Type element = {});
  /// Row-major position.
  Value linear(ArrayRef<Value> index, ArrayRef<Value> dims);
  Index delinear(Value position, ArrayRef<Value> dims);

  //===-- Tensors ---------------------------------------------------------===//
  SmallVector<Value> dimsOf(Value tensor);
  Dims shapeOf(Value tensor) { return dims.of(tensor); }
  Type elementOf(Value tensor) { return mlir::cast<RankedTensorType>(tensor.getType()).getElementType(); }
  static int64_t rankOf(Value tensor) { return mlir::cast<RankedTensorType>(tensor.getType()).getRank(); }
  /// The element of a tensor of the kernel, in its register type.
  Value element(Value tensor, ArrayRef<Value> at);
  /// Where an operand with dims `own` is read for the element at `at` of dims that it broadcasts to.
  Index broadcastIndex(ArrayRef<Dim> own, ArrayRef<Value> at, ArrayRef<Dim> atDims);
  /// `element`, where `tensor`'s dims broadcast to those that `at` indexes.
  Value broadcast(Value tensor, ArrayRef<Value> at, ArrayRef<Dim> atDims);
  /// Makes `value` the element at `at`, until the loop around ends.
  void bind(Value tensor, ArrayRef<Value> at, Value value);
  /// Memory of a tensor seen through transposes, slices and broadcasts.
  std::optional<Place> place(Value tensor);
  Value argument(Value tensor); ///< pointer of a block argument
  /// Pointer of a product's weight in panels, which `rhs` is or is a transpose of.
  Value packedWeight(Value rhs);
  /// Whether a product's right operand is a weight that was packed when it was written.
  bool isPackedWeight(Value rhs);
  /// Columns of those panels: this CPU's, or a multiple where others read them too.
  int64_t packedColumns(Value rhs);
  Value result(unsigned number) { return resultPointers[number]; }
  Value scratch(unsigned number) { return resultPointers[numResults + number]; }
  /// The other product of a kernel with two of the same rows (`KernelGroup::partner`), or null.
  transformer::LinearOp partnerOf(transformer::LinearOp anchor);
  /// The anchor's element is known: computes what the kernel returns from it
  /// and stores that.
  void finish(Operation *anchor, ArrayRef<Value> at, Value value);
  /// Stores to result `number` at the position in its own dims.
  void storeResult(unsigned number, ArrayRef<Value> at, Value value);
  Value root(unsigned number = 0) { return returned[number]; }
  /// Where an argument's element lies, in elements.
  Value position(Value argument, ArrayRef<Value> at);
  bool isArgument(Value tensor) { return pointers.contains(tensor); }

  mlir::ImplicitLocOpBuilder b;
  CPUShape shape;
  Value thread, threads, run, site;

protected:
  struct Scope;
  /// The loops of a kernel's one anchor, by family.
  virtual mlir::LogicalResult writeAnchor(Operation *anchor);
  mlir::Operation *findAnchor();
  void writeMap(Value root);
  void writeConcat(Operation *op);

private:
  Value elementOfOp(Operation *op, ArrayRef<Value> at);

  using Key = std::pair<void *, std::vector<void *>>;

protected:
  mlir::func::FuncOp kernel, lowered;

private:
  mlir::OpBuilder sizeBuilder;
  transformer::SizeArith sizes;
  transformer::TensorDims dims;
  mlir::Block *entry;

protected:
  Operation *start; ///< sizes and stack memory go before it
  bool onFirstThreadOnly = false;

private:
  llvm::DenseMap<Value, Value> pointers;
  llvm::DenseMap<Value, mlir::DenseI64ArrayAttr> panels; ///< arguments that lie in panels: columns, transposed, taps
  SmallVector<Value> resultPointers, returned;
  unsigned numResults = 0;
  std::map<Key, Value> known;
};

/// a and c joined as a reduction does, and what changes nothing in that.
Value combine(KernelBuilder &kb, transformer::ReduceKind kind, Value a, Value c, Type element);
Value neutral(KernelBuilder &kb, transformer::ReduceKind kind, Type element);

/// What an integer product takes from the numbers in row `at` of its left operand, or in column `at` of its right one,
/// in i32: `zero` is a scalar, a vector, or [..., rows, 1] and [..., 1, columns].
Value integerZeroPoint(KernelBuilder &kb, Value zero, ArrayRef<Value> batch, Value at, bool isRow);

/// From a linear layer's product to its element: bias, activation, residual.
Value afterLinear(KernelBuilder &kb, transformer::LinearOp op, Value product, ArrayRef<Value> at);

/// What a gate of an expert and what it lets through make, in f32.
Value gatedByExpert(KernelBuilder &kb, transformer::MoEOp op, Value gate, Value through);

//===-- Anchors, by family ------------------------------------------------===//

mlir::LogicalResult writeReduce(KernelBuilder &kb, transformer::ReduceOp op);
mlir::LogicalResult writeArgReduce(KernelBuilder &kb, transformer::ArgReduceOp op);
mlir::LogicalResult writeSoftmax(KernelBuilder &kb, transformer::SoftmaxOp op);
mlir::LogicalResult writeLayerNorm(KernelBuilder &kb, transformer::LayerNormOp op);
mlir::LogicalResult writeRMSNorm(KernelBuilder &kb, transformer::RMSNormOp op);
mlir::LogicalResult writeCumSum(KernelBuilder &kb, transformer::CumSumOp op);
mlir::LogicalResult writeMatMul(KernelBuilder &kb, transformer::MatMulOp op);
mlir::LogicalResult writeLinear(KernelBuilder &kb, transformer::LinearOp op);
mlir::LogicalResult writeMatMulInteger(KernelBuilder &kb, transformer::MatMulIntegerOp op);
mlir::LogicalResult writeLinearNBits(KernelBuilder &kb, transformer::LinearNBitsOp op);
mlir::LogicalResult writeAttention(KernelBuilder &kb, transformer::AttentionOp op);
mlir::LogicalResult writeLinearAttention(KernelBuilder &kb, transformer::LinearAttentionOp op);
mlir::LogicalResult writeMoE(KernelBuilder &kb, transformer::MoEOp op);
mlir::LogicalResult writeKVWrite(KernelBuilder &kb, transformer::KVWriteOp op);
mlir::LogicalResult writeScatterElements(KernelBuilder &kb, transformer::ScatterElementsOp op);
mlir::LogicalResult writeScatterND(KernelBuilder &kb, transformer::ScatterNDOp op);
mlir::LogicalResult writeTopK(KernelBuilder &kb, transformer::TopKOp op);
mlir::LogicalResult writeNonZero(KernelBuilder &kb, transformer::NonZeroOp op);
mlir::LogicalResult writeConv(KernelBuilder &kb, transformer::ConvOp op);
mlir::LogicalResult writePool(KernelBuilder &kb, transformer::PoolOp op);
mlir::LogicalResult writeResize(KernelBuilder &kb, transformer::ResizeOp op);

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_KERNELBUILDER_H
