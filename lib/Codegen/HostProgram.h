//===- HostProgram.h - what `run` and `prepare` are emitted with -*- C++ -*-===//
//
// Blocks of the entry function become blocks of `run`. Launches write into the
// arena, outputs, memory of data-dependent size, or what a loop carries.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_HOSTPROGRAM_H
#define TRANSOM_LIB_CODEGEN_HOSTPROGRAM_H

#include "ArenaPlan.h"
#include "KernelGroups.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"
#include <array>
#include <map>

namespace transom {

using namespace mlir;
using namespace transformer;

inline int64_t bitsOf(Type element) {
  return element.isInteger(1) ? 8 : static_cast<int64_t>(element.getIntOrFloatBitWidth());
}

/// What kernels are handed of the weights, for all entry functions.
struct HostWeights {
  llvm::MapVector<Attribute, int64_t> offsets; ///< of a value in a layout
  SmallVector<Attribute> list;                 ///< `transformer.weights`
  int64_t bytes = 0;
};

class HostProgram {
public:
  /// `prefix` comes before the names of what is emitted. `device`: the program is
  /// for a GPU.
  HostProgram(ModuleOp module, func::FuncOp entry, StringRef prefix, HostWeights &weights, bool device)
      : module(module), entry(entry), prefix(prefix), weights(weights), device(device), context(module.getContext()),
        sizeBuilder(context), sizes(sizeBuilder), dims(sizes), b(entry.getLoc(), context),
        pointer(LLVM::LLVMPointerType::get(context)) {}

  LogicalResult lower();

private:
  /// What grows with what it has to hold, for as long as the run lasts: a
  /// pointer and its bytes, in each thread's own memory.
  struct Growable {
    Value pointer, bytes;
  };
  /// A loop while its body is emitted.
  struct LoopState {
    Value iteration, isOdd, count;
    SmallVector<std::array<Growable, 2>> carried; ///< even and odd iterations write in turn
    SmallVector<Growable> scanned;
    SmallVector<SmallVector<Value>> scannedDims; ///< where the dynamic ones are kept
  };
  //===-- What the program needs to know ----------------------------------===//
  LogicalResult analyse();
  void readSignature();
  unsigned symbolNumber(StringAttr name);
  bool isEntryArgument(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &entry.getBody().front();
  }
  Operation *end() { return entry.getBody().front().getTerminator(); }
  bool isKnown(Value size); ///< follows from the symbols
  bool isKnown(const Dims &shape) {
    return llvm::all_of(shape, [&](Dim dim) { return isa<Attribute>(dim) || isKnown(cast<Value>(dim)); });
  }
  /// Can be checked before anything runs.
  bool isEarly(CheckSizesOp check) {
    return isKnown(check.getLhs()) && isKnown(check.getRhs()) && check->getBlock() == &entry.getBody().front();
  }
  Value memoryOf(Value tensor); ///< seen through reshapes
  void planMemory();
  /// What a launch in a loop's body writes for the body's yield.
  void readYields(LoopOp loop);
  int64_t weight(Value constant, Attribute layout);
  int64_t site(Location loc);
  void setAttributes(func::FuncOp run);

  //===-- Emission --------------------------------------------------------===//
  void emitPrepare();
  LogicalResult emitRun();
  LogicalResult emitBlock(Block &block);
  LogicalResult emitLaunch(LaunchOp launch);
  LogicalResult emitIf(IfOp op);
  LogicalResult emitLoop(LoopOp op);
  Value loopMemory(LoopOp loop, unsigned number, Value result);
  Growable makeGrowable();
  Value grown(const Growable &place, Value bytes, Value wanted, Value kept);
  Value cell(Type type, Value first);
  Value readScalar(Value tensor, Type storage) { return readElement(tensor, 0, storage); }
  Value readElement(Value tensor, int64_t position, Type storage);
  Value loopCell(Type type);
  void storeCell(Value place, Value value);
  void settle(); ///< waits, if anything was read or written
  void emitCheck(CheckSizesOp check);
  void emitToIndex(ToIndexOp op);
  Value size(Dim dim);
  Value size(Value index);
  Value copySize(Operation *op, Value index);
  Value slotBytes(unsigned slot);
  Value bytesOf(const Dims &shape, int64_t bits);
  Value address(Value tensor, Attribute layout = {});
  void exitWhen(Value condition);
  void barrier(std::optional<int64_t> site = std::nullopt);
  void synchronise(ArrayRef<Value> reads, ArrayRef<Value> writes, int64_t site);
  Value i64(int64_t value) { return arith::ConstantIntOp::create(b, value, 64); }
  Value toI64(Value index) { return arith::IndexCastOp::create(b, b.getI64Type(), index); }
  Value at(Value base, int64_t index, Type element) {
    return LLVM::GEPOp::create(b, pointer, element, base, ArrayRef<LLVM::GEPArg>{int32_t(index)});
  }
  Value loadAt(Value base, int64_t index, Type element) {
    return LLVM::LoadOp::create(b, element, at(base, index, element));
  }
  Value call(StringRef callee, Type result, ValueRange operands) {
    auto op = LLVM::CallOp::create(b, result ? TypeRange(result) : TypeRange(), callee, operands);
    return result ? op.getResult() : Value();
  }

  /// `transom_rt_` and the name; of the device's runtime where there are two.
  Value callRuntime(StringRef name, Type result, ValueRange operands) {
    return call(((device ? "transom_rt_device_" : "transom_rt_") + name).str(), result, operands);
  }

  ModuleOp module;
  func::FuncOp entry;
  std::string prefix;
  HostWeights &weights;
  const bool device;
  MLIRContext *context;
  OpBuilder sizeBuilder;
  SizeArith sizes;
  TensorDims dims;
  ImplicitLocOpBuilder b;
  Type pointer;

  SmallVector<Attribute> symbols;
  llvm::DenseMap<std::pair<unsigned, int64_t>, unsigned> symbolOf; ///< of (argument, dim); of a length: dim -1
  llvm::DenseMap<Attribute, unsigned> symbolNumbers;
  SmallVector<BlockArgument> inputs, states;
  SmallVector<Value> outputs;                 ///< returned
  llvm::DenseMap<Value, unsigned> replacedBy; ///< memory that is a state's next value
  Value newLength;                            ///< of states that grow; null: none does
  llvm::DenseMap<Value, bool> known;
  llvm::DenseMap<Value, unsigned> outputOf;                   ///< memory that is an output
  llvm::DenseMap<Value, std::pair<LoopOp, unsigned>> yieldOf; ///< memory that a loop yields, from its carried values on
  std::vector<ArenaValue> values;
  ArenaPlan plan;
  std::map<std::pair<std::string, std::string>, int64_t> siteNumbers;
  SmallVector<Attribute> sites;

  // While a function is emitted.
  llvm::DenseMap<Value, Value> sizeMap;                        ///< index values
  llvm::DenseMap<Value, Value> pointerMap;                     ///< memory
  llvm::DenseMap<std::pair<Value, int64_t>, Value> branchDims; ///< of results of `if` and `loop`, and what it carries
  Block *prologue = nullptr, *exit = nullptr;
  Value symbolValues, thread, threads, runHandle, weightsBase, frameOutputs, frameNextStates;
  SmallVector<Value> slotPointers;
  llvm::DenseSet<Value> written, read; ///< since the last barrier
  llvm::DenseMap<Operation *, LoopState> loops;
  llvm::DenseMap<Value, Growable> growables; ///< of values in loops
  int32_t numLoopCells = 0;
};

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_HOSTPROGRAM_H
