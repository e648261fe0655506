//===- DeviceKernel.h - one kernel written for blocks of threads -*- C++ -*-===//
//
// The GPU's side of the kernel builder: elements and arithmetic are the CPU's,
// work is split otherwise. `thread` counts all threads of the grid and `local`
// those of a block; a kernel is right for any number of blocks, since every
// loop over work takes the grid's size as its step.
//
// A kernel may be written in several forms (Form), each a function of its own;
// the host launches the one whose condition holds.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_DEVICEKERNEL_H
#define TRANSOM_LIB_CODEGEN_NVPTX_DEVICEKERNEL_H

#include "../CPU/KernelBuilder.h"
#include "transom/Codegen/TileTable.h"

namespace transom::nvptx {

using cpu::Index;
using cpu::Place;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Operation;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using transformer::Dim;
using transformer::Dims;

/// How a kernel is written, where there is more than one way.
enum class Form {
  Any,
  Tiles, ///< many rows: tiles of the result
  Row,   ///< one row
  Few,   ///< up to `fewRows` rows
  Split, ///< few queries: the keys are split among blocks; few tiles: the depth is
};

/// "", "_row", ...
llvm::StringRef suffixOf(Form form);
/// "tiles", "row", ...
llvm::StringRef nameOf(Form form);

/// How many parts the depth of a product is split into in a form: those that the kernel has memory for
/// (`transformer.splits`), 0 where it does not have the form.
int64_t splitsOf(Operation *product, Form form);

/// The module's name for shared memory whose size a launch gives.
constexpr llvm::StringLiteral dynamicSharedName = "shared";

/// The forms that a kernel is written in.
SmallVector<Form> formsOf(mlir::func::FuncOp kernel);

class DeviceKernel : public cpu::KernelBuilder {
public:
  DeviceKernel(mlir::func::FuncOp kernel, mlir::func::FuncOp lowered, const TileTable &tiles, Form form,
               int64_t blockThreads = 256);

  /// One thread an item, over the grid.
  void parallelNest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body, unsigned inner = 1) override;
  /// One block an item: all threads of a block run `body` together.
  void forBlocks(Value count, llvm::function_ref<void(Value)> body);
  /// `count` items split among the threads of a block.
  void forLocal(Value count, llvm::function_ref<void(Value)> body);
  void syncThreads();
  void setBlockThreads(int64_t threads);
  int64_t blockThreads() const { return threadsOfBlock; }
  /// The table's tile for a product or attention of this kernel, noted as `transformer.tile`; an error where the chip
  /// has none.
  mlir::FailureOr<Tile> tileFor(const TileKey &key, Operation *op);

  /// Memory that the threads of a block share, aligned to `alignment` bytes.
  Value shared(int64_t elements, Type element, int64_t alignment = 16);
  /// Shared memory whose size the launch gives (`transformer.shared`): more than
  /// 48 KiB of it need that. One piece a kernel, aligned to 1 KiB, as large as the largest that is asked for.
  Value dynamicShared(int64_t bytes);

  /// A tensor that pieces are copied of by cp.async.bulk.tensor, `box` elements of a line by `boxLines` at a time. The
  /// host describes it (`transformer.maps`) as three dims: an argument's last, its lines, and what is before them, or
  /// all lines as one matrix (`flat`). The pointer is one more argument of the function, before all others.
  Value tensorMap(unsigned argument, bool flat, int64_t box, int64_t boxLines);

  /// The value that lane (own ^ mask) of the warp has.
  Value shuffle(Value value, int64_t mask);
  using Combine = llvm::function_ref<Value(Value, Value)>;
  /// Over groups of `lanes` neighbours (a power of 2, at most 32); all get it.
  Value reduceLanes(Value value, int64_t lanes, Combine combine);
  /// Over the block; all get it. `room` is shared memory for a value a warp.
  Value reduceBlock(Value value, Value room, Combine combine);

  /// 2 ^ x to about 22 bits, by an instruction of its own.
  Value exp2(Value x);
  Value i32(int64_t value);
  Value toI32(Value index);
  Value exactDiv(Value a, int64_t b) { return div(a, index(b)); }
  Value loadVectorOf(Value pointer, Value offset, int64_t lanes, Type element, int64_t alignment);
  void storeVectorOf(Value vector, Value pointer, Value offset, Type element, int64_t alignment);
  Value extract(Value vector, int64_t lane);
  Value pack(ArrayRef<Value> values); ///< a vector

  const TileTable &tiles;
  const NVPTXTarget &target;
  const Form form;
  Value local, block, blocks, lane, warp;

protected:
  mlir::LogicalResult writeAnchor(Operation *anchor) override;

private:
  int64_t threadsOfBlock = 0;
  unsigned numShared = 0;
};

//===-- Anchors, by family ------------------------------------------------===//

mlir::LogicalResult writeReduce(DeviceKernel &kb, transformer::ReduceOp op);
mlir::LogicalResult writeSoftmax(DeviceKernel &kb, transformer::SoftmaxOp op);
mlir::LogicalResult writeLayerNorm(DeviceKernel &kb, transformer::LayerNormOp op);
mlir::LogicalResult writeRMSNorm(DeviceKernel &kb, transformer::RMSNormOp op);
mlir::LogicalResult writeMatMul(DeviceKernel &kb, transformer::MatMulOp op);
mlir::LogicalResult writeLinear(DeviceKernel &kb, transformer::LinearOp op);
mlir::LogicalResult writeMatMulInteger(DeviceKernel &kb, transformer::MatMulIntegerOp op);
mlir::LogicalResult writeLinearNBits(DeviceKernel &kb, transformer::LinearNBitsOp op);
mlir::LogicalResult writeAttention(DeviceKernel &kb, transformer::AttentionOp op);
mlir::LogicalResult writeConv(DeviceKernel &kb, transformer::ConvOp op);
mlir::LogicalResult writeKVWrite(DeviceKernel &kb, transformer::KVWriteOp op);
mlir::LogicalResult writeMoE(DeviceKernel &kb, transformer::MoEOp op);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_DEVICEKERNEL_H
