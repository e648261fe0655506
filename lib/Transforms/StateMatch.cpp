//===- StateMatch.cpp - which inputs are states ---------------------------===//

#include "StateMatch.h"
#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"
#include "transom/Transforms/States.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

Operation *match::appendOf(Value value) {
  auto slice = value.getDefiningOp<SliceOp>();
  auto concat = slice ? slice.getInput().getDefiningOp<ConcatOp>() : ConcatOp();
  return concat ? concat.getOperation() : value.getDefiningOp();
}

namespace {

using match::appendOf;
using match::State;
using match::typeOf;

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

} // namespace

std::vector<State> match::findStates(func::FuncOp entry) { return StateFinder(entry).find(); }

void transom::explainStates(func::FuncOp entry) { (void)match::findStates(entry); }
