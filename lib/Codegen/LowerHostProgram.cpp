//===- LowerHostProgram.cpp - the entry function to `run` and `prepare` ---===//
//
// Expects kernels lowered for the target and an entry function of launches,
// sizes, views, `if` and `loop`. Afterwards the module holds `run` and `prepare` as
// transom/program.h describes them, with the signature as attributes of `run`
// (`transformer.inputs`, `outputs`, `symbols`, `sites`) and the constants that
// kernels are handed as `transformer.weights` of the module.
//
// Sizes that follow from the signature's symbols are computed at the start, and
// everything that can be wrong with them is found there.
//
//===----------------------------------------------------------------------===//

#include "HostProgram.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "transom/Codegen/Passes.h"
#include "transom/program.h"
#include <set>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_LOWERHOSTPROGRAM
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

//===-- Sizes -------------------------------------------------------------===//

Value HostProgram::size(Dim dim) {
  if (auto number = SizeArith::asConstant(dim))
    return arith::ConstantIndexOp::create(b, *number);
  return size(cast<Value>(dim));
}

/// Index arithmetic, divisions by zero made harmless: a zero-length dim gives
/// sizes that are zero too.
Value HostProgram::copySize(Operation *op, Value index) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(size(operand));
  if (isa<arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::RemSIOp, arith::DivUIOp, arith::RemUIOp>(
          op)) {
    Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
    Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, operands[1], zero);
    operands[1] = arith::SelectOp::create(b, isZero, one, operands[1]);
  }
  Operation *copy = b.insert(op->clone());
  copy->setOperands(operands);
  copy->setLoc(b.getLoc());
  return copy->getResult(cast<OpResult>(index).getResultNumber());
}

Value HostProgram::size(Value index) {
  auto found = sizeMap.find(index);
  if (found != sizeMap.end())
    return found->second;
  Operation *op = index.getDefiningOp();
  Value result;
  OpBuilder::InsertionGuard guard(b);
  if (isKnown(index))
    b.setInsertionPoint(prologue->getTerminator());
  auto symbol = [&](Value argument, int64_t dim) {
    unsigned number = symbolOf.lookup({cast<BlockArgument>(argument).getArgNumber(), dim});
    return arith::IndexCastOp::create(b, b.getIndexType(), loadAt(symbolValues, number, b.getI64Type()));
  };
  if (!op) {
    result = symbol(index, -1);
  } else if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    Value source = dim.getSource();
    int64_t i = *dim.getConstantIndex();
    if (isEntryArgument(source)) {
      result = symbol(source, i);
    } else if (Value merged = branchDims.lookup({source, i})) {
      result = merged;
    } else {
      result = size(dims.of(source)[i]);
    }
  } else {
    result = copySize(op, index);
  }
  return sizeMap[index] = result;
}

Value HostProgram::bytesOf(const Dims &shape, int64_t bits) {
  Value total = i64(1);
  for (Dim dim : shape)
    total = arith::MulIOp::create(b, total, toI64(size(dim)));
  if (bits < 8)
    return arith::CeilDivUIOp::create(b, total, i64(8 / bits));
  return arith::MulIOp::create(b, total, i64(bits / 8));
}

Value HostProgram::slotBytes(unsigned slot) {
  Value largest;
  std::set<std::vector<void *>> seen;
  for (const ArenaValue *value : plan.slots[slot]) {
    std::vector<void *> key = {reinterpret_cast<void *>(value->elementBits)};
    for (Dim dim : value->dims)
      key.push_back(dim.getOpaqueValue());
    if (!seen.insert(key).second)
      continue;
    Value bytes = bytesOf(value->dims, value->elementBits);
    largest = largest ? arith::MaxSIOp::create(b, largest, bytes).getResult() : bytes;
  }
  Value padded = arith::AddIOp::create(b, largest, i64(63));
  return arith::AndIOp::create(b, padded, i64(~int64_t(63)));
}

//===-- prepare -----------------------------------------------------------===//

void HostProgram::emitPrepare() {
  auto prepare = func::FuncOp::create(module.getLoc(), prefix + "prepare",
                                      b.getFunctionType({pointer, pointer}, {b.getI64Type()}));
  module.getBody()->push_back(prepare);
  prologue = prepare.addEntryBlock();
  b.setInsertionPointToEnd(prologue);
  auto end = func::ReturnOp::create(b, ValueRange{i64(0)});
  b.setInsertionPoint(end);
  sizeMap.clear();
  symbolValues = prepare.getArgument(0);
  // Sizes once more in f64, which shows when i64 has overflowed.
  Type f64 = b.getF64Type();
  auto real = [&](double value) { return arith::ConstantOp::create(b, b.getF64FloatAttr(value)).getResult(); };
  Value estimate = real(0), least = i64(0);
  auto consider = [&](const Dims &shape, int64_t bits) {
    Value product = real(bits / 8.0);
    for (Dim dim : shape) {
      Value length = toI64(size(dim));
      least = arith::MinSIOp::create(b, least, length);
      product = arith::MulFOp::create(b, product, arith::SIToFPOp::create(b, f64, length));
    }
    estimate = arith::AddFOp::create(b, estimate, product);
  };
  Value total = i64(0);
  for (unsigned slot = 0; slot < plan.slots.size(); ++slot)
    total = arith::AddIOp::create(b, total, slotBytes(slot));
  for (const ArenaValue &value : values)
    consider(value.dims, value.elementBits);
  int64_t place = 0;
  auto tell = [&](Value number) {
    LLVM::StoreOp::create(b, number, at(prepare.getArgument(1), place++, b.getI64Type()));
  };
  for (Value operand : outputs) {
    Dims shape = dims.of(operand);
    if (isKnown(shape))
      consider(shape, bitsOf(typeOf(operand).getElementType()));
    for (Dim dim : shape) {
      bool given = isa<Attribute>(dim) || isKnown(cast<Value>(dim));
      tell(given ? toI64(size(dim)) : i64(-1));
    }
  }
  if (newLength)
    tell(isKnown(newLength) ? toI64(size(newLength)) : i64(-1));
  Value fits = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, estimate, real(4.6e18));
  Value valid = arith::AndIOp::create(b, fits, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, least, i64(0)));
  end->setOperand(0, arith::SelectOp::create(b, valid, total, i64(-1)));
}

//===-- run ---------------------------------------------------------------===//

void HostProgram::exitWhen(Value condition) {
  Block *next = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
  b.setInsertionPointToEnd(next->getPrevNode());
  cf::CondBranchOp::create(b, condition, exit, ValueRange{}, next, ValueRange{});
  b.setInsertionPointToEnd(next);
}

/// An element that the host has to know, on every thread.
Value HostProgram::readElement(Value tensor, int64_t position, Type storage) {
  if (Value memory = pointerMap.lookup(memoryOf(tensor))) {
    if (written.contains(memory))
      barrier();
    read.insert(memory);
  }
  Value base = address(tensor);
  if (!device)
    return loadAt(base, position, storage);
  Value room;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(prologue->getTerminator());
    room = LLVM::AllocaOp::create(b, pointer, b.getI64Type(), i64(1), 8);
  }
  Value bytes = i64(storage.getIntOrFloatBitWidth() / 8);
  Value stopped = callRuntime("read", b.getI32Type(), {runHandle, at(base, position, storage), bytes, room});
  exitWhen(arith::CmpIOp::create(b, arith::CmpIPredicate::ne, stopped, arith::ConstantIntOp::create(b, 0, 32)));
  return loadAt(room, 0, storage);
}

void HostProgram::barrier(std::optional<int64_t> site) {
  // A stream has an order.
  if (device) {
    if (site)
      callRuntime("profile", {}, {runHandle, toI64(thread), arith::ConstantIntOp::create(b, *site, 32)});
    written.clear();
    read.clear();
    return;
  }
  Value stopped;
  if (site)
    stopped =
        call("transom_rt_next", b.getI32Type(), {runHandle, toI64(thread), arith::ConstantIntOp::create(b, *site, 32)});
  else
    stopped = call("transom_rt_barrier", b.getI32Type(), {runHandle});
  exitWhen(arith::CmpIOp::create(b, arith::CmpIPredicate::ne, stopped, arith::ConstantIntOp::create(b, 0, 32)));
  written.clear();
  read.clear();
}

/// Waits where something reads what has been written, or writes what has been
/// read or written, since the last barrier. From here on the time is `site`'s.
void HostProgram::synchronise(ArrayRef<Value> reads, ArrayRef<Value> writes, int64_t site) {
  // Results of `if`, and what a loop carries, may be any memory.
  bool opaque = llvm::any_of(read, [](Value memory) { return isa<BlockArgument>(memory); });
  bool conflict = (opaque && !writes.empty()) ||
                  llvm::any_of(reads, [&](Value memory) { return written.contains(memory); }) ||
                  llvm::any_of(writes, [&](Value memory) { return written.contains(memory) || read.contains(memory); });
  if (conflict)
    barrier(site);
  else
    callRuntime("profile", {}, {runHandle, toI64(thread), arith::ConstantIntOp::create(b, site, 32)});
  read.insert(reads.begin(), reads.end());
  written.insert(writes.begin(), writes.end());
}

Value HostProgram::address(Value tensor, Attribute layout) {
  Value memory = memoryOf(tensor);
  if (isWeight(memory.getDefiningOp()))
    return LLVM::GEPOp::create(b, pointer, b.getI8Type(), weightsBase,
                               ArrayRef<LLVM::GEPArg>{i64(weight(memory, layout))});
  Value found = pointerMap.lookup(memory);
  assert(found && "read before it is made");
  return found;
}

void HostProgram::emitCheck(CheckSizesOp check) {
  Value l = size(check.getLhs()), r = size(check.getRhs());
  Value bad = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, l, r);
  if (check.getBroadcast()) {
    Value one = arith::ConstantIndexOp::create(b, 1);
    for (Value side : {l, r})
      bad = arith::AndIOp::create(b, bad, arith::CmpIOp::create(b, arith::CmpIPredicate::ne, side, one));
  }
  // All threads see the same sizes: each reports and leaves at once.
  Block *next = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
  Block *report = new Block;
  next->getParent()->getBlocks().insert(next->getIterator(), report);
  b.setInsertionPointToEnd(report->getPrevNode());
  cf::CondBranchOp::create(b, bad, report, ValueRange{}, next, ValueRange{});
  b.setInsertionPointToEnd(report);
  Value kind = arith::ConstantIntOp::create(b, TRANSOM_FAIL_SHAPE, 32);
  Value place = arith::ConstantIntOp::create(b, site(check.getLoc()), 32);
  call("transom_rt_fail", {}, {runHandle, kind, place, toI64(l), toI64(r)});
  cf::BranchOp::create(b, exit);
  b.setInsertionPointToEnd(next);
}

void HostProgram::emitToIndex(ToIndexOp op) {
  Type element = typeOf(op.getInput()).getElementType();
  Type storage = IntegerType::get(context, bitsOf(element));
  Value number = readElement(op.getInput(), op.getPosition(), storage);
  sizeMap[op.getResult()] = element.isUnsignedInteger() || element.isInteger(1)
                                ? arith::IndexCastUIOp::create(b, b.getIndexType(), number).getResult()
                                : arith::IndexCastOp::create(b, b.getIndexType(), number).getResult();
}

LogicalResult HostProgram::emitLaunch(LaunchOp launch) {
  auto kernel = module.lookupSymbol<func::FuncOp>(launch.getKernel());
  if (!kernel)
    return launch.emitOpError("launches no known kernel");
  SmallVector<Value> operands, integers, reads, writes;
  for (auto [i, input] : llvm::enumerate(launch.getInputs())) {
    if (input.getType().isIndex()) {
      integers.push_back(size(input));
      continue;
    }
    operands.push_back(address(input, kernel.getArgAttr(i, "transformer.panels")));
    Value memory = memoryOf(input);
    if (!isWeight(memory.getDefiningOp()) && !isa<BlockArgument>(memory))
      reads.push_back(pointerMap.lookup(memory));
  }
  for (Value result : launch.getResults()) {
    Dims shape = dims.of(result);
    Value memory;
    auto output = outputOf.find(result);
    if (auto written = kernel->getAttrOfType<IntegerAttr>("transformer.in_place")) {
      memory = address(launch.getInputs()[written.getInt()]);
    } else if (auto next = replacedBy.find(result); next != replacedBy.end()) {
      memory = loadAt(frameNextStates, next->second, pointer);
    } else if (auto yield = yieldOf.find(result); yield != yieldOf.end()) {
      memory = loopMemory(yield->second.first, yield->second.second, result);
    } else if (auto slot = plan.slotOf.find(result); slot != plan.slotOf.end()) {
      memory = slotPointers[slot->second];
    } else if (output != outputOf.end() && isKnown(shape)) {
      memory = loadAt(frameOutputs, output->second, pointer);
    } else if (output != outputOf.end()) {
      Dims outputShape = dims.of(outputs[output->second]);
      Value length = i64(std::max<size_t>(outputShape.size(), 1));
      Value array = LLVM::AllocaOp::create(b, pointer, b.getI64Type(), length, 8);
      for (auto [i, dim] : llvm::enumerate(outputShape))
        LLVM::StoreOp::create(b, toI64(size(dim)), at(array, i, b.getI64Type()));
      Value number = arith::ConstantIntOp::create(b, output->second, 32);
      memory = callRuntime("output", pointer, {runHandle, toI64(thread), number, array});
    } else if (launch->getParentOfType<LoopOp>()) {
      // One place for all iterations.
      Value bytes = bytesOf(shape, bitsOf(typeOf(result).getElementType()));
      memory = grown(growables.try_emplace(result, makeGrowable()).first->second, bytes, bytes, Value());
    } else {
      Value bytes = bytesOf(shape, bitsOf(typeOf(result).getElementType()));
      memory = callRuntime("alloc", pointer, {runHandle, toI64(thread), bytes});
    }
    if (memory.getDefiningOp<LLVM::CallOp>()) { // contains a barrier
      Value null = LLVM::ZeroOp::create(b, pointer);
      exitWhen(LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, memory, null));
      written.clear();
      read.clear();
    }
    pointerMap[result] = memory;
    operands.push_back(memory);
    writes.push_back(memory);
  }
  int64_t number = site(launch.getLoc());
  synchronise(reads, writes, number);
  operands.append(integers);
  operands.append({arith::ConstantIndexOp::create(b, number), thread, threads, runHandle});
  func::CallOp::create(b, kernel, operands);
  return success();
}

LogicalResult HostProgram::emitBlock(Block &block) {
  for (Operation &op : block) {
    b.setLoc(op.getLoc());
    if (auto launch = dyn_cast<LaunchOp>(op)) {
      if (failed(emitLaunch(launch)))
        return failure();
    } else if (auto branch = dyn_cast<IfOp>(op)) {
      if (failed(emitIf(branch)))
        return failure();
    } else if (auto loop = dyn_cast<LoopOp>(op)) {
      if (failed(emitLoop(loop)))
        return failure();
    } else if (auto check = dyn_cast<CheckSizesOp>(op)) {
      if (!isEarly(check))
        emitCheck(check);
    } else if (auto toIndex = dyn_cast<ToIndexOp>(op)) {
      emitToIndex(toIndex);
    } else if (isa<arith::ArithDialect>(op.getDialect()) && op.getNumResults() == 1) {
      size(op.getResult(0));
    }
  }
  return success();
}

LogicalResult HostProgram::emitRun() {
  auto run = func::FuncOp::create(module.getLoc(), prefix + "run",
                                  b.getFunctionType({pointer, b.getI64Type(), b.getI64Type()}, {}));
  module.getBody()->push_back(run);
  prologue = run.addEntryBlock();
  Block *body = run.addBlock();
  exit = run.addBlock();
  sizeMap.clear();
  b.setInsertionPointToEnd(exit);
  func::ReturnOp::create(b);
  b.setInsertionPointToEnd(prologue);
  Value frame = run.getArgument(0);
  thread = arith::IndexCastOp::create(b, b.getIndexType(), run.getArgument(1));
  threads = arith::IndexCastOp::create(b, b.getIndexType(), run.getArgument(2));
  // The fields of TransomFrame.
  Value frameInputs = loadAt(frame, 0, pointer);
  frameOutputs = loadAt(frame, 1, pointer);
  symbolValues = loadAt(frame, 2, pointer);
  Value arena = loadAt(frame, 3, pointer);
  weightsBase = loadAt(frame, 4, pointer);
  runHandle = loadAt(frame, 5, pointer);
  for (auto [i, argument] : llvm::enumerate(inputs))
    pointerMap[argument] = loadAt(frameInputs, i, pointer);
  if (!states.empty()) {
    Value frameStates = loadAt(frame, 6, pointer);
    for (auto [i, argument] : llvm::enumerate(states))
      pointerMap[argument] = loadAt(frameStates, i, pointer);
    frameNextStates = loadAt(frame, 7, pointer);
  }
  auto branch = cf::BranchOp::create(b, body);
  b.setInsertionPoint(branch);
  Value offset = i64(0);
  for (unsigned slot = 0; slot < plan.slots.size(); ++slot) {
    slotPointers.push_back(LLVM::GEPOp::create(b, pointer, b.getI8Type(), arena, ArrayRef<LLVM::GEPArg>{offset}));
    offset = arith::AddIOp::create(b, offset, slotBytes(slot));
  }
  b.setInsertionPointToEnd(body);
  for (CheckSizesOp check : entry.getBody().front().getOps<CheckSizesOp>())
    if (isEarly(check))
      emitCheck(check);
  if (failed(emitBlock(entry.getBody().front())))
    return failure();
  cf::BranchOp::create(b, exit);
  setAttributes(run);
  return success();
}

LogicalResult HostProgram::lower() {
  if (failed(analyse()))
    return failure();
  emitPrepare();
  if (failed(emitRun()))
    return failure();
  entry.erase();
  return success();
}

namespace {

struct LowerHostProgram : transom::impl::LowerHostProgramBase<LowerHostProgram> {
  using LowerHostProgramBase::LowerHostProgramBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    HostWeights weights;
    bool first = true;
    for (func::FuncOp function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (!function->hasAttr("transformer.entry"))
        continue;
      std::string prefix = first ? "" : function.getName().str() + "_";
      first = false;
      if (failed(HostProgram(module, function, prefix, weights, device).lower()))
        return signalPassFailure();
    }
    module->setAttr("transformer.weights", ArrayAttr::get(module.getContext(), weights.list));
  }
};

} // namespace
