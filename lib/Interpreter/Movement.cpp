//===- Movement.cpp - meanings of ops that move elements ------------------===//
//
// Each says for every element of its result which element it is.
//
//===----------------------------------------------------------------------===//

#include "Meaning.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

using From = std::vector<int64_t>;

static llvm::Expected<Arrays> constant(ConstantOp op, const Operands &) {
  auto array = arrayOf(op.getValue());
  if (!array)
    return array.takeError();
  return Arrays{std::move(*array)};
}

static llvm::Expected<Arrays> reshape(ReshapeOp op, const Operands &in) {
  Array result = in[op.getInput()];
  Shape shape = in.shape(op.getResult(), op.getDims());
  if (elementsOf(shape) != result.size())
    return problem(result.text() + " has not the elements of its new shape");
  result.shape = shape;
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> broadcastTo(BroadcastToOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape shape = in.shape(op.getResult(), op.getDims());
  auto joined = broadcastShape(x.shape, shape);
  if (!joined)
    return joined.takeError();
  if (*joined != shape)
    return problem(x.text() + " does not broadcast to the shape");
  From from;
  for (Positions at(shape); !at.done(); at.next())
    from.push_back(broadcastPosition(at.indices(), x.shape));
  return Arrays{pick(x, from, shape)};
}

static llvm::Expected<Arrays> tile(TileOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape shape = in.shape(op.getResult(), op.getDims());
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    Shape indices(at.indices());
    for (auto [index, dim] : llvm::zip_equal(indices, x.shape))
      index %= dim;
    from.push_back(flatten(indices, x.shape));
  }
  return Arrays{pick(x, from, shape)};
}

static llvm::Expected<Arrays> transpose(TransposeOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape shape, indices(x.shape.size(), 0);
  for (int64_t axis : op.getPerm())
    shape.push_back(x.shape[axis]);
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    for (auto [i, axis] : llvm::enumerate(op.getPerm()))
      indices[axis] = at[static_cast<int64_t>(i)];
    from.push_back(flatten(indices, x.shape));
  }
  return Arrays{pick(x, from, shape)};
}

static Shape mixed(ArrayRef<int64_t> fixed, ValueRange sizes, const Operands &in) {
  Shape result(fixed);
  unsigned next = 0;
  for (int64_t &value : result)
    if (ShapedType::isDynamic(value))
      value = in.size(sizes[next++]);
  return result;
}

static llvm::Expected<Arrays> slice(SliceOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape shape = in.shape(op.getResult(), op.getDims());
  Shape starts = mixed(op.getStaticStarts(), op.getStarts(), in);
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    Shape indices(at.indices());
    for (auto [i, index] : llvm::enumerate(indices)) {
      index = starts[i] + op.getSteps()[i] * index;
      if (index < 0 || index >= x.shape[i])
        return problem("the slice leaves " + x.text() + " in dim " + Twine(i));
    }
    from.push_back(flatten(indices, x.shape));
  }
  return Arrays{pick(x, from, shape)};
}

static llvm::Expected<Arrays> concat(ConcatOp op, const Operands &in) {
  int64_t axis = op.getAxis();
  Array result = in[op.getInputs().front()];
  for (Value input : op.getInputs().drop_front()) {
    const Array &next = in[input];
    Shape shape = result.shape;
    for (auto [i, dim] : llvm::enumerate(next.shape))
      if (static_cast<int64_t>(i) != axis && dim != shape[i])
        return problem(result.text() + " and " + next.text() + " cannot be joined along dim " + Twine(axis));
    int64_t before = shape[axis];
    shape[axis] += next.shape[axis];
    Array joined = Array::make(result.element, shape);
    for (Positions at(shape); !at.done(); at.next()) {
      bool isFirst = at[axis] < before;
      const Array &source = isFirst ? result : next;
      Shape indices(at.indices());
      indices[axis] -= isFirst ? 0 : before;
      int64_t from = flatten(indices, source.shape);
      if (joined.isFloat())
        joined.reals[at.flat] = source.reals[from];
      else
        joined.integers[at.flat] = source.integers[from];
    }
    result = std::move(joined);
  }
  return Arrays{std::move(result)};
}

/// The index within [0, dim) that padding reads, or -1 for the fill.
static int64_t padded(PadMode mode, int64_t index, int64_t dim) {
  if (index >= 0 && index < dim)
    return index;
  switch (mode) {
  case PadMode::constant: return -1;
  case PadMode::edge: return std::clamp<int64_t>(index, 0, dim - 1);
  case PadMode::wrap: return ((index % dim) + dim) % dim;
  case PadMode::reflect: {
    if (dim == 1)
      return 0;
    int64_t period = 2 * (dim - 1), at = ((index % period) + period) % period;
    return at < dim ? at : period - at;
  }
  }
  llvm_unreachable("all modes are handled");
}

static llvm::Expected<Arrays> pad(PadOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  const Array *value = in.optional(op.getValue());
  Shape shape = in.shape(op.getResult(), op.getDims());
  Shape lows = mixed(op.getStaticLow(), op.getLows(), in);
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    Shape indices(at.indices());
    bool outside = false;
    for (auto [i, index] : llvm::enumerate(indices)) {
      // Cropped elements are not there to be reflected.
      int64_t cut = std::max<int64_t>(0, -lows[i]), low = std::max<int64_t>(0, lows[i]);
      int64_t kept = std::min(x.shape[i], shape[i] - lows[i]) - cut;
      if (kept <= 0 && op.getMode() != PadMode::constant)
        return problem("nothing is left of dim " + Twine(i) + " to pad with");
      int64_t read = padded(op.getMode(), index - low, std::max<int64_t>(kept, 0));
      outside |= read < 0;
      index = cut + read;
    }
    from.push_back(outside ? -1 : flatten(indices, x.shape));
  }
  return Arrays{pick(x, from, shape, value)};
}

static llvm::Expected<int64_t> checkedIndex(int64_t index, int64_t dim) {
  int64_t wrapped = index < 0 ? index + dim : index;
  if (wrapped < 0 || wrapped >= dim)
    return problem("the index " + Twine(index) + " is outside a dim of " + Twine(dim));
  return wrapped;
}

static llvm::Expected<Arrays> gather(GatherOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &indices = in[op.getIndices()];
  int64_t axis = op.getAxis(), rank = indices.rank();
  Shape shape(ArrayRef<int64_t>(x.shape).take_front(axis));
  llvm::append_range(shape, indices.shape);
  llvm::append_range(shape, ArrayRef<int64_t>(x.shape).drop_front(axis + 1));
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    ArrayRef<int64_t> where = at.indices();
    auto index = checkedIndex(indices.integers[flatten(where.slice(axis, rank), indices.shape)], x.shape[axis]);
    if (!index)
      return index.takeError();
    Shape source(where.take_front(axis));
    source.push_back(*index);
    llvm::append_range(source, where.drop_front(axis + rank));
    from.push_back(flatten(source, x.shape));
  }
  return Arrays{pick(x, from, shape)};
}

static llvm::Expected<Arrays> gatherElements(GatherElementsOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &indices = in[op.getIndices()];
  From from;
  for (Positions at(indices.shape); !at.done(); at.next()) {
    auto index = checkedIndex(indices.integers[at.flat], x.shape[op.getAxis()]);
    if (!index)
      return index.takeError();
    Shape source(at.indices());
    source[op.getAxis()] = *index;
    from.push_back(flatten(source, x.shape));
  }
  return Arrays{pick(x, from, indices.shape)};
}

/// The index tuple at `at` of `indices`, behind `batch` leading dims of `x`.
static llvm::Expected<Shape> indexTuple(const Array &x, const Array &indices, ArrayRef<int64_t> at, int64_t batch) {
  int64_t count = indices.shape.back();
  Shape place(at);
  place.push_back(0);
  Shape tuple(at.take_front(batch));
  for (int64_t i = 0; i < count; ++i) {
    place.back() = i;
    auto index = checkedIndex(indices.integers[flatten(place, indices.shape)], x.shape[batch + i]);
    if (!index)
      return index.takeError();
    tuple.push_back(*index);
  }
  return tuple;
}

static llvm::Expected<Arrays> gatherND(GatherNDOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &indices = in[op.getIndices()];
  int64_t batch = op.getBatchDims(), outer = indices.rank() - 1;
  Shape shape(ArrayRef<int64_t>(indices.shape).drop_back());
  llvm::append_range(shape, ArrayRef<int64_t>(x.shape).drop_front(batch + indices.shape.back()));
  From from;
  for (Positions at(shape); !at.done(); at.next()) {
    auto source = indexTuple(x, indices, at.indices().take_front(outer), batch);
    if (!source)
      return source.takeError();
    llvm::append_range(*source, at.indices().drop_front(outer));
    from.push_back(flatten(*source, x.shape));
  }
  return Arrays{pick(x, from, shape)};
}

template <typename T> static T combine(ScatterKind kind, T old, T update) {
  switch (kind) {
  case ScatterKind::set: return update;
  case ScatterKind::add: return old + update;
  case ScatterKind::mul: return old * update;
  case ScatterKind::min: return std::min(old, update);
  case ScatterKind::max: return std::max(old, update);
  }
  llvm_unreachable("all kinds are handled");
}

static void scatter(Array &result, int64_t to, const Array &updates, int64_t from, ScatterKind kind) {
  if (result.isFloat())
    result.reals[to] = roundTo(combine(kind, result.reals[to], updates.reals[from]), result.element);
  else
    result.integers[to] = combine(kind, result.integers[to], updates.integers[from]);
}

static llvm::Expected<Arrays> scatterElements(ScatterElementsOp op, const Operands &in) {
  Array result = in[op.getInput()];
  const Array &indices = in[op.getIndices()], &updates = in[op.getUpdates()];
  for (Positions at(indices.shape); !at.done(); at.next()) {
    auto index = checkedIndex(indices.integers[at.flat], result.shape[op.getAxis()]);
    if (!index)
      return index.takeError();
    Shape target(at.indices());
    target[op.getAxis()] = *index;
    scatter(result, flatten(target, result.shape), updates, flatten(at.indices(), updates.shape), op.getKind());
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> scatterND(ScatterNDOp op, const Operands &in) {
  Array result = in[op.getInput()];
  const Array &indices = in[op.getIndices()], &updates = in[op.getUpdates()];
  int64_t outer = indices.rank() - 1;
  for (Positions at(updates.shape); !at.done(); at.next()) {
    auto target = indexTuple(result, indices, at.indices().take_front(outer), 0);
    if (!target)
      return target.takeError();
    llvm::append_range(*target, at.indices().drop_front(outer));
    scatter(result, flatten(*target, result.shape), updates, at.flat, op.getKind());
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> trilu(TriluOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  int64_t k = op.getK() ? in.size(op.getK()) : 0, last = x.rank() - 1;
  From from;
  for (Positions at(x.shape); !at.done(); at.next()) {
    int64_t diagonal = at[last] - at[last - 1];
    from.push_back((op.getUpper() ? diagonal >= k : diagonal <= k) ? at.flat : -1);
  }
  return Arrays{pick(x, from, x.shape)};
}

static llvm::Expected<Arrays> range(RangeOp op, const Operands &in) {
  const Array &start = in[op.getStart()], &delta = in[op.getDelta()];
  Array result = Array::make(start.element, in.shape(op.getResult(), op.getDims()));
  for (int64_t i = 0; i < result.size(); ++i)
    if (result.isFloat())
      result.reals[i] = start.reals[0] + static_cast<double>(i) * delta.reals[0];
    else
      result.integers[i] = start.integers[0] + i * delta.integers[0];
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> nonzero(NonZeroOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  std::vector<Shape> found;
  for (Positions at(x.shape); !at.done(); at.next())
    if (x.real(at.flat) != 0)
      found.emplace_back(at.indices());
  auto count = static_cast<int64_t>(found.size());
  Array result = Array::make(getElementTypeOrSelf(op.getType()), {x.rank(), count});
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    for (int64_t i = 0; i < count; ++i)
      result.integers[axis * count + i] = found[i][axis];
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> fromIndex(FromIndexOp op, const Operands &in) {
  Array result = Array::make(getElementTypeOrSelf(op.getType()), cast<RankedTensorType>(op.getType()).getShape());
  for (auto [i, element] : llvm::enumerate(op.getElements()))
    result.integers[i] = in.size(element);
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> kvWrite(KVWriteOp op, const Operands &in) {
  Array result = in[op.getCache()];
  const Array &update = in[op.getUpdate()];
  const Array *start = in.optional(op.getStart());
  int64_t axis = op.getAxis(), rows = result.shape[axis];
  for (Positions at(update.shape); !at.done(); at.next()) {
    Shape target(at.indices());
    target[axis] += start ? start->integers[at[0]] : 0;
    if (op.getCircular())
      target[axis] = ((target[axis] % rows) + rows) % rows;
    if (target[axis] < 0 || target[axis] >= rows)
      return problem("row " + Twine(target[axis]) + " is outside a cache of " + Twine(rows));
    scatter(result, flatten(target, result.shape), update, at.flat, ScatterKind::set);
  }
  return Arrays{std::move(result)};
}

void transom::addMovementMeanings(Meanings &meanings) {
  MeaningOf<&constant>::add(meanings);
  MeaningOf<&reshape>::add(meanings);
  MeaningOf<&broadcastTo>::add(meanings);
  MeaningOf<&tile>::add(meanings);
  MeaningOf<&transpose>::add(meanings);
  MeaningOf<&slice>::add(meanings);
  MeaningOf<&concat>::add(meanings);
  MeaningOf<&pad>::add(meanings);
  MeaningOf<&gather>::add(meanings);
  MeaningOf<&gatherElements>::add(meanings);
  MeaningOf<&gatherND>::add(meanings);
  MeaningOf<&scatterElements>::add(meanings);
  MeaningOf<&scatterND>::add(meanings);
  MeaningOf<&trilu>::add(meanings);
  MeaningOf<&range>::add(meanings);
  MeaningOf<&nonzero>::add(meanings);
  MeaningOf<&fromIndex>::add(meanings);
  MeaningOf<&kvWrite>::add(meanings);
}
