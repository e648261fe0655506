//===- HostControl.cpp - `if` and `loop` of the host program --------------===//
//
// All threads take the same way: what decides is read after a barrier, and not
// overwritten before the next one.
//
// What a loop carries lies in two places by turns, so that an iteration reads
// one and writes the other: slots of the arena where the size is known at the
// start, else memory that grows when an iteration needs more. Scan outputs are
// written where they end up, one after the other.
//
//===----------------------------------------------------------------------===//

#include "HostProgram.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

void HostProgram::settle() {
  if (!written.empty() || !read.empty())
    barrier();
}

LogicalResult HostProgram::emitIf(IfOp op) {
  Value byte = readScalar(op.getCondition(), b.getI8Type());
  Value taken = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, byte, arith::ConstantIntOp::create(b, 0, 8));

  // The results' memory and dynamic sizes are arguments of the block after.
  Block *after = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
  Block *before = after->getPrevNode();
  for (Value result : op.getResults()) {
    pointerMap[result] = after->addArgument(pointer, op.getLoc());
    for (int64_t i = 0; i < typeOf(result).getRank(); ++i)
      if (typeOf(result).isDynamicDim(i))
        branchDims[{result, i}] = after->addArgument(b.getIndexType(), op.getLoc());
  }
  Block *starts[2];
  for (auto [i, region] : llvm::enumerate(op->getRegions())) {
    Block *start = new Block;
    after->getParent()->getBlocks().insert(after->getIterator(), start);
    starts[i] = start;
    b.setInsertionPointToEnd(start);
    llvm::DenseSet<Value> writtenBefore = written, readBefore = read;
    if (failed(emitBlock(region.front())))
      return failure();
    settle();
    SmallVector<Value> results;
    for (auto [result, operand] : llvm::zip(op.getResults(), region.front().getTerminator()->getOperands())) {
      results.push_back(address(operand));
      Dims shape = dims.of(operand);
      for (int64_t d = 0; d < typeOf(result).getRank(); ++d)
        if (typeOf(result).isDynamicDim(d))
          results.push_back(size(shape[d]));
    }
    cf::BranchOp::create(b, after, results);
    written = writtenBefore;
    read = readBefore;
  }
  b.setInsertionPointToEnd(before);
  cf::CondBranchOp::create(b, taken, starts[0], ValueRange{}, starts[1], ValueRange{});
  b.setInsertionPointToEnd(after);
  return success();
}

//===-- Memory that grows --------------------------------------------------===//

/// A variable of each thread, which begins with `first`.
Value HostProgram::cell(Type type, Value first) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(prologue->getTerminator());
  Value place = LLVM::AllocaOp::create(b, pointer, type, i64(1), 8);
  LLVM::StoreOp::create(b, first ? first : LLVM::ZeroOp::create(b, type).getResult(), place);
  return place;
}

/// A variable that kernels read as a tensor.
Value HostProgram::loopCell(Type type) {
  if (!device)
    return cell(type, Value());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(prologue->getTerminator());
  return callRuntime("cell", pointer, {runHandle, arith::ConstantIntOp::create(b, numLoopCells++, 32)});
}

void HostProgram::storeCell(Value place, Value value) {
  if (!device) {
    LLVM::StoreOp::create(b, value, place);
    return;
  }
  Value bytes = i64(value.getType().getIntOrFloatBitWidth() / 8);
  Value wide = value.getType() == b.getI64Type() ? value : arith::ExtUIOp::create(b, b.getI64Type(), value).getResult();
  callRuntime("write", {}, {runHandle, place, wide, bytes});
}

HostProgram::Growable HostProgram::makeGrowable() {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(prologue->getTerminator());
  // Nothing has less than no bytes, so the first use allocates.
  return {cell(pointer, Value()), cell(b.getI64Type(), i64(-1))};
}

/// Memory for `bytes`; new memory has twice what there was, or `wanted`, and
/// gets the first `kept` bytes of the old.
Value HostProgram::grown(const Growable &place, Value bytes, Value wanted, Value kept) {
  Value old = loadAt(place.pointer, 0, pointer), capacity = loadAt(place.bytes, 0, b.getI64Type());
  Block *done = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
  Block *start = done->getPrevNode(), *grow = new Block;
  done->getParent()->getBlocks().insert(done->getIterator(), grow);
  Value memory = done->addArgument(pointer, b.getLoc());
  b.setInsertionPointToEnd(start);
  Value isSmall = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, capacity, bytes);
  cf::CondBranchOp::create(b, isSmall, grow, ValueRange{}, done, ValueRange{old});

  b.setInsertionPointToEnd(grow);
  Value twice = arith::MulIOp::create(b, capacity, i64(2));
  Value size = arith::MaxSIOp::create(b, arith::MaxSIOp::create(b, bytes, wanted), twice);
  // Waits for all threads, so that what is copied has been written.
  Value fresh = callRuntime("alloc", pointer, {runHandle, toI64(thread), size});
  exitWhen(LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, fresh, LLVM::ZeroOp::create(b, pointer)));
  if (kept) {
    Block *copied = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
    Block *before = copied->getPrevNode(), *copy = new Block;
    copied->getParent()->getBlocks().insert(copied->getIterator(), copy);
    b.setInsertionPointToEnd(before);
    Value first = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, toI64(thread), i64(0));
    cf::CondBranchOp::create(b, first, copy, ValueRange{}, copied, ValueRange{});
    b.setInsertionPointToEnd(copy);
    if (device)
      callRuntime("copy", {}, {runHandle, fresh, old, kept});
    else
      LLVM::MemcpyOp::create(b, fresh, old, kept, /*isVolatile=*/false);
    cf::BranchOp::create(b, copied);
    b.setInsertionPointToEnd(copied);
    llvm::DenseSet<Value> writtenBefore = written, readBefore = read;
    barrier();
    // The other way has no barrier.
    written = writtenBefore;
    read = readBefore;
  }
  LLVM::StoreOp::create(b, fresh, place.pointer);
  LLVM::StoreOp::create(b, size, place.bytes);
  cf::BranchOp::create(b, done, ValueRange{fresh});
  b.setInsertionPointToEnd(done);
  return memory;
}

//===-- Loops --------------------------------------------------------------===//

/// The number of the carried value that `operand` of the yield passes on as it
/// came, if it does.
static bool passesOn(LoopOp loop, unsigned number, Value memory) {
  return number < loop.getInits().size() && memory == loop.getBody().getArgument(2 + number);
}

void HostProgram::readYields(LoopOp loop) {
  Operation *end = loop.getBody().front().getTerminator();
  for (unsigned number = 0; number < loop.getNumResults(); ++number) {
    Value memory = memoryOf(end->getOperand(1 + number));
    if (!passesOn(loop, number, memory))
      yieldOf[memory] = {loop, number};
  }
}

/// Where the launch that makes a yielded value writes it.
Value HostProgram::loopMemory(LoopOp loop, unsigned number, Value result) {
  LoopState &state = loops[loop];
  Dims shape = dims.of(result);
  int64_t bits = bitsOf(typeOf(result).getElementType());
  size_t carried = loop.getInits().size();
  if (number < carried) {
    auto even = plan.slotOf.find(loop.getResult(number));
    if (even != plan.slotOf.end()) {
      Value odd = slotPointers[plan.slotOf.lookup(loop.getBody().getArgument(2 + number))];
      return arith::SelectOp::create(b, state.isOdd, odd, slotPointers[even->second]);
    }
    const auto &places = state.carried[number];
    Growable place = {arith::SelectOp::create(b, state.isOdd, places[1].pointer, places[0].pointer),
                      arith::SelectOp::create(b, state.isOdd, places[1].bytes, places[0].bytes)};
    Value bytes = bytesOf(shape, bits);
    return grown(place, bytes, bytes, Value());
  }
  size_t scan = number - carried;
  Value yielded = loop.getBody().front().getTerminator()->getOperand(1 + number);
  size_t next = 0;
  for (auto [i, dim] : llvm::enumerate(Dims(dims.of(yielded))))
    if (typeOf(yielded).isDynamicDim(i))
      LLVM::StoreOp::create(b, toI64(size(dim)), state.scannedDims[scan][next++]);
  Value bytes = bytesOf(shape, bits), done = arith::MulIOp::create(b, state.iteration, bytes);
  // A loop that says how often it runs gets memory for that at once, in reason.
  Value several = arith::MinSIOp::create(b, state.count, i64(256));
  Value base =
      grown(state.scanned[scan], arith::AddIOp::create(b, done, bytes), arith::MulIOp::create(b, bytes, several), done);
  return LLVM::GEPOp::create(b, pointer, b.getI8Type(), base, ArrayRef<LLVM::GEPArg>{done});
}

LogicalResult HostProgram::emitLoop(LoopOp op) {
  Block &body = op.getBody().front();
  Operation *end = body.getTerminator();
  size_t carried = op.getInits().size();
  Type i64Type = b.getI64Type(), i8Type = b.getI8Type(), index = b.getIndexType();
  Location loc = op.getLoc();
  for (Value scanned : end->getOperands().drop_front(1 + carried))
    if (bitsOf(typeOf(scanned).getElementType()) < 8)
      return op.emitError("a loop cannot gather elements of ") << typeOf(scanned).getElementType();

  auto isSet = [&](Value byte) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, byte, arith::ConstantIntOp::create(b, 0, 8));
  };
  LoopState state;
  state.count = op.getTripCount() ? readScalar(op.getTripCount(), i64Type) : i64(INT64_MAX);
  Value go = op.getCondition() ? isSet(readScalar(op.getCondition(), i8Type))
                               : arith::ConstantIntOp::create(b, 1, 1).getResult();
  settle();
  for (size_t k = 0; k < carried; ++k)
    state.carried.push_back({makeGrowable(), makeGrowable()});
  for (Value scanned : end->getOperands().drop_front(1 + carried)) {
    state.scanned.push_back(makeGrowable());
    state.scannedDims.emplace_back();
    for (size_t d = 0; d < typeOf(scanned).getNumDynamicDims(); ++d)
      state.scannedDims.back().push_back(cell(i64Type, Value()));
  }
  // A loop in a loop begins anew, in the memory it has.
  Value iterationCell = loopCell(i64Type), conditionCell = loopCell(i8Type);
  if (numLoopCells > 512) // as the runtime has, see transom/program.h
    return op.emitError("more than 256 loops are too many for a GPU");

  // before: -> header(iteration, go, pointer and dims of each carried value)
  // header: -> inside or after; inside: -> header
  Block *after = b.getInsertionBlock()->splitBlock(b.getInsertionPoint());
  Block *before = after->getPrevNode(), *header = new Block, *inside = new Block;
  after->getParent()->getBlocks().insert(after->getIterator(), header);
  after->getParent()->getBlocks().insert(after->getIterator(), inside);
  b.setInsertionPointToEnd(before);
  SmallVector<Value> first = {i64(0), go};
  state.iteration = header->addArgument(i64Type, loc);
  Value goes = header->addArgument(b.getI1Type(), loc);
  for (size_t k = 0; k < carried; ++k) {
    Value init = op.getInits()[k], argument = body.getArgument(2 + k), result = op.getResult(k);
    first.push_back(address(init));
    Value memory = header->addArgument(pointer, loc);
    pointerMap[argument] = memory;
    pointerMap[result] = memory;
    Dims shape = dims.of(init);
    for (int64_t d = 0; d < typeOf(argument).getRank(); ++d) {
      if (!typeOf(argument).isDynamicDim(d))
        continue;
      first.push_back(size(shape[d]));
      Value length = header->addArgument(index, loc);
      branchDims[{argument, d}] = length;
      branchDims[{result, d}] = length;
    }
  }
  cf::BranchOp::create(b, header, first);

  b.setInsertionPointToEnd(header);
  Value more = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, state.iteration, state.count);
  cf::CondBranchOp::create(b, arith::AndIOp::create(b, more, goes), inside, ValueRange{}, after, ValueRange{});

  b.setInsertionPointToEnd(inside);
  Value bit = arith::AndIOp::create(b, state.iteration, i64(1));
  state.isOdd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit, i64(0));
  storeCell(iterationCell, state.iteration);
  storeCell(conditionCell, arith::ConstantIntOp::create(b, 1, 8));
  pointerMap[body.getArgument(0)] = iterationCell;
  pointerMap[body.getArgument(1)] = conditionCell;
  loops[op] = state;
  if (failed(emitBlock(body)))
    return failure();
  b.setLoc(loc);
  settle();
  SmallVector<Value> next = {arith::AddIOp::create(b, state.iteration, i64(1)),
                             isSet(readScalar(end->getOperand(0), i8Type))};
  settle();
  for (size_t k = 0; k < carried; ++k) {
    Value yielded = end->getOperand(1 + k), argument = body.getArgument(2 + k);
    next.push_back(address(yielded));
    Dims shape = dims.of(yielded);
    for (int64_t d = 0; d < typeOf(argument).getRank(); ++d)
      if (typeOf(argument).isDynamicDim(d))
        next.push_back(size(shape[d]));
  }
  cf::BranchOp::create(b, header, next);

  b.setInsertionPointToEnd(after);
  for (size_t scan = 0; scan < state.scanned.size(); ++scan) {
    Value result = op.getResult(carried + scan);
    pointerMap[result] = loadAt(state.scanned[scan].pointer, 0, pointer);
    RankedTensorType inner = typeOf(end->getOperand(1 + carried + scan));
    branchDims[{result, 0}] = arith::IndexCastOp::create(b, index, state.iteration);
    size_t dynamic = 0;
    for (int64_t d = 0; d < inner.getRank(); ++d)
      if (inner.isDynamicDim(d))
        branchDims[{result, d + 1}] =
            arith::IndexCastOp::create(b, index, loadAt(state.scannedDims[scan][dynamic++], 0, i64Type));
  }
  return success();
}
