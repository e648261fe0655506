//===- ConvertMHAToGQAMatch.cpp - attention with its projections ----------===//
//
// Follows the operands of attention back to the products with weights they come
// from, and its result on to the product that takes it. Columns of a weight are
// tracked by carrying their numbers through slices, reshapes and transposes, so
// packed projections of any layout are one case.
//
//===----------------------------------------------------------------------===//

#include "ConvertMHAToGQA.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace transom;
using namespace transom::gqa;
using namespace transom::match;
using namespace transom::transformer;

namespace {

/// The columns of a product with a weight, carried through views. `axes` are the
/// dims of the viewed tensor that are made of columns, ascending; `ids` the number
/// of the column at each position of these dims, row-major.
struct ColumnView {
  SmallVector<int64_t> axes, sizes, ids;
  /// Which row dim each other dim is, after the last reshape; in order there.
  SmallVector<int64_t> rows;

  explicit ColumnView(RankedTensorType type) {
    int64_t rank = type.getRank(), columns = type.getShape().back();
    axes = {rank - 1};
    sizes = {columns};
    ids = llvm::to_vector(llvm::seq<int64_t>(0, columns));
    rows = llvm::to_vector(llvm::seq<int64_t>(0, rank - 1));
  }
  ColumnView(ArrayRef<int64_t> axes, ArrayRef<int64_t> sizes, int64_t rank) : axes(axes), sizes(sizes) {
    ids = llvm::to_vector(llvm::seq<int64_t>(0, product(sizes)));
    rows = llvm::to_vector(llvm::seq<int64_t>(0, rank - static_cast<int64_t>(axes.size())));
  }

  static int64_t product(ArrayRef<int64_t> sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), int64_t(1), std::multiplies<>());
  }

  bool reshape(RankedTensorType from, RankedTensorType to);
  void transpose(ArrayRef<int64_t> perm);
  bool slice(SliceOp op);
  bool rowsInOrder() const { return llvm::is_sorted(rows); }

private:
  /// New ids at each position of `sizes`, from the old position.
  void gather(ArrayRef<int64_t> newSizes, llvm::function_ref<int64_t(ArrayRef<int64_t>)> from);
};

void ColumnView::gather(ArrayRef<int64_t> newSizes, llvm::function_ref<int64_t(ArrayRef<int64_t>)> from) {
  SmallVector<int64_t> moved, position(newSizes.size(), 0);
  for (int64_t i = 0, total = product(newSizes); i < total; ++i) {
    moved.push_back(ids[from(position)]);
    for (int64_t axis = newSizes.size() - 1; axis >= 0 && ++position[axis] == newSizes[axis]; --axis)
      position[axis] = 0;
  }
  ids = std::move(moved);
  sizes.assign(newSizes.begin(), newSizes.end());
}

/// Columns stay columns where they are the last dims before and after: then the
/// rows are reshaped among themselves.
bool ColumnView::reshape(RankedTensorType from, RankedTensorType to) {
  int64_t first = from.getRank() - static_cast<int64_t>(axes.size());
  if (axes.empty() || axes.front() != first || !rowsInOrder())
    return false;
  int64_t total = product(sizes), count = 1, split = to.getRank();
  while (split > 0 && count < total) {
    int64_t size = to.getDimSize(split - 1);
    if (ShapedType::isDynamic(size))
      return false;
    count *= size;
    --split;
  }
  if (count != total)
    return false;
  axes = llvm::to_vector(llvm::seq<int64_t>(split, to.getRank()));
  sizes.assign(to.getShape().begin() + split, to.getShape().end());
  rows = llvm::to_vector(llvm::seq<int64_t>(0, split));
  return true;
}

void ColumnView::transpose(ArrayRef<int64_t> perm) {
  // Column axes in their new order, as places in the old `axes`; rows alike.
  SmallVector<int64_t> places, newAxes, newRows;
  SmallVector<int64_t> newSizes;
  for (auto [to, from] : llvm::enumerate(perm)) {
    auto *found = llvm::find(axes, from);
    if (found != axes.end()) {
      places.push_back(found - axes.begin());
      newAxes.push_back(to);
      newSizes.push_back(sizes[places.back()]);
    } else {
      newRows.push_back(rows[from - llvm::count_if(axes, [from = from](int64_t axis) { return axis < from; })]);
    }
  }
  SmallVector<int64_t> oldSizes = sizes;
  gather(newSizes, [&](ArrayRef<int64_t> position) {
    SmallVector<int64_t> old(position.size());
    for (auto [i, place] : llvm::enumerate(places))
      old[place] = position[i];
    int64_t index = 0;
    for (auto [size, at] : llvm::zip_equal(oldSizes, old))
      index = index * size + at;
    return index;
  });
  axes = newAxes;
  rows = newRows;
}

bool ColumnView::slice(SliceOp op) {
  RankedTensorType from = typeOf(op.getInput()), to = typeOf(op.getResult());
  unsigned next = 0;
  SmallVector<int64_t> newSizes, starts, steps;
  for (int64_t i = 0; i < from.getRank(); ++i) {
    OpFoldResult size = to.isDynamicDim(i) ? OpFoldResult(op.getDims()[next++])
                                           : OpFoldResult(Builder(op.getContext()).getIndexAttr(to.getDimSize(i)));
    int64_t start = op.getStaticStarts()[i], step = op.getSteps()[i];
    if (llvm::is_contained(axes, i)) {
      if (start == ShapedType::kDynamic || to.isDynamicDim(i))
        return false;
      newSizes.push_back(to.getDimSize(i));
      starts.push_back(start);
      steps.push_back(step);
    } else if (start != 0 || step != 1 || !dimIs(op.getInput(), i, size)) {
      return false;
    }
  }
  SmallVector<int64_t> oldSizes = sizes;
  gather(newSizes, [&](ArrayRef<int64_t> position) {
    int64_t index = 0;
    for (auto [i, at] : llvm::enumerate(position))
      index = index * oldSizes[i] + starts[i] + at * steps[i];
    return index;
  });
  return true;
}

bool applyView(ColumnView &view, Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](ReshapeOp reshape) { return view.reshape(typeOf(reshape.getInput()), typeOf(reshape.getResult())); })
      .Case([&](TransposeOp transpose) {
        view.transpose(transpose.getPerm());
        return true;
      })
      .Case([&](SliceOp slice) { return view.slice(slice); })
      .Default([](Operation *) { return false; });
}

/// "transformer.softmax", or what an argument is.
std::string sourceName(Value value) {
  if (Operation *op = value.getDefiningOp())
    return op->getName().getStringRef().str();
  return "an argument of the function";
}

class PathMatch {
public:
  PathMatch(HeadPath &path, AttentionOp attention, Refusal refuse) : path(path), attention(attention), refuse(refuse) {}
  bool match(Value operand);

private:
  bool stop(Operation *op, const Twine &why) {
    refuse(op, "the " + path.name + why);
    return false;
  }
  /// The projection and all ops from it to `operand`, first to last.
  bool collect(Value operand);
  Value behind(Operation *op);
  bool readSplit(ArrayRef<Operation *> views, int64_t headAxis, int64_t featureAxis);
  bool checkUses();

  HeadPath &path;
  AttentionOp attention;
  Refusal refuse;
  SmallVector<Operation *> ops;
};

/// What `op` computes heads from; null where they cannot be followed.
Value PathMatch::behind(Operation *op) {
  auto cached = [&](ValueRange inputs) -> Value {
    Value fresh;
    for (Value input : inputs) {
      auto argument = dyn_cast<BlockArgument>(input);
      if (argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
        path.caches.push_back(argument);
      else if (fresh)
        return {};
      else
        fresh = input;
    }
    return fresh;
  };
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<ReshapeOp, TransposeOp, SliceOp, CastOp>([](auto view) { return view.getInput(); })
      .Case([&](RopeOp rope) -> Value {
        if (path.rope)
          return {};
        path.rope = rope;
        return rope.getInput();
      })
      .Case<RMSNormOp, LayerNormOp>([&](auto norm) {
        path.norm = norm;
        return norm.getInput();
      })
      .Case([&](ConcatOp concat) { return cached(concat.getInputs()); })
      .Case([&](KVWriteOp write) { return cached({write.getCache(), write.getUpdate()}); })
      .Default([](Operation *) { return Value(); });
}

bool PathMatch::collect(Value value) {
  Operation *reader = nullptr;
  while (true) {
    Operation *op = value.getDefiningOp();
    if (auto linear = dyn_cast_if_present<LinearOp>(op)) {
      path.linear = linear;
      std::reverse(ops.begin(), ops.end());
      return true;
    }
    Value next = op ? behind(op) : Value();
    if (!next)
      return stop(op ? op : reader, " come from " + sourceName(value) + ", not from a product with a weight");
    ops.push_back(reader = op);
    value = next;
  }
}

bool PathMatch::readSplit(ArrayRef<Operation *> views, int64_t headAxis, int64_t featureAxis) {
  LinearOp linear = path.linear;
  ColumnView view(typeOf(linear.getResult()));
  for (Operation *op : views)
    if (!applyView(view, op))
      return stop(op, " mix the columns of the projection with its rows in " + op->getName().getStringRef());
  path.split = views.back()->getResult(0);
  RankedTensorType type = typeOf(path.split);
  path.headAxis = headAxis;
  path.featureAxis = featureAxis;
  for (auto [axis, size] : llvm::zip_equal(view.axes, view.sizes))
    if (axis != headAxis && axis != featureAxis && size != 1)
      return stop(views.back(), " have heads over more than one dim");
  if (!llvm::is_contained(view.axes, headAxis) || !llvm::is_contained(view.axes, featureAxis) || !view.rowsInOrder())
    return stop(views.back(), " have heads that are no columns of the projection");
  path.heads = type.getDimSize(headAxis);
  path.features = type.getDimSize(featureAxis);
  if (featureAxis < headAxis)
    view.transpose([&] {
      auto perm = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
      std::swap(perm[headAxis], perm[featureAxis]);
      return perm;
    }());
  path.columns = view.ids;

  ValueRange sizes;
  if (auto reshape = dyn_cast<ReshapeOp>(views.back()))
    sizes = reshape.getDims();
  else if (auto slice = dyn_cast<SliceOp>(views.back()))
    sizes = slice.getDims();
  unsigned next = 0;
  Builder builder(linear.getContext());
  for (int64_t i = 0; i < type.getRank(); ++i) {
    OpFoldResult dim = type.isDynamicDim(i) ? OpFoldResult(sizes[next++]) : builder.getIndexAttr(type.getDimSize(i));
    if (i != headAxis && i != featureAxis)
      path.rowDims.push_back(dim);
  }
  return true;
}

/// Nothing but the path and the function's return reads heads in between.
bool PathMatch::checkUses() {
  SmallVector<Operation *> readers(path.steps);
  for (Value value = path.split;;) {
    Operation *step = readers.empty() ? nullptr : readers.front();
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      if (user == (step ? step : attention.getOperation()))
        continue;
      if (isa<func::ReturnOp>(user))
        path.returned.push_back(&use);
      else if (!isa<tensor::DimOp>(user))
        return stop(user, " are also read by " + user->getName().getStringRef());
    }
    if (!step)
      break;
    value = step->getResult(0);
    readers.erase(readers.begin());
  }
  for (BlockArgument cache : path.caches)
    for (Operation *user : cache.getUsers())
      if (!llvm::is_contained(path.steps, user) && !isa<tensor::DimOp>(user))
        return stop(user, "' cache is also read by " + user->getName().getStringRef());
  return true;
}

bool PathMatch::match(Value operand) {
  if (rankOf(operand) != 4 || !collect(operand))
    return false;
  LinearOp linear = path.linear;
  if (linear.getResidual() || linear.getActivation() != UnaryKind::identity)
    return stop(linear, " pass through an activation or a sum after their projection");
  if (!isFloatConstant(linear.getWeight()) || (linear.getBias() && !isFloatConstant(linear.getBias())))
    return stop(linear, " have a projection whose weight or bias is no constant of floats");

  auto isSplit = [](Operation *op) { return isa<ReshapeOp, SliceOp>(op); };
  auto last = llvm::find_if(llvm::reverse(ops), isSplit);
  if (last == ops.rend())
    return stop(linear, " are not split into heads");
  ArrayRef<Operation *> all(ops), views = all.take_front(ops.rend() - last);
  path.steps.assign(all.begin() + views.size(), all.end());
  int64_t headAxis = 1, featureAxis = 3;
  for (Operation *step : llvm::reverse(path.steps)) {
    if (auto transpose = dyn_cast<TransposeOp>(step)) {
      headAxis = transpose.getPerm()[headAxis];
      featureAxis = transpose.getPerm()[featureAxis];
      continue;
    }
    int64_t joined = -1;
    if (auto concat = dyn_cast<ConcatOp>(step))
      joined = concat.getAxis();
    if (auto write = dyn_cast<KVWriteOp>(step))
      joined = write.getAxis();
    if (joined == headAxis || joined == featureAxis)
      return stop(step, " are joined along their heads or features");
    // What comes beside is broadcast against [.., heads, ..]: it must not differ per head.
    ValueRange beside;
    if (isa<RopeOp, RMSNormOp, LayerNormOp>(step))
      beside = ValueRange(step->getOperands()).drop_front();
    for (Value table : beside)
      if (int64_t axis = headAxis - (4 - rankOf(table)); axis >= 0 && typeOf(table).getDimSize(axis) != 1)
        return stop(step, " meet a table or scale of their own for each head in " + step->getName().getStringRef());
    if (featureAxis != 3 && !beside.empty())
      return stop(step, " have features that are not last in " + step->getName().getStringRef());
    auto normAxis = llvm::TypeSwitch<Operation *, int64_t>(step)
                        .Case<RMSNormOp, LayerNormOp>([](auto norm) { return norm.getAxis(); })
                        .Default(int64_t(3));
    if (normAxis != 3)
      return stop(step, " are normalised across heads");
  }
  return readSplit(views, headAxis, featureAxis) && checkUses();
}

/// Follows the result of attention to the product with the output's weight.
bool matchOutput(AttentionHeads &match, Refusal refuse) {
  Value value = match.attention.getResult();
  RankedTensorType type = typeOf(value);
  ColumnView view({1, 3}, {type.getDimSize(1), type.getDimSize(3)}, 4);
  while (true) {
    if (!value.hasOneUse()) {
      refuse(match.attention, "the result of attention is read more than once");
      return false;
    }
    Operation *user = *value.user_begin();
    if (auto linear = dyn_cast<LinearOp>(user); linear && linear.getInput() == value) {
      if (!isFloatConstant(linear.getWeight()) || view.axes.size() != 1 || view.axes[0] != rankOf(value) - 1) {
        refuse(user, "the output's projection takes heads in a way that is not supported");
        return false;
      }
      match.output = linear;
      match.outputRows.resize(view.ids.size());
      for (auto [row, id] : llvm::enumerate(view.ids))
        match.outputRows[id] = row;
      return true;
    }
    if (!isa<ReshapeOp, TransposeOp>(user) || !applyView(view, user)) {
      refuse(user, "the result of attention is read by " + user->getName().getStringRef() +
                       " before a product with a weight");
      return false;
    }
    value = user->getResult(0);
  }
}

} // namespace

std::optional<AttentionHeads> transom::gqa::matchAttentionHeads(AttentionOp attention, Refusal refuse) {
  AttentionHeads match;
  match.attention = attention;
  if (attention.getKey() == attention.getValue()) {
    refuse(attention, "keys and values are one");
    return std::nullopt;
  }
  match.query.name = "queries";
  match.key.name = "keys";
  match.value.name = "values";
  for (auto [path, operand] : {std::pair(&match.query, attention.getQuery()),
                               {&match.key, attention.getKey()},
                               {&match.value, attention.getValue()}})
    if (!PathMatch(*path, attention, refuse).match(operand))
      return std::nullopt;
  if (!match.query.caches.empty() || !match.query.returned.empty()) {
    refuse(attention, "the queries are joined with an argument or returned");
    return std::nullopt;
  }
  if (match.key.heads != match.value.heads || match.query.heads % match.key.heads != 0) {
    refuse(attention, "queries, keys and values have heads that do not fit");
    return std::nullopt;
  }
  if (!matchOutput(match, refuse))
    return std::nullopt;
  return match;
}
