//===- KernelBuilder.cpp - loops, memory and tensors of a kernel ----------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

/// Forgets, at its end, the elements made since its start.
struct KernelBuilder::Scope {
  explicit Scope(KernelBuilder &kb) : kb(kb), saved(kb.known) {}
  ~Scope() { kb.known = std::move(saved); }
  KernelBuilder &kb;
  std::map<Key, Value> saved;
};

KernelBuilder::KernelBuilder(func::FuncOp kernel, func::FuncOp lowered, CPUShape shape, bool threadsAreArguments)
    : b(lowered.getLoc(), lowered.getContext()), shape(shape), kernel(kernel), lowered(lowered),
      sizeBuilder(lowered.getContext()), sizes(sizeBuilder), dims(sizes), entry(&lowered.getBody().front()) {
  b.setInsertionPointToEnd(entry);
  start = arith::ConstantIndexOp::create(b, 0);
  sizeBuilder.setInsertionPoint(start);

  SmallVector<Value> arguments(entry->getArguments());
  run = arguments.pop_back_val();
  if (threadsAreArguments) {
    threads = arguments.pop_back_val();
    thread = arguments.pop_back_val();
  }
  site = arguments.pop_back_val();
  returned = llvm::to_vector(kernel.getBody().front().getTerminator()->getOperands());
  // tensors, results, sizes: the kernel's arguments with the results between.
  FunctionType type = kernel.getFunctionType();
  size_t numTensors = llvm::count_if(type.getInputs(), [](Type t) { return isa<RankedTensorType>(t); });
  size_t numOutputs = type.getNumResults();
  auto sizeArgument = [&](int64_t number) { return arguments[number + numOutputs]; };
  auto setDims = [&](Value tensor, DenseI64ArrayAttr numbers) {
    Dims shape;
    auto tensorType = cast<RankedTensorType>(tensor.getType());
    for (auto [i, number] : llvm::enumerate(numbers.asArrayRef()))
      shape.push_back(number < 0 ? sizes.constant(tensorType.getDimSize(i)) : Dim(sizeArgument(number)));
    dims.set(tensor, shape);
  };
  for (auto [i, argument] : llvm::enumerate(kernel.getArguments())) {
    if (i < numTensors) {
      pointers[argument] = arguments[i];
      if (auto layout = kernel.getArgAttrOfType<DenseI64ArrayAttr>(i, "transformer.panels"))
        panels[argument] = layout;
      setDims(argument, kernel.getArgAttrOfType<DenseI64ArrayAttr>(i, "transformer.sizes"));
    } else {
      pointers[argument] = sizeArgument(i);
    }
  }
  for (size_t i = 0; i < numOutputs; ++i) {
    resultPointers.push_back(arguments[numTensors + i]);
    if (kernel.getResultAttr(i, "transformer.scratch"))
      continue;
    ++numResults;
    if (!pointers.contains(returned[i]))
      setDims(returned[i], kernel.getResultAttrOfType<DenseI64ArrayAttr>(i, "transformer.sizes"));
  }
  // Sizes that the kernel's ops take are its index arguments.
  for (Operation &op : kernel.getBody().front())
    for (OpOperand &operand : op.getOpOperands())
      if (operand.get().getType().isIndex())
        if (Value size = pointers.lookup(operand.get()))
          operand.set(size);
  returned.truncate(numResults);
  // What follows an anchor has its dims, which its own operands need not show: a convolution's are computed.
  if (Operation *anchor = findAnchor(); anchor && anchor->getResult(0) != returned[0]) {
    Dims outer = dims.of(returned[0]), inner = outer;
    if (auto transpose = returned[0].getDefiningOp<TransposeOp>())
      for (auto [i, axis] : llvm::enumerate(transpose.getPerm()))
        inner[axis] = outer[i];
    dims.set(anchor->getResult(0), inner);
  }
}

Operation *KernelBuilder::findAnchor() {
  Operation *anchor = nullptr;
  for (Operation &op : kernel.getBody().front())
    if (isa<ReduceOp, ArgReduceOp, SoftmaxOp, LayerNormOp, RMSNormOp, CumSumOp, MatMulOp, LinearOp, MatMulIntegerOp,
            LinearNBitsOp, AttentionOp, LinearAttentionOp, MoEOp, KVWriteOp, ScatterElementsOp, ScatterNDOp, TopKOp,
            NonZeroOp, ConvOp, PoolOp, ResizeOp, ConcatOp>(op))
      anchor = &op;
  return anchor;
}

LinearOp KernelBuilder::partnerOf(LinearOp anchor) {
  for (LinearOp other : kernel.getBody().front().getOps<LinearOp>())
    if (other != anchor)
      return other;
  return {};
}

//===-- Numbers -----------------------------------------------------------===//

Value KernelBuilder::index(int64_t value) { return sizes.value(b.getLoc(), sizes.constant(value)); }
Value KernelBuilder::index(Dim dim) {
  // Index constants of the kernel on tensors are made anew.
  if (auto number = getConstantIntValue(dim))
    return index(*number);
  return sizes.value(b.getLoc(), dim);
}

static std::optional<int64_t> constant(Value value) { return getConstantIntValue(value); }

Value KernelBuilder::add(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (ca && cc)
    return index(*ca + *cc);
  if (ca == 0)
    return c;
  if (cc == 0)
    return a;
  return arith::AddIOp::create(b, a, c, arith::IntegerOverflowFlags::nsw);
}
Value KernelBuilder::sub(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (ca && cc)
    return index(*ca - *cc);
  if (cc == 0)
    return a;
  return arith::SubIOp::create(b, a, c, arith::IntegerOverflowFlags::nsw);
}
Value KernelBuilder::mul(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (ca && cc)
    return index(*ca * *cc);
  if (ca == 0 || cc == 0)
    return index(0);
  if (ca == 1)
    return c;
  if (cc == 1)
    return a;
  return arith::MulIOp::create(b, a, c, arith::IntegerOverflowFlags::nsw);
}
Value KernelBuilder::div(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (cc == 1)
    return a;
  if (ca && cc && *cc > 0)
    return index(*ca / *cc);
  return arith::DivUIOp::create(b, a, c);
}
Value KernelBuilder::rem(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (cc == 1)
    return index(0);
  if (ca && cc && *cc > 0)
    return index(*ca % *cc);
  return arith::RemUIOp::create(b, a, c);
}
Value KernelBuilder::min(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (ca && cc)
    return index(std::min(*ca, *cc));
  return arith::MinSIOp::create(b, a, c);
}
Value KernelBuilder::max(Value a, Value c) {
  auto ca = constant(a), cc = constant(c);
  if (ca && cc)
    return index(std::max(*ca, *cc));
  return arith::MaxSIOp::create(b, a, c);
}
Value KernelBuilder::ceilDiv(Value a, int64_t c) { return div(add(a, index(c - 1)), index(c)); }
Value KernelBuilder::sizeOfPart(Value whole, Value first, int64_t most) {
  std::optional<int64_t> known = getConstantIntValue(whole);
  return known && *known % most == 0 ? index(most) : min(sub(whole, first), index(most));
}

Value KernelBuilder::less(Value a, Value c) { return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, a, c); }
Value KernelBuilder::equal(Value a, Value c) { return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, a, c); }
Value KernelBuilder::both(Value a, Value c) { return arith::AndIOp::create(b, a, c); }
Value KernelBuilder::select(Value condition, Value a, Value c) {
  return a == c ? a : arith::SelectOp::create(b, condition, a, c).getResult();
}
Value KernelBuilder::toI64(Value index) { return arith::IndexCastOp::create(b, b.getI64Type(), index); }
Value KernelBuilder::toIndex(Value integer, bool isUnsigned) {
  if (integer.getType().isIndex())
    return integer;
  if (isUnsigned)
    return arith::IndexCastUIOp::create(b, b.getIndexType(), integer);
  return arith::IndexCastOp::create(b, b.getIndexType(), integer);
}

//===-- Control -----------------------------------------------------------===//

void KernelBuilder::loop(Value from, Value to, Value step, llvm::function_ref<void(Value)> body) {
  Scope scope(*this);
  auto loop = scf::ForOp::create(b, from, to, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> KernelBuilder::loop(Value from, Value to, Value step, ValueRange carried,
                                       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  Scope scope(*this);
  auto loop = scf::ForOp::create(b, from, to, step, carried);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    scf::YieldOp::create(b, next);
  }
  return SmallVector<Value>(loop.getResults());
}

Value KernelBuilder::search(Value from, Value to, int64_t step, llvm::function_ref<Value(Value)> stops) {
  Value constant = index(step);
  auto before = [&](OpBuilder &, Location, ValueRange at) {
    Scope scope(*this);
    Value isInside = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, at[0], to);
    // What lies at `to` is not looked at.
    Value goesOn = choose(
        isInside,
        [&] { return arith::XOrIOp::create(b, stops(at[0]), arith::ConstantOp::create(b, b.getBoolAttr(true))); },
        [&] { return isInside; });
    scf::ConditionOp::create(b, goesOn, at);
  };
  auto after = [&](OpBuilder &, Location, ValueRange at) { scf::YieldOp::create(b, add(at[0], constant)); };
  return scf::WhileOp::create(b, TypeRange{b.getIndexType()}, ValueRange{from}, before, after).getResult(0);
}

void KernelBuilder::when(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(b, TypeRange(), condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(b);
  {
    Scope scope(*this);
    b.setInsertionPointToStart(branch.thenBlock());
    then();
  }
  if (!otherwise)
    return;
  Scope scope(*this);
  b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

void KernelBuilder::dispatch(Value count, int64_t most, llvm::function_ref<void(int64_t)> body) {
  auto cases = llvm::to_vector(llvm::seq_inclusive<int64_t>(1, most));
  auto branch = scf::IndexSwitchOp::create(b, TypeRange(), count, cases, most);
  OpBuilder::InsertionGuard guard(b);
  auto write = [&](Region &region, llvm::function_ref<void()> inside) {
    Scope scope(*this);
    b.setInsertionPointToStart(&region.emplaceBlock());
    inside();
    scf::YieldOp::create(b);
  };
  for (auto [region, number] : llvm::zip_equal(branch.getCaseRegions(), cases))
    write(region, [&] { body(number); });
  write(branch.getDefaultRegion(), [] {});
}

Value KernelBuilder::choose(Value condition, llvm::function_ref<Value()> then, llvm::function_ref<Value()> otherwise) {
  return chooseAll(
      condition, [&] { return SmallVector<Value>{then()}; }, [&] { return SmallVector<Value>{otherwise()}; })[0];
}

SmallVector<Value> KernelBuilder::chooseAll(Value condition, llvm::function_ref<SmallVector<Value>()> then,
                                            llvm::function_ref<SmallVector<Value>()> otherwise) {
  // The types are known when the first branch is built.
  OpBuilder::InsertionGuard guard(b);
  Block *thenBlock = new Block, *elseBlock = new Block;
  auto write = [&](Block *block, llvm::function_ref<SmallVector<Value>()> make) {
    Scope scope(*this);
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(block);
    return llvm::to_vector(scf::YieldOp::create(b, make()).getOperandTypes());
  };
  // Blocks need a parent while they are filled.
  auto shell = scf::IfOp::create(b, TypeRange(), condition, true);
  shell.thenBlock()->erase();
  shell.elseBlock()->erase();
  shell.getThenRegion().push_back(thenBlock);
  shell.getElseRegion().push_back(elseBlock);
  SmallVector<Type> types = write(thenBlock, then);
  write(elseBlock, otherwise);
  b.setInsertionPoint(shell);
  auto branch = scf::IfOp::create(b, types, condition, true);
  branch.getThenRegion().takeBody(shell.getThenRegion());
  branch.getElseRegion().takeBody(shell.getElseRegion());
  shell.erase();
  return SmallVector<Value>(branch.getResults());
}

void KernelBuilder::nest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body) {
  Index at;
  std::function<void()> descend = [&] {
    if (at.size() == dims.size())
      return body(at);
    loop(dims[at.size()], [&](Value i) {
      at.push_back(i);
      descend();
      at.pop_back();
    });
  };
  descend();
}

std::pair<Value, Value> KernelBuilder::share(Value count) {
  if (onFirstThreadOnly)
    return {select(equal(thread, index(0)), index(0), count), count};
  // Contiguous parts whose sizes differ by at most one.
  Value from = div(mul(count, thread), threads);
  Value to = div(mul(count, add(thread, index(1))), threads);
  return {from, to};
}

void KernelBuilder::parallelNest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body, unsigned inner) {
  if (dims.empty())
    return onFirstThread([&] { body({}); });
  unsigned outer = dims.size() > inner ? dims.size() - inner : 0;
  bool single = llvm::all_of(dims.take_front(outer), [](Value dim) { return constant(dim) == 1; });
  if (single && outer == dims.size())
    return onFirstThread([&] { body(Index(outer, index(0))); });
  if (single) {
    auto [from, to] = share(dims[outer]);
    loop(from, to, index(1), [&](Value i) {
      Index at(outer, index(0));
      at.push_back(i);
      nest(dims.drop_front(outer + 1), [&](ArrayRef<Value> rest) {
        Index all = at;
        all.append(rest.begin(), rest.end());
        body(all);
      });
    });
    return;
  }
  Value rows = index(1);
  for (Value dim : dims.take_front(outer))
    rows = mul(rows, dim);
  auto [from, to] = share(rows);
  loop(from, to, index(1), [&](Value row) {
    Index at = delinear(row, dims.take_front(outer));
    nest(dims.drop_front(outer), [&](ArrayRef<Value> rest) {
      Index all = at;
      all.append(rest.begin(), rest.end());
      body(all);
    });
  });
}

void KernelBuilder::onFirstThread(llvm::function_ref<void()> body) { when(equal(thread, index(0)), body); }

void KernelBuilder::barrier() {
  LLVM::CallOp::create(b, TypeRange{b.getI32Type()}, "transom_rt_barrier", ValueRange{run});
}

void KernelBuilder::fail(int32_t kind, Value value, Value limit) {
  Value number = arith::ConstantIntOp::create(b, kind, 32);
  Value place = arith::TruncIOp::create(b, b.getI32Type(), toI64(site));
  LLVM::CallOp::create(b, TypeRange{}, "transom_rt_fail", ValueRange{run, number, place, toI64(value), toI64(limit)});
}

//===-- Positions ---------------------------------------------------------===//

Value KernelBuilder::linear(ArrayRef<Value> at, ArrayRef<Value> dims) {
  Value position = index(0);
  for (auto [i, dim] : llvm::zip(at, dims))
    position = add(mul(position, dim), i);
  return position;
}

Index KernelBuilder::delinear(Value position, ArrayRef<Value> dims) {
  Index at(dims.size());
  for (size_t i = dims.size(); i-- > 0;) {
    if (constant(dims[i]) == 1) {
      at[i] = index(0);
    } else if (llvm::all_of(dims.take_front(i), [](Value dim) { return constant(dim) == 1; })) {
      at[i] = position;
      position = index(0);
    } else {
      at[i] = rem(position, dims[i]);
      position = div(position, dims[i]);
    }
  }
  return at;
}

//===-- Tensors -----------------------------------------------------------===//

SmallVector<Value> KernelBuilder::dimsOf(Value tensor) {
  SmallVector<Value> values;
  for (Dim dim : Dims(dims.of(tensor)))
    values.push_back(index(dim));
  return values;
}

Value KernelBuilder::argument(Value tensor) { return pointers.lookup(tensor); }

/// The argument that a product's weight is, or is a transpose of.
static Value untransposed(Value rhs) {
  while (auto transpose = rhs.getDefiningOp<TransposeOp>())
    rhs = transpose.getInput();
  return rhs;
}

Value KernelBuilder::packedWeight(Value rhs) { return argument(untransposed(rhs)); }

bool KernelBuilder::isPackedWeight(Value rhs) { return panels.contains(untransposed(rhs)); }

int64_t KernelBuilder::packedColumns(Value rhs) { return panels.lookup(untransposed(rhs))[0]; }

void KernelBuilder::bind(Value tensor, ArrayRef<Value> at, Value value) {
  std::vector<void *> key;
  for (Value i : at)
    key.push_back(i.getAsOpaquePointer());
  known[{tensor.getAsOpaquePointer(), key}] = value;
}

Value KernelBuilder::position(Value argument, ArrayRef<Value> at) {
  DenseI64ArrayAttr layout = panels.lookup(argument);
  if (!layout)
    return linear(at, dimsOf(argument));
  // A matrix: panels of columns one after the other, each with all of K.
  bool transposed = layout[1];
  Value columns = index(layout[0]), n = at[transposed ? 0 : 1], k = at[transposed ? 1 : 0];
  Value depth = dimsOf(argument)[transposed ? 1 : 0];
  assert(layout[2] == 1 && "tables are looked up in panels of floats");
  Value panel = mul(div(n, columns), mul(depth, columns));
  return add(add(panel, mul(k, columns)), rem(n, columns));
}

Value KernelBuilder::element(Value tensor, ArrayRef<Value> at) {
  std::vector<void *> key;
  for (Value i : at)
    key.push_back(i.getAsOpaquePointer());
  auto found = known.find({tensor.getAsOpaquePointer(), key});
  if (found != known.end())
    return found->second;
  Value value;
  if (pointers.contains(tensor)) {
    value = load(pointers.lookup(tensor), position(tensor, at), elementOf(tensor));
  } else {
    // What is computed on the way is its own node's, for debuggers.
    Location anchor = b.getLoc();
    b.setLoc(tensor.getLoc());
    value = elementOfOp(tensor.getDefiningOp(), at);
    b.setLoc(anchor);
  }
  known[{tensor.getAsOpaquePointer(), key}] = value;
  return value;
}

Index KernelBuilder::broadcastIndex(ArrayRef<Dim> own, ArrayRef<Value> at, ArrayRef<Dim> atDims) {
  Index mapped;
  for (auto [i, dim] : llvm::enumerate(own)) {
    size_t outer = atDims.size() - own.size() + i;
    auto size = SizeArith::asConstant(dim);
    if (dim == atDims[outer] || (size && *size != 1))
      mapped.push_back(at[outer]);
    else if (size)
      mapped.push_back(index(0));
    else
      mapped.push_back(select(equal(index(dim), index(1)), index(0), at[outer]));
  }
  return mapped;
}

Value KernelBuilder::broadcast(Value tensor, ArrayRef<Value> at, ArrayRef<Dim> atDims) {
  Dims own = dims.of(tensor);
  return element(tensor, broadcastIndex(own, at, atDims));
}

std::optional<Place> KernelBuilder::place(Value tensor) {
  if (Value pointer = pointers.lookup(tensor)) {
    SmallVector<Value> shape = dimsOf(tensor), strides(shape.size());
    Value stride = index(1);
    for (size_t i = shape.size(); i-- > 0;) {
      strides[i] = stride;
      stride = mul(stride, shape[i]);
    }
    return Place{pointer, elementOf(tensor), strides, index(0)};
  }
  Operation *op = tensor.getDefiningOp();
  if (!isa_and_present<TransposeOp, SliceOp, BroadcastToOp>(op))
    return std::nullopt;
  std::optional<Place> from = place(op->getOperand(0));
  if (!from)
    return std::nullopt;
  SmallVector<Value> strides;
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    for (int64_t axis : transpose.getPerm())
      strides.push_back(from->strides[axis]);
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    size_t next = 0;
    for (auto [i, at] : llvm::enumerate(slice.getStaticStarts())) {
      Value begin = at == INT64_MIN ? index(Dim(slice.getStarts()[next++])) : index(at);
      from->offset = add(from->offset, mul(begin, from->strides[i]));
      strides.push_back(mul(from->strides[i], index(slice.getSteps()[i])));
    }
  } else {
    Dims inner = dims.of(op->getOperand(0)), outer = dims.of(tensor);
    size_t lead = outer.size() - inner.size();
    strides.assign(lead, index(0));
    for (auto [i, dim] : llvm::enumerate(inner)) {
      auto size = SizeArith::asConstant(dim);
      if (dim == outer[lead + i] || (size && *size != 1))
        strides.push_back(from->strides[i]);
      else
        strides.push_back(size ? index(0) : select(equal(index(dim), index(1)), index(0), from->strides[i]));
    }
  }
  from->strides = strides;
  return from;
}

void KernelBuilder::storeResult(unsigned number, ArrayRef<Value> at, Value value) {
  Value tensor = returned[number];
  store(value, resultPointers[number], linear(at, dimsOf(tensor)), elementOf(tensor));
}

void KernelBuilder::finish(Operation *anchor, ArrayRef<Value> at, Value value) {
  bind(anchor->getResult(0), at, value);
  Value core = returned[0];
  Index position(at);
  if (auto transpose = core.getDefiningOp<TransposeOp>()) {
    core = transpose.getInput();
    for (auto [i, axis] : llvm::enumerate(transpose.getPerm()))
      position[i] = at[axis];
  }
  storeResult(0, position, element(core, at));
}

void KernelBuilder::writeMap(Value root) {
  SmallVector<Value> shape = dimsOf(root);
  parallelNest(shape, [&](ArrayRef<Value> at) { storeResult(0, at, element(root, at)); });
}

/// One nest an operand.
void KernelBuilder::writeConcat(Operation *op) {
  auto concat = cast<ConcatOp>(op);
  Value before = index(0);
  for (Value input : concat.getInputs()) {
    SmallVector<Value> shape = dimsOf(input);
    parallelNest(shape, [&](ArrayRef<Value> at) {
      Index to(at);
      to[concat.getAxis()] = add(to[concat.getAxis()], before);
      storeResult(0, to, element(input, at));
    });
    before = add(before, shape[concat.getAxis()]);
  }
}

LogicalResult KernelBuilder::writeAnchor(Operation *anchor) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(anchor)
      .Case<ReduceOp>([&](auto op) { return writeReduce(*this, op); })
      .Case<ArgReduceOp>([&](auto op) { return writeArgReduce(*this, op); })
      .Case<SoftmaxOp>([&](auto op) { return writeSoftmax(*this, op); })
      .Case<LayerNormOp>([&](auto op) { return writeLayerNorm(*this, op); })
      .Case<RMSNormOp>([&](auto op) { return writeRMSNorm(*this, op); })
      .Case<CumSumOp>([&](auto op) { return writeCumSum(*this, op); })
      .Case<MatMulOp>([&](auto op) { return writeMatMul(*this, op); })
      .Case<LinearOp>([&](auto op) { return writeLinear(*this, op); })
      .Case<MatMulIntegerOp>([&](auto op) { return writeMatMulInteger(*this, op); })
      .Case<LinearNBitsOp>([&](auto op) { return writeLinearNBits(*this, op); })
      .Case<AttentionOp>([&](auto op) { return writeAttention(*this, op); })
      .Case<LinearAttentionOp>([&](auto op) { return writeLinearAttention(*this, op); })
      .Case<MoEOp>([&](auto op) { return writeMoE(*this, op); })
      .Case<KVWriteOp>([&](auto op) { return writeKVWrite(*this, op); })
      .Case<ScatterElementsOp>([&](auto op) { return writeScatterElements(*this, op); })
      .Case<ScatterNDOp>([&](auto op) { return writeScatterND(*this, op); })
      .Case<TopKOp>([&](auto op) { return writeTopK(*this, op); })
      .Case<NonZeroOp>([&](auto op) { return writeNonZero(*this, op); })
      .Case<ConvOp>([&](auto op) { return writeConv(*this, op); })
      .Case<PoolOp>([&](auto op) { return writePool(*this, op); })
      .Case<ResizeOp>([&](auto op) { return writeResize(*this, op); })
      .Default([&](Operation *op) {
        writeConcat(op);
        return success();
      });
}

LogicalResult KernelBuilder::write() {
  // Elements of less than a byte share one, so one thread writes all of them.
  for (Value value : returned)
    onFirstThreadOnly |= isPacked(elementOf(value));
  LogicalResult result = success();
  if (Operation *anchor = findAnchor())
    result = writeAnchor(anchor);
  else
    writeMap(returned[0]);
  func::ReturnOp::create(b);
  // The host program has checked the sizes that these came from.
  for (CheckSizesOp check : llvm::make_early_inc_range(entry->getOps<CheckSizesOp>()))
    check.erase();
  return result;
}
