//===- ImportShapes.cpp - shape and data movement operators ---------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
LogicalResult constant(NodeImport &n) {
  if (const auto *value = n.attr("value")) {
    if (std::string fault = n.importer.faultOfTensor(value->t()); !fault.empty())
      return n.fail("its value " + fault);
    ImportedValue result;
    result.type = RankedTensorType::get(ArrayRef<int64_t>(value->t().dims().data(), value->t().dims_size()),
                                        n.importer.elementType(value->t().data_type()));
    result.weight = &value->t();
    n.importer.define(n.node.output(0), result);
    return success();
  }
  Type i64 = n.builder.getI64Type(), f32 = n.builder.getF32Type();
  if (n.hasAttr("value_int")) {
    n.out(0, n.scalar(i64, n.integer("value_int", 0)));
  } else if (n.hasAttr("value_float")) {
    n.out(0, n.scalar(f32, n.real("value_float", 0)));
  } else if (auto ints = n.integers("value_ints")) {
    n.out(0, n.integersTensor(*ints, i64));
  } else if (const auto *floats = n.attr("value_floats")) {
    SmallVector<float> list(floats->floats().begin(), floats->floats().end());
    auto type = RankedTensorType::get({static_cast<int64_t>(list.size())}, f32);
    n.out(0, tf::ConstantOp::create(n.builder, n.loc, type, DenseElementsAttr::get(type, ArrayRef<float>(list))));
  } else {
    return n.fail("the constant is sparse or a string", "use a dense numeric constant");
  }
  return success();
}

LogicalResult constantOfShape(NodeImport &n) {
  auto dims = n.sizesOf(0);
  if (failed(dims))
    return failure();
  Value fill;
  if (const auto *value = n.attr("value")) {
    if (std::string fault = n.importer.faultOfTensor(value->t()); !fault.empty())
      return n.fail("its value " + fault);
    fill = n.importer.makeConstant(value->t());
    fill = n.reshape(fill, {});
  } else {
    fill = n.scalar(n.builder.getF32Type(), 0);
  }
  n.out(0, n.broadcast(fill, *dims));
  return success();
}

/// A size that is an element of a tensor, as it stands.
bool readsData(Dim dim) {
  auto value = dyn_cast<Value>(dim);
  return value && value.getDefiningOp<tf::ToIndexOp>();
}

LogicalResult reshape(NodeImport &n) {
  Value x = n.in(0);
  Dims wanted;
  if (auto attribute = n.integers("shape")) { // opset 1 to 4
    for (int64_t dim : *attribute)
      wanted.push_back(n.size(dim));
  } else {
    auto dims = n.sizesOf(1);
    if (failed(dims))
      return failure();
    wanted = *dims;
  }
  Dims in = n.dims(x);
  bool zeroCopies = !n.integer("allowzero", 0);
  std::optional<size_t> rest;
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto known = tf::SizeArith::asConstant(wanted[i]);
    if (known == 0 && zeroCopies) {
      if (i >= in.size())
        return n.fail("shape entry " + Twine(i) + " is 0 (copy) but the input has rank " + Twine(in.size()));
      wanted[i] = in[i];
    } else if (known && *known < -1) {
      return n.fail("shape entry " + Twine(i) + " is " + Twine(*known));
    } else if (known == -1) {
      if (rest)
        return n.fail("shape has -1 twice");
      rest = i;
    }
  }
  if (llvm::any_of(wanted, [&](Dim dim) { return readsData(dim); })) {
    // A shape that only the run knows may say 0 (copy) and -1 (the rest) there.
    for (auto [i, dim] : llvm::enumerate(wanted))
      if (zeroCopies && readsData(dim) && i < in.size())
        dim = n.sizes.select(n.loc, n.sizes.compare(n.loc, arith::CmpIPredicate::eq, dim, n.size(0)), in[i], dim);
    Dim total = n.sizes.product(n.loc, in), others = n.size(1);
    for (Dim dim : wanted) {
      Dim isRest = n.sizes.compare(n.loc, arith::CmpIPredicate::eq, dim, n.size(-1));
      others = n.sizes.mul(n.loc, others, n.sizes.select(n.loc, isRest, n.size(1), dim));
    }
    for (Dim &dim : wanted) {
      Dim isRest = n.sizes.compare(n.loc, arith::CmpIPredicate::eq, dim, n.size(-1));
      if (tf::SizeArith::asConstant(isRest) != 0)
        dim = n.sizes.select(n.loc, isRest, n.sizes.floorDiv(n.loc, total, others), dim);
    }
  } else if (rest) {
    Dim total = n.sizes.product(n.loc, in), others = n.size(1);
    for (size_t i = 0; i < wanted.size(); ++i)
      if (i != *rest)
        others = n.sizes.mul(n.loc, others, wanted[i]);
    auto divisor = tf::SizeArith::asConstant(others);
    wanted[*rest] = divisor == 0 ? n.size(0) : n.sizes.floorDiv(n.loc, total, others);
  } else if (llvm::count_if(wanted, [](Dim d) { return !tf::SizeArith::asConstant(d); }) == 1) {
    // One size only is free: it is what the others leave, in terms of the
    // input's dims, which is how equal dims are seen to be equal.
    Dim total = n.sizes.product(n.loc, in), others = n.size(1);
    size_t at = 0;
    for (size_t i = 0; i < wanted.size(); ++i)
      if (tf::SizeArith::asConstant(wanted[i]))
        others = n.sizes.mul(n.loc, others, wanted[i]);
      else
        at = i;
    if (auto divisor = tf::SizeArith::asConstant(others); divisor && *divisor > 0)
      if (auto known = tf::SizeArith::asConstant(n.sizes.floorDiv(n.loc, total, others)))
        wanted[at] = n.size(*known);
  }
  auto count = tf::SizeArith::asConstant(n.sizes.product(n.loc, in));
  auto wantedCount = tf::SizeArith::asConstant(n.sizes.product(n.loc, wanted));
  if (count && wantedCount && *count != *wantedCount)
    return n.fail("cannot reshape " + Twine(*count) + " elements to " + Twine(*wantedCount));
  n.out(0, n.reshape(x, wanted));
  return success();
}

LogicalResult flatten(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x);
  int64_t rank = in.size(), at = n.integer("axis", 1);
  at = at < 0 ? at + rank : at;
  if (at < 0 || at > rank)
    return n.fail("axis " + Twine(at) + " is outside rank " + Twine(rank));
  Dim rows = n.sizes.product(n.loc, in.take_front(at));
  Dim columns = n.sizes.product(n.loc, in.drop_front(at));
  n.out(0, n.reshape(x, {rows, columns}));
  return success();
}

LogicalResult unsqueeze(NodeImport &n) {
  Value x = n.in(0);
  auto count = n.hasAttr("axes") ? n.integers("axes") : n.constantInts(1);
  if (!count) { // only the run knows them: each dim of the result is 1, or the next of the input's
    if (!n.has(1) || !n.type(1).hasStaticShape())
      return n.fail("how many axes there are must be known when compiling");
    Dims in = n.dims(x), to;
    int64_t rank = in.size() + n.type(1).getNumElements();
    auto flags = n.axisFlags(1, rank);
    if (failed(flags))
      return failure();
    Dim next = n.size(0);
    for (Dim flag : *flags) {
      Dim dim = n.size(1);
      for (auto [j, size] : llvm::enumerate(in)) {
        Dim here = n.sizes.compare(n.loc, arith::CmpIPredicate::eq, next, n.size(j));
        dim = n.sizes.select(n.loc, here, size, dim);
      }
      to.push_back(n.sizes.select(n.loc, flag, n.size(1), dim));
      next = n.sizes.add(n.loc, next, n.sizes.sub(n.loc, n.size(1), flag));
    }
    n.out(0, n.reshape(x, to));
    return success();
  }
  auto axes = n.axes(1, n.rank(x) + count->size());
  if (failed(axes))
    return failure();
  n.out(0, n.unsqueeze(x, **axes));
  return success();
}

LogicalResult squeeze(NodeImport &n) {
  Value x = n.in(0);
  if (n.has(1) && !n.constantInts(1) && n.type(1).hasStaticShape()) { // only the run knows them
    auto flags = n.axisFlags(1, n.rank(x));
    if (failed(flags))
      return failure();
    n.out(0, n.reshape(x, n.withoutFlagged(n.dims(x), *flags, n.rank(x) - n.type(1).getNumElements())));
    return success();
  }
  auto axes = n.axes(1, n.rank(x));
  if (failed(axes))
    return failure();
  if (!*axes) {
    Integers ones;
    for (auto [i, dim] : llvm::enumerate(n.typeOf(x).getShape())) {
      if (ShapedType::isDynamic(dim))
        return n.fail("without axes, dims of 1 must be known when compiling", "give the axes");
      if (dim == 1)
        ones.push_back(i);
    }
    *axes = ones;
  }
  n.out(0, n.squeeze(x, **axes));
  return success();
}

LogicalResult transpose(NodeImport &n) {
  Value x = n.in(0);
  auto perm = n.integers("perm");
  if (!perm) {
    perm.emplace();
    for (int64_t i = n.rank(x); i-- > 0;)
      perm->push_back(i);
  }
  // A known table of positions stays known.
  RankedTensorType type = n.type(0);
  bool isTable = type.getRank() == 2 && (*perm)[0] == 1 && type.getElementType().isInteger(64);
  if (auto known = isTable ? n.constantInts(0) : std::nullopt) {
    int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
    Integers swapped;
    for (int64_t i = 0; i < rows * columns; ++i)
      swapped.push_back((*known)[i % rows * columns + i / rows]);
    n.out(0, n.reshape(n.integersTensor(swapped, type.getElementType()), {n.size(columns), n.size(rows)}));
    return success();
  }
  n.out(0, n.transpose(x, *perm));
  return success();
}

LogicalResult expand(NodeImport &n) {
  Value x = n.in(0);
  auto wanted = n.sizesOf(1);
  if (failed(wanted))
    return failure();
  Dims in = n.dims(x), to(std::max(in.size(), wanted->size()), n.size(1));
  for (size_t i = 0; i < to.size(); ++i) {
    int64_t a = i + in.size() - to.size(), b = i + wanted->size() - to.size();
    Dim have = a >= 0 ? in[a] : n.size(1), want = b >= 0 ? (*wanted)[b] : n.size(1);
    auto known = tf::SizeArith::asConstant(want), mine = tf::SizeArith::asConstant(have);
    if (known && mine && *known != 1 && *mine != 1 && *known != *mine)
      return n.fail("dim of " + Twine(*mine) + " does not broadcast to " + Twine(*known));
    to[i] = n.sizes.broadcast(n.loc, have, want);
  }
  n.out(0, n.broadcast(x, to));
  return success();
}

LogicalResult tile(NodeImport &n) {
  Value x = n.in(0);
  auto repeats = n.sizesOf(1);
  if (failed(repeats))
    return failure();
  Dims to = n.dims(x);
  if (repeats->size() != to.size())
    return n.fail("repeats has " + Twine(repeats->size()) + " entries for rank " + Twine(to.size()));
  bool same = true;
  SmallVector<Value> moving;
  for (size_t i = 0; i < to.size(); ++i) {
    same &= tf::SizeArith::asConstant((*repeats)[i]) == 1;
    to[i] = n.sizes.mul(n.loc, to[i], (*repeats)[i]);
    if (!tf::SizeArith::asConstant(to[i]))
      moving.push_back(n.sizes.value(n.loc, to[i]));
  }
  n.out(0, same ? x : n.make<tf::TileOp>(n.typeFor(to, n.element(x)), x, moving));
  return success();
}

LogicalResult concat(NodeImport &n) {
  SmallVector<Value> parts;
  for (size_t i = 0; i < n.numInputs(); ++i) {
    Value part = n.in(i);
    auto axis = n.axis(n.integer("axis", 1), n.rank(part));
    if (failed(axis))
      return failure();
    // torch joins with empty tensors of one dim; they hold nothing.
    if (n.typeOf(part).getDimSize(*axis) != 0 || n.numInputs() == 1)
      parts.push_back(part);
  }
  if (parts.empty())
    parts.push_back(n.in(0));
  auto axis = n.axis(n.integer("axis", 1), n.rank(parts[0]));
  if (failed(axis))
    return failure();
  n.out(0, n.concat(parts, *axis));
  return success();
}

LogicalResult split(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  if (failed(axis))
    return failure();
  Dim whole = n.dims(x)[*axis];
  Dims lengths;
  size_t count = n.numOutputs();
  if (auto attribute = n.integers("split")) {
    for (int64_t length : *attribute)
      lengths.push_back(n.size(length));
  } else if (n.has(1)) {
    auto given = n.sizesOf(1);
    if (failed(given))
      return failure();
    lengths = *given;
  } else {
    int64_t parts = n.integer("num_outputs", count);
    if (parts < 1 || static_cast<size_t>(parts) != count)
      return n.fail("num_outputs is " + Twine(parts) + ", and the node has " + Twine(count) + " outputs");
    Dim each = n.sizes.floorDiv(n.loc, n.sizes.add(n.loc, whole, n.size(parts - 1)), n.size(parts));
    for (int64_t i = 0; i + 1 < parts; ++i)
      lengths.push_back(each);
    // As many parts as can be of that size: what is left is not less than nothing.
    Dim rest = n.sizes.sub(n.loc, whole, n.sizes.mul(n.loc, each, n.size(parts - 1)));
    if (parts > 2)
      n.require(n.sizes.max(n.loc, rest, n.size(0)), rest);
    lengths.push_back(rest);
  }
  if (lengths.size() < count)
    return n.fail("split has " + Twine(lengths.size()) + " parts for " + Twine(count) + " outputs");
  Dim start = n.size(0);
  for (size_t i = 0; i < count; ++i) {
    if (n.wants(i))
      n.out(i, n.slice(x, *axis, start, lengths[i]));
    start = n.sizes.add(n.loc, start, lengths[i]);
  }
  if (lengths.size() == count)
    n.require(whole, start);
  return success();
}

/// Trilu's k and others: a scalar as a size.
LogicalResult trilu(NodeImport &n) {
  Value k;
  if (n.has(1)) {
    auto sizes = n.sizesOf(1);
    if (failed(sizes))
      return failure();
    if (tf::SizeArith::asConstant((*sizes)[0]) != 0)
      k = n.sizes.value(n.loc, (*sizes)[0]);
  }
  n.out(0, n.make<tf::TriluOp>(n.in(0), k, n.integer("upper", 1) != 0));
  return success();
}

LogicalResult range(NodeImport &n) {
  auto start = n.elements(0), limit = n.elements(1), delta = n.elements(2);
  Type element = n.type(0).getElementType();
  Dim count;
  if (start && limit && delta) {
    auto step = tf::SizeArith::asConstant((*delta)[0]);
    if (step == 0)
      return n.fail("delta is 0");
    Dim room = n.sizes.sub(n.loc, (*limit)[0], (*start)[0]);
    if (step == 1) {
      count = room;
    } else if (step && *step > 0) {
      count = n.sizes.floorDiv(n.loc, n.sizes.add(n.loc, room, n.size(*step - 1)), n.size(*step));
    } else { // ceil(room / delta) = -floor(-room / delta)
      Dim minus = n.sizes.sub(n.loc, n.size(0), room);
      count = n.sizes.sub(n.loc, n.size(0), n.sizes.floorDiv(n.loc, minus, (*delta)[0]));
    }
    if (!n.sizes.nonNegative(count) && tf::SizeArith::asConstant((*start)[0]) != 0) {
      // past .. past + seq is seq long whatever past is: sub has seen to it.
      count = n.sizes.max(n.loc, count, n.size(0));
    }
  } else {
    // The length depends on data.
    Value room = n.make<tf::BinaryOp>(tf::BinaryKind::sub, n.in(1), n.in(0));
    Value steps = n.cast(room, n.builder.getF64Type());
    steps = n.unary(tf::UnaryKind::ceil, n.binary(tf::BinaryKind::div, steps, n.cast(n.in(2), n.builder.getF64Type())));
    steps = n.binary(tf::BinaryKind::max, steps, n.scalar(n.builder.getF64Type(), 0));
    Value length = n.reshape(n.cast(steps, n.builder.getI64Type()), {});
    if (auto folded = length.getDefiningOp<tf::ConstantOp>())
      count = n.size((*cast<DenseElementsAttr>(folded.getValue()).getValues<APInt>().begin()).getSExtValue());
    else
      count = Value(tf::ToIndexOp::create(n.builder, n.loc, length, 0));
  }
  SmallVector<Value> moving;
  if (!tf::SizeArith::asConstant(count))
    moving.push_back(n.sizes.value(n.loc, count));
  n.out(0, n.make<tf::RangeOp>(n.typeFor({count}, element), n.reshape(n.in(0), {}), n.reshape(n.in(2), {}), moving));
  return success();
}

/// [N, C·b·b, H, W] to [N, C, H·b, W·b]; DCR or CRD order of the blocks.
LogicalResult depthToSpace(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x);
  int64_t block = n.integer("blocksize", 1);
  Dim b = n.size(block), c = n.sizes.floorDiv(n.loc, in[1], n.size(block * block));
  bool crd = n.string("mode", "DCR") == "CRD";
  Value y = crd ? n.reshape(x, {in[0], c, b, b, in[2], in[3]}) : n.reshape(x, {in[0], b, b, c, in[2], in[3]});
  y = n.transpose(y, crd ? ArrayRef<int64_t>{0, 1, 4, 2, 5, 3} : ArrayRef<int64_t>{0, 3, 4, 1, 5, 2});
  n.out(0, n.reshape(y, {in[0], c, n.sizes.mul(n.loc, in[2], b), n.sizes.mul(n.loc, in[3], b)}));
  return success();
}

/// The reverse.
LogicalResult spaceToDepth(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x);
  int64_t block = n.integer("blocksize", 1);
  Dim b = n.size(block), h = n.sizes.floorDiv(n.loc, in[2], b), w = n.sizes.floorDiv(n.loc, in[3], b);
  bool crd = n.string("mode", "DCR") == "CRD";
  Value y = n.reshape(x, {in[0], in[1], h, b, w, b});
  y = n.transpose(y, crd ? ArrayRef<int64_t>{0, 1, 3, 5, 2, 4} : ArrayRef<int64_t>{0, 3, 5, 1, 2, 4});
  n.out(0, n.reshape(y, {in[0], n.sizes.mul(n.loc, in[1], n.size(block * block)), h, w}));
  return success();
}
} // namespace

void transom::addShapeRules(RuleTable &rules) {
  rules["Constant"] = constant;
  rules["ConstantOfShape"] = constantOfShape;
  rules["Reshape"] = reshape;
  rules["Flatten"] = flatten;
  rules["Unsqueeze"] = unsqueeze;
  rules["Squeeze"] = squeeze;
  rules["Transpose"] = transpose;
  rules["Expand"] = expand;
  rules["Tile"] = tile;
  rules["Concat"] = concat;
  rules["Split"] = split;
  rules["Trilu"] = trilu;
  rules["Range"] = range;
  rules["DepthToSpace"] = depthToSpace;
  rules["SpaceToDepth"] = spaceToDepth;
}
