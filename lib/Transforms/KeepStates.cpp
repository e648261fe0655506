//===- KeepStates.cpp - caches between runs become state ------------------===//
//
// Expects the model layer. Beside the entry function it makes `step`, which
// does the same on states: buffers that stay where they are from run to run. A
// cache that grows has room for `capacity` rows and is written in place; what a
// run reads of it is a view of the rows so far. Of one that is a window the runtime
// keeps the last rows alone: it moves where the buffer begins, not the rows.
//
// An input is a state when an output is the same thing a run later: the input
// with rows appended or written, or of the same type and the input combined with
// something element by element. A window of static size, and one written by
// computed indices, are made anew by each run. In a model with such states, what
// attention takes as keys or values directly from an input is one that runs leave
// alone.
//
// A merged decoder is one If over an input that says whether there are caches:
// `step` is the branch that has them.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "transom/Transforms/Passes.h"
#include "transom/Transforms/States.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_KEEPSTATES
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

using match::typeOf;

struct State {
  enum Kind { Grown, Written, Replaced, Kept } kind;
  unsigned argument;
  int64_t result = -1; ///< of the entry function; -1: none
  int64_t axis = -1;   ///< along which it grows
  int64_t window = 0;  ///< the most rows that are left of it for the next run; 0: all
};

/// The rows of a concatenation that `slice` leaves, where it leaves the last `window` of them, or all while there
/// are fewer.
std::optional<int64_t> windowOf(SliceOp slice, ConcatOp concat) {
  int64_t axis = concat.getAxis(), window = 0;
  RankedTensorType type = typeOf(slice), from = typeOf(concat);
  unsigned nextStart = 0, nextSize = 0;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    bool hasStart = ShapedType::isDynamic(slice.getStaticStarts()[i]);
    Value start = hasStart ? slice.getStarts()[nextStart++] : Value();
    Value size = type.isDynamicDim(i) ? slice.getDims()[nextSize++] : Value();
    if (slice.getSteps()[i] != 1)
      return std::nullopt;
    if (i != axis) {
      bool isWhole = size ? match::dimIs(concat, i, OpFoldResult(size)) : type.getDimSize(i) == from.getDimSize(i);
      if (hasStart || slice.getStaticStarts()[i] != 0 || !isWhole)
        return std::nullopt;
      continue;
    }
    // max(rows - window, 0) and min(rows, window).
    auto first = start ? start.getDefiningOp<arith::MaxSIOp>() : arith::MaxSIOp();
    auto taken = size ? size.getDefiningOp<arith::MinSIOp>() : arith::MinSIOp();
    auto less = first ? first.getLhs().getDefiningOp<arith::AddIOp>() : arith::AddIOp();
    auto most = taken ? getConstantIntValue(taken.getRhs()) : std::nullopt;
    if (!less || !most || *most <= 0 || getConstantIntValue(first.getRhs()) != 0 ||
        getConstantIntValue(less.getRhs()) != -*most || less.getLhs() != taken.getLhs() ||
        !match::dimIs(concat, axis, OpFoldResult(taken.getLhs())))
      return std::nullopt;
    window = *most;
  }
  return window > 0 ? std::optional(window) : std::nullopt;
}

/// True where `slice` leaves the last rows of a concatenation, as many as its type says.
bool leavesLast(SliceOp slice, ConcatOp concat) {
  int64_t axis = concat.getAxis();
  RankedTensorType type = typeOf(slice), from = typeOf(concat);
  unsigned nextStart = 0;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    int64_t number = slice.getStaticStarts()[i];
    Value start = ShapedType::isDynamic(number) ? slice.getStarts()[nextStart++] : Value();
    if (slice.getSteps()[i] != 1 || (i != axis && (number != 0 || type.getDimSize(i) != from.getDimSize(i))))
      return false;
    if (i != axis)
      continue;
    if (type.isDynamicDim(i) || (!start && from.isDynamicDim(i)))
      return false;
    if (!start) {
      if (number + type.getDimSize(i) != from.getDimSize(i))
        return false;
      continue;
    }
    // As many rows were there before: what is left out are as many as come.
    if (auto bound = start.getDefiningOp<arith::MaxSIOp>(); bound && getConstantIntValue(bound.getRhs()) == 0)
      start = bound.getLhs();
    if (typeOf(concat.getInputs()[0]).getDimSize(axis) != type.getDimSize(i) ||
        !match::dimIs(concat.getInputs()[1], axis, OpFoldResult(start)))
      return false;
  }
  return true;
}

/// The op that appends rows to a state whose next value is `value`: below what leaves a window of them.
Operation *appendOf(Value value) {
  auto slice = value.getDefiningOp<SliceOp>();
  auto concat = slice ? slice.getInput().getDefiningOp<ConcatOp>() : ConcatOp();
  return concat ? concat.getOperation() : value.getDefiningOp();
}

StringRef nameOf(State::Kind kind) {
  switch (kind) {
  case State::Grown: return "grown";
  case State::Written: return "written";
  case State::Replaced: return "replaced";
  case State::Kept: return "kept";
  }
  llvm_unreachable("no such kind");
}

/// Whether the operand is the value at each element itself.
bool followsElements(Operation *op) { return isa<BinaryOp, SelectOp, UnaryOp, CastOp>(op); }

class StateFinder {
public:
  explicit StateFinder(func::FuncOp entry) : entry(entry) {}
  std::vector<State> find();

private:
  BlockArgument argumentOf(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &entry.getBody().front() ? argument : BlockArgument();
  }
  std::optional<State> grown(Value value);
  void dropUnequalWindows(std::vector<State> &states);
  static void explainCopy(Value value);
  std::optional<State> written(KVWriteOp write);
  std::optional<State> replaced(Value value);
  bool isOnlyReadBy(BlockArgument argument, Operation *user);

  func::FuncOp entry;
};

bool StateFinder::isOnlyReadBy(BlockArgument argument, Operation *user) {
  return llvm::all_of(argument.getUsers(),
                      [&](Operation *other) { return other == user || isa<tensor::DimOp>(other); });
}

/// Rows after those of an input: by concat, of which the last ones may be left alone, or written into the input made
/// longer.
std::optional<State> StateFinder::grown(Value value) {
  Operation *op = appendOf(value);
  BlockArgument argument;
  int64_t axis, window = 0;
  if (auto concat = dyn_cast<ConcatOp>(op); concat && concat.getInputs().size() == 2) {
    argument = argumentOf(concat.getInputs().front());
    axis = concat.getAxis();
    auto slice = value.getDefiningOp<SliceOp>();
    std::optional<int64_t> left = slice ? windowOf(slice, concat) : 0;
    if (!left)
      return std::nullopt;
    window = *left;
  } else if (auto write = dyn_cast<KVWriteOp>(op); write && !write.getCircular()) {
    auto pad = write.getCache().getDefiningOp<PadOp>();
    // Rows may be written over in the input's part: nobody else reads it.
    if (!pad || !pad->hasOneUse() || !llvm::all_of(pad.getStaticLow(), [](int64_t low) { return low == 0; }))
      return std::nullopt;
    argument = argumentOf(pad.getInput());
    axis = write.getAxis();
    if (argument && !isOnlyReadBy(argument, pad))
      return std::nullopt;
  }
  if (!argument || !typeOf(argument).isDynamicDim(axis))
    return std::nullopt;
  return State{State::Grown, argument.getArgNumber(), -1, axis, window};
}

/// How many rows there are is one number for all states that grow. Where windows differ, or caches grow beside them,
/// that is none.
void StateFinder::dropUnequalWindows(std::vector<State> &states) {
  auto isGrown = [](const State &state) { return state.kind == State::Grown; };
  auto first = llvm::find_if(states, isGrown);
  if (first == states.end() ||
      llvm::all_of(states, [&](const State &state) { return !isGrown(state) || state.window == first->window; }))
    return;
  auto results = entry.getBody().front().getTerminator()->getOperands();
  llvm::erase_if(states, [&](const State &state) {
    if (!isGrown(state) || state.window == 0)
      return false;
    appendOf(results[state.result])->emitRemark()
        << "state" << nearMissMark << "a window of " << state.window
        << " rows is kept only where all caches are windows of as many; this one stays an input and an output";
    return true;
  });
}

/// Of what each run makes anew: what would stay in place.
void StateFinder::explainCopy(Value value) {
  Operation *op = value.getDefiningOp(), *append = appendOf(value);
  if (append != op)
    append->emitRemark() << "state" << nearMissMark
                         << "a window of static size is copied by each run; one of which the rows so far are a dynamic "
                            "dim stays in place";
  else if (isa<ScatterNDOp, ScatterElementsOp>(op))
    op->emitRemark() << "state" << nearMissMark
                     << "rows written by computed indices are copied by each run; those of TensorScatter stay in place";
}

std::optional<State> StateFinder::written(KVWriteOp write) {
  BlockArgument argument = argumentOf(write.getCache());
  if (!argument || !isOnlyReadBy(argument, write))
    return std::nullopt;
  return State{State::Written, argument.getArgNumber()};
}

/// The one input of the same type that the value is made of element by element.
/// Of a size that only a batch changes: what has a length is a residual stream.
std::optional<State> StateFinder::replaced(Value value) {
  if (typeOf(value).getRank() == 0)
    return std::nullopt;
  llvm::SetVector<Value> values;
  values.insert(value);
  BlockArgument found;
  for (size_t i = 0; i < values.size() && i < 64; ++i) {
    if (BlockArgument argument = argumentOf(values[i]); argument && argument.getType() == value.getType()) {
      if (found && found != argument)
        return std::nullopt;
      found = argument;
    }
    Operation *op = values[i].getDefiningOp();
    // What a linear attention leaves is what it was given, and more in each element.
    if (auto linear = dyn_cast_if_present<LinearAttentionOp>(op)) {
      Value before = values[i] == linear.getNewState()  ? linear.getState()
                     : values[i] == linear.getNewSums() ? linear.getSums()
                                                        : Value();
      if (before)
        values.insert(before);
      continue;
    }
    // A window of static size that moves on, and rows written by indices.
    if (auto slice = dyn_cast_if_present<SliceOp>(op))
      if (auto concat = slice.getInput().getDefiningOp<ConcatOp>();
          concat && concat.getInputs().size() == 2 && leavesLast(slice, concat))
        values.insert(concat.getInputs().front());
    if (isa_and_present<ScatterNDOp, ScatterElementsOp>(op))
      values.insert(op->getOperand(0));
    if (op && followsElements(op))
      for (Value operand : op->getOperands())
        if (typeOf(operand).getShape() == typeOf(value).getShape())
          values.insert(operand);
  }
  if (!found || found == value || !llvm::none_of(typeOf(value).getShape().drop_front(), ShapedType::isDynamic))
    return std::nullopt;
  return State{State::Replaced, found.getArgNumber()};
}

std::vector<State> StateFinder::find() {
  std::vector<State> states;
  llvm::SmallDenseSet<unsigned> taken;
  bool caches = false;
  auto results = entry.getBody().front().getTerminator()->getOperands();
  auto add = [&](std::optional<State> state, size_t result) {
    if (!state || !taken.insert(state->argument).second)
      return false;
    state->result = result;
    states.push_back(*state);
    return true;
  };
  // Caches first: another output may be made of one element by element.
  llvm::SmallDenseSet<size_t> done;
  for (auto [i, value] : llvm::enumerate(results)) {
    Operation *op = value.getDefiningOp();
    if (!op)
      continue;
    std::optional<State> state = grown(value);
    if (auto write = dyn_cast<KVWriteOp>(op); write && !state)
      state = written(write);
    if (!add(state, i))
      continue;
    caches = true;
    done.insert(i);
  }
  for (auto [i, value] : llvm::enumerate(results))
    if (BlockArgument argument = argumentOf(value))
      add(State{State::Kept, argument.getArgNumber()}, i);
    else if (!done.contains(i) && add(replaced(value), i))
      explainCopy(value);
  dropUnequalWindows(states);
  // A run is for what it says: an encoder's one output is no state.
  bool silent = states.size() == entry.getNumResults();
  llvm::erase_if(states, [&](const State &state) {
    return (state.kind == State::Kept && !caches) || (state.kind == State::Replaced && silent);
  });
  if (caches)
    entry.walk([&](AttentionOp attention) {
      for (Value operand : {attention.getKey(), attention.getValue()})
        if (BlockArgument argument = argumentOf(operand); argument && taken.insert(argument.getArgNumber()).second)
          states.push_back({State::Kept, argument.getArgNumber()});
    });
  return states;
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
  step.eraseResults(dropped);
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
  function.eraseResults(constant);
  end->eraseOperands(constant);
  function.setFunctionType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(), end->getOperandTypes()));
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  llvm::BitVector forgotten(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    forgotten[argument.getArgNumber()] = argument.use_empty() && !unread[argument.getArgNumber()];
  function.eraseArguments(forgotten);
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
    states = StateFinder(*copy).find();
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

} // namespace

void transom::explainStates(func::FuncOp entry) { (void)StateFinder(entry).find(); }

namespace {

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
