//===- KeepStates.cpp - caches between runs become state ------------------===//
//
// Expects the model layer. Beside the entry function it makes `step`, which
// does the same on states: buffers that stay where they are from run to run. A
// cache that grows has room for `capacity` rows and is written in place; what a
// run reads of it is a view of the rows so far. Of one that is a window the runtime
// keeps the last rows alone: it moves where the buffer begins, not the rows.
//
// A merged decoder is one If over an input that says whether there are caches:
// `step` is the branch that has them.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "StateMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "transom/Transforms/Passes.h"
#include "transom/Transforms/States.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_KEEPSTATES
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

using match::appendOf;
using match::State;
using match::typeOf;

StringRef nameOf(State::Kind kind) {
  switch (kind) {
  case State::Grown: return "grown";
  case State::Written: return "written";
  case State::Replaced: return "replaced";
  case State::Kept: return "kept";
  }
  llvm_unreachable("no such kind");
}

/// Makes a copy of the entry function one that works on states.
class Stepper {
public:
  Stepper(func::FuncOp step, std::vector<State> states)
      : step(step), states(std::move(states)), builder(step), arith(builder), dims(arith) {}
  void rewrite();

private:
  Value lengthOf(BlockArgument argument, int64_t axis);
  void grow(const State &state);
  void typeAsBuffer(const State &state, RankedTensorType rows, Location loc);
  Value rowsOf(Value buffer, int64_t axis, Dim rows, RankedTensorType type, Location loc);
  void mark(const State &state);

  func::FuncOp step;
  std::vector<State> states;
  OpBuilder builder;
  SizeArith arith;
  TensorDims dims;
  llvm::MapVector<Attribute, Value> lengths; ///< by the name of the dim
  Dim newLength;
};

/// The rows that a state has before the run: an argument more, one for each name
/// of such a dim. Stands for the dim from here on.
Value Stepper::lengthOf(BlockArgument argument, int64_t axis) {
  auto names = step.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "transformer.dims");
  Attribute name = names ? names[axis] : Attribute();
  if (!name || cast<StringAttr>(name).empty())
    name = builder.getStringAttr(step.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "transformer.name").str() +
                                 "_length");
  Value &length = lengths[name];
  if (!length) {
    unsigned number = step.getNumArguments();
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("transformer.length", name));
    (void)step.insertArgument(number, builder.getIndexType(), attributes, step.getLoc());
    length = step.getArgument(number);
  }
  for (Operation *user : llvm::make_early_inc_range(argument.getUsers()))
    if (auto dim = dyn_cast<tensor::DimOp>(user); dim && dim.getConstantIndex() == axis) {
      dim.replaceAllUsesWith(length);
      dim.erase();
    }
  return length;
}

/// The first `rows` of a buffer.
Value Stepper::rowsOf(Value buffer, int64_t axis, Dim rows, RankedTensorType type, Location loc) {
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(i == axis ? arith.value(loc, rows) : arith.value(loc, dims.of(buffer)[i]));
  SmallVector<int64_t> starts(type.getRank(), 0), steps(type.getRank(), 1);
  return SliceOp::create(builder, loc, type, buffer, ValueRange(), sizes, starts, steps);
}

/// The result is the buffer. What the type of the rows says more of its other dims is asked of it.
void Stepper::typeAsBuffer(const State &state, RankedTensorType rows, Location loc) {
  BlockArgument buffer = step.getArgument(state.argument);
  RankedTensorType type = typeOf(buffer);
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (i != state.axis && type.isDynamicDim(i) && !rows.isDynamicDim(i))
      CheckSizesOp::create(builder, loc, arith.value(loc, dims.of(buffer)[i]),
                           arith.value(loc, arith.constant(rows.getDimSize(i))), UnitAttr());
  auto results = llvm::to_vector(step.getResultTypes());
  results[state.result] = type;
  step.setFunctionType(builder.getFunctionType(step.getArgumentTypes(), results));
}

void Stepper::grow(const State &state) {
  BlockArgument buffer = step.getArgument(state.argument);
  Operation *end = step.getBody().front().getTerminator();
  Operation *left = end->getOperand(state.result).getDefiningOp(), *append = appendOf(end->getOperand(state.result));
  Location loc = append->getLoc();
  RankedTensorType type = typeOf(buffer);
  Value length = lengthOf(buffer, state.axis);

  builder.setInsertionPoint(append);
  typeAsBuffer(state, typeOf(append->getResult(0)), loc);
  Value update, start;
  Dim rows;
  if (auto concat = dyn_cast<ConcatOp>(append)) {
    update = concat.getInputs()[1];
    rows = arith.add(loc, length, dims.of(update)[state.axis]);
    Value scalar = FromIndexOp::create(builder, loc, RankedTensorType::get({1}, builder.getI64Type()), length);
    Dim batch = dims.of(update)[0];
    auto startType = RankedTensorType::get({typeOf(update).getShape()[0]}, builder.getI64Type());
    SmallVector<Value> sizes;
    if (startType.isDynamicDim(0))
      sizes.push_back(arith.value(loc, batch));
    start = BroadcastToOp::create(builder, loc, startType, scalar, sizes);
  } else {
    auto write = cast<KVWriteOp>(append);
    update = write.getUpdate();
    start = write.getStart();
    rows = dims.of(write.getCache())[state.axis];
  }
  auto write =
      KVWriteOp::create(builder, loc, type, buffer, update, start, builder.getI64IntegerAttr(state.axis), UnitAttr());
  write->setAttr("transformer.in_place", builder.getUnitAttr());
  Value view = rowsOf(write.getResult(), state.axis, rows, typeOf(append->getResult(0)), loc);
  Operation *source = isa<KVWriteOp>(append) ? append->getOperand(0).getDefiningOp() : append;
  append->getResult(0).replaceAllUsesWith(view);
  end->setOperand(state.result, write.getResult());
  if (left != append && left->use_empty())
    left->erase();
  append->erase();
  if (source != append && source->use_empty())
    source->erase();

  // Who reads the rows from before the run.
  Value before;
  for (OpOperand &use : llvm::make_early_inc_range(buffer.getUses())) {
    if (use.getOwner() == write || isa<tensor::DimOp>(use.getOwner()))
      continue;
    if (!before) {
      builder.setInsertionPointToStart(&step.getBody().front());
      before = rowsOf(buffer, state.axis, Dim(length), type, loc);
    }
    use.set(before);
  }
  builder.setInsertionPoint(end);
  if (!newLength)
    newLength = rows;
  else if (newLength != rows)
    CheckSizesOp::create(builder, loc, arith.value(loc, newLength), arith.value(loc, rows), UnitAttr());
}

void Stepper::mark(const State &state) {
  auto number = [&](int64_t value) { return builder.getI64IntegerAttr(value); };
  SmallVector<NamedAttribute> fields = {builder.getNamedAttr("axis", number(state.axis)),
                                        builder.getNamedAttr("kind", builder.getStringAttr(nameOf(state.kind)))};
  if (state.window > 0)
    fields.push_back(builder.getNamedAttr("window", number(state.window)));
  if (state.result >= 0)
    if (auto output = step.getResultAttrOfType<StringAttr>(state.result, "transformer.name"))
      fields.push_back(builder.getNamedAttr("output", output));
  step.setArgAttr(state.argument, "transformer.state", builder.getDictionaryAttr(fields));
  if (state.result >= 0)
    step.setResultAttr(state.result, "transformer.state", number(state.argument));
  if (state.axis < 0)
    return;
  auto names = llvm::to_vector(step.getArgAttrOfType<ArrayAttr>(state.argument, "transformer.dims"));
  names[state.axis] = builder.getStringAttr("capacity");
  step.setArgAttr(state.argument, "transformer.dims", builder.getArrayAttr(names));
}

void Stepper::rewrite() {
  Operation *end = step.getBody().front().getTerminator();
  // Lengths first: sizes that are asked for once are remembered. Then in the
  // order of the program: what a size is made of stands before its users.
  llvm::stable_sort(states, [&](const State &a, const State &b) {
    auto grows = [](const State &state) { return state.kind == State::Grown; };
    if (!grows(a) || !grows(b))
      return grows(a) && !grows(b);
    return appendOf(end->getOperand(a.result))->isBeforeInBlock(appendOf(end->getOperand(b.result)));
  });
  for (const State &state : states)
    if (state.kind == State::Grown)
      lengthOf(step.getArgument(state.argument), state.axis);
  for (const State &state : states)
    if (state.kind == State::Grown)
      grow(state);
    else if (state.kind == State::Written)
      end->getOperand(state.result).getDefiningOp()->setAttr("transformer.in_place", builder.getUnitAttr());
  for (const State &state : states)
    mark(state);

  // States that stay as they are have no result; how long the others are is one.
  llvm::BitVector dropped(step.getNumResults());
  for (const State &state : states)
    if (state.kind == State::Kept && state.result >= 0)
      dropped.set(state.result);
  (void)step.eraseResults(dropped);
  end->eraseOperands(dropped);
  if (newLength) {
    builder.setInsertionPoint(end);
    unsigned number = step.getNumResults();
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("transformer.length", builder.getUnitAttr()));
    (void)step.insertResult(number, builder.getIndexType(), attributes);
    end->insertOperands(number, arith.value(step.getLoc(), newLength));
  }
}

/// The If of the function's own block that an input decides; null where none or
/// several are so.
IfOp chosenByInput(func::FuncOp function) {
  IfOp found;
  for (IfOp branch : function.getBody().front().getOps<IfOp>())
    if (isa<BlockArgument>(branch.getCondition())) {
      if (found)
        return nullptr;
      found = branch;
    }
  return found;
}

/// Puts the branch that is taken where the input is `taken` in the place of the
/// If. What then depends on nothing goes: inputs that the other branch alone
/// reads, results that are constants here. False where a result's type says more
/// than the If's and something else than the function's end reads it.
bool takeBranch(func::FuncOp function, bool taken) {
  IfOp branch = chosenByInput(function);
  Operation *end = function.getBody().front().getTerminator();
  Block &body = (taken ? branch.getThenRegion() : branch.getElseRegion()).front();
  Operation *yield = body.getTerminator();
  for (auto [result, value] : llvm::zip(branch.getResults(), yield->getOperands()))
    if (result.getType() != value.getType() &&
        llvm::any_of(result.getUsers(), [&](Operation *user) { return user != end; }))
      return false;
  llvm::BitVector unread(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    unread[argument.getArgNumber()] = argument.use_empty();
  branch.replaceAllUsesWith(yield->getOperands());
  yield->erase();
  branch->getBlock()->getOperations().splice(branch->getIterator(), body.getOperations());
  branch->erase();

  llvm::BitVector constant(function.getNumResults());
  for (auto [i, value] : llvm::enumerate(end->getOperands()))
    constant[i] = value.getDefiningOp<ConstantOp>() != nullptr;
  (void)function.eraseResults(constant);
  end->eraseOperands(constant);
  function.setFunctionType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(), end->getOperandTypes()));
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  llvm::BitVector forgotten(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    forgotten[argument.getArgNumber()] = argument.use_empty() && !unread[argument.getArgNumber()];
  (void)function.eraseArguments(forgotten);
  return true;
}

/// A copy of the function in which there are states, and these: of the whole, or of
/// the branch of a merged decoder that has them. Null where none has.
func::FuncOp copyWithStates(func::FuncOp entry, std::vector<State> &states) {
  SmallVector<std::optional<bool>> branches = {std::nullopt};
  if (chosenByInput(entry))
    branches.append({true, false});
  for (std::optional<bool> taken : branches) {
    OwningOpRef<func::FuncOp> copy(entry.clone());
    if (taken && !takeBranch(*copy, *taken))
      continue;
    states = match::findStates(*copy);
    if (!states.empty())
      return copy.release();
  }
  return nullptr;
}

/// What the states are made of: the entry function, or a copy with fewer heads.
func::FuncOp sourceOf(func::FuncOp entry) {
  for (auto function : entry->getParentOfType<ModuleOp>().getOps<func::FuncOp>())
    if (function->getAttr(kStatesOf) == entry.getSymNameAttr())
      return function;
  return entry;
}

struct KeepStates : transom::impl::KeepStatesBase<KeepStates> {
  using KeepStatesBase::KeepStatesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (func::FuncOp entry : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (!entry->hasAttr("transformer.entry"))
        continue;
      std::vector<State> states;
      func::FuncOp step = copyWithStates(sourceOf(entry), states);
      if (!step && only) {
        emitError(entry.getLoc(), "no output is an input of the next run, so there is no state to keep");
        return signalPassFailure();
      }
      if (!step)
        continue;
      step.setName("step");
      step.setPublic();
      step->removeAttr(kStatesOf);
      step->setAttr("transformer.entry", UnitAttr::get(&getContext()));
      module.getBody()->push_back(step);
      Stepper(step, std::move(states)).rewrite();
      if (only)
        entry.erase();
    }
    for (func::FuncOp source : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (source->hasAttr(kStatesOf))
        source.erase();
  }
};

} // namespace
