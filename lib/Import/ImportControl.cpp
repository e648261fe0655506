//===- ImportControl.cpp - If, Loop and Scan ------------------------------===//
//
// A loop's body is imported with the carried values' dims as they come in. Those
// that the body changes are dynamic, and the body is imported again; all others
// keep their sizes through the loop, which the ops around it profit from.
//
//===----------------------------------------------------------------------===//

#include "LoopForm.h"

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
/// The common type of what two branches give: dims that differ are dynamic.
RankedTensorType join(RankedTensorType a, RankedTensorType b) {
  Integers shape;
  for (auto [x, y] : llvm::zip_equal(a.getShape(), b.getShape()))
    shape.push_back(x == y ? x : ShapedType::kDynamic);
  return RankedTensorType::get(shape, a.getElementType());
}

LogicalResult importIf(NodeImport &n) {
  const auto *thenGraph = n.attr("then_branch"), *elseGraph = n.attr("else_branch");
  if (!thenGraph || !elseGraph)
    return n.fail("a branch is missing");
  // A condition known now chooses now.
  if (auto known = n.constantInts(0); known && known->size() == 1) {
    auto results = n.importer.importBody((*known)[0] ? thenGraph->g() : elseGraph->g(), {}, n.loc);
    if (failed(results))
      return failure();
    for (auto [i, result] : llvm::enumerate(*results))
      n.out(i, result);
    return success();
  }
  Value condition = n.in(0);
  if (!n.element(condition).isInteger(1))
    return n.fail("the condition must be of bool");
  SmallVector<std::unique_ptr<Block>> blocks;
  SmallVector<SmallVector<Value>> yields;
  for (const auto *graph : {thenGraph, elseGraph}) {
    OpBuilder::InsertionGuard guard(n.builder);
    tf::SizeArith::Scope scope(n.sizes);
    blocks.push_back(std::make_unique<Block>());
    n.builder.setInsertionPointToEnd(blocks.back().get());
    auto results = n.importer.importBody(graph->g(), {}, n.loc);
    if (failed(results))
      return failure();
    tf::YieldOp::create(n.builder, n.loc, *results);
    yields.push_back(*results);
  }
  if (yields[0].size() != yields[1].size())
    return n.fail("the branches give different numbers of results");
  SmallVector<Type> types;
  for (auto [a, b] : llvm::zip_equal(yields[0], yields[1])) {
    RankedTensorType x = n.typeOf(a), y = n.typeOf(b);
    if (x.getRank() != y.getRank() || x.getElementType() != y.getElementType())
      return n.fail("the branches give different ranks or element types",
                    "models merged for with and without a cache must agree in rank");
    types.push_back(join(x, y));
  }
  auto op = tf::IfOp::create(n.builder, n.loc, types, condition);
  op.getThenRegion().push_back(blocks[0].release());
  op.getElseRegion().push_back(blocks[1].release());
  for (auto [i, result] : llvm::enumerate(op.getResults()))
    n.out(i, result);
  return success();
}

//===-- Loops --------------------------------------------------------------===//

/// The body with carried values of `types`, whose dims are `dims` where these
/// stand (null: only known in the body).
struct LoopBody {
  std::unique_ptr<Block> block;
  SmallVector<Value> yields;
  SmallVector<Dims> dims; ///< of the yields, as the body knows them
};

FailureOr<LoopBody> makeBody(NodeImport &n, const LoopForm &form, ArrayRef<RankedTensorType> types,
                             ArrayRef<Dims> dims) {
  OpBuilder::InsertionGuard guard(n.builder);
  tf::SizeArith::Scope scope(n.sizes);
  LoopBody body;
  body.block = std::make_unique<Block>();
  n.builder.setInsertionPointToEnd(body.block.get());
  auto argument = [&](Type element) { return body.block->addArgument(RankedTensorType::get({}, element), n.loc); };
  Value iteration = argument(n.builder.getI64Type()), condition = argument(n.builder.getI1Type());
  SmallVector<Value> carried;
  for (auto [type, known] : llvm::zip_equal(types, dims)) {
    Value value = body.block->addArgument(type, n.loc);
    for (auto [i, dim] : llvm::enumerate(known))
      if (dim && type.isDynamicDim(i))
        n.sizes.alias(value, i, dim);
    // Whoever reads the IR learns it from a view.
    Dims all = n.dims(value);
    bool aliased =
        llvm::any_of(llvm::seq<size_t>(0, known.size()), [&](size_t i) { return known[i] && type.isDynamicDim(i); });
    if (aliased) {
      SmallVector<Value> sizes;
      for (auto [i, dim] : llvm::enumerate(all))
        if (type.isDynamicDim(i))
          sizes.push_back(n.sizes.value(n.loc, dim));
      value = tf::ReshapeOp::create(n.builder, n.loc, type, value, sizes);
    }
    carried.push_back(value);
  }
  auto yields = form.body(iteration, condition, carried);
  if (failed(yields)) {
    n.importer.discard(std::move(body.block));
    return failure();
  }
  body.yields = std::move(*yields);
  for (Value yielded : body.yields)
    body.dims.push_back(n.dims(yielded));
  return body;
}

bool isTrue(Value value) {
  auto constant = value.getDefiningOp<tf::ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  return elements && elements.isSplat() && elements.getElementType().isInteger(1) && elements.getSplatValue<bool>();
}

} // namespace

FailureOr<SmallVector<Value>> transom::makeLoop(NodeImport &n, const LoopForm &form) {
  if (form.condition && !n.element(form.condition).isInteger(1))
    return n.fail("the condition must be of bool");
  if (form.count && !n.element(form.count).isInteger(64))
    return n.fail("the number of iterations must be of int64");
  size_t carried = form.inits.size();
  SmallVector<RankedTensorType> types;
  SmallVector<Dims> dims;
  for (Value init : form.inits) {
    types.push_back(n.typeOf(init));
    dims.push_back(n.dims(init));
  }
  FailureOr<LoopBody> body = failure();
  // Each round makes at least one more dim free.
  for (bool stable = false; !stable;) {
    body = makeBody(n, form, types, dims);
    if (failed(body))
      return failure();
    if (body->yields.size() != 1 + carried + form.scans)
      return n.fail("the body gives " + Twine(body->yields.size()) + " values, " + Twine(1 + carried + form.scans) +
                    " are expected");
    if (!n.element(body->yields[0]).isInteger(1))
      return n.fail("the condition that the body gives must be of bool");
    stable = true;
    for (size_t k = 0; k < carried; ++k) {
      Value next = body->yields[1 + k];
      RankedTensorType type = n.typeOf(next);
      if (type.getRank() != types[k].getRank() || type.getElementType() != types[k].getElementType())
        return n.fail("carried value " + Twine(k) + " goes in as " + Twine(textOf(types[k])) + " and comes out as " +
                          textOf(type),
                      "rank and element type must stay");
      const Dims &after = body->dims[1 + k];
      Integers shape(types[k].getShape());
      for (auto [i, dim] : llvm::enumerate(after)) {
        if (!dims[k][i] || dim == dims[k][i])
          continue;
        dims[k][i] = Dim();
        shape[i] = ShapedType::kDynamic;
        stable = false;
      }
      types[k] = RankedTensorType::get(shape, types[k].getElementType());
    }
    if (!stable)
      n.importer.discard(std::move(body->block));
  }

  {
    OpBuilder::InsertionGuard guard(n.builder);
    n.builder.setInsertionPointToEnd(body->block.get());
    tf::YieldOp::create(n.builder, n.loc, body->yields);
  }
  SmallVector<Type> results(types.begin(), types.end());
  for (Value scanned : ArrayRef<Value>(body->yields).drop_front(1 + carried)) {
    Integers shape = {ShapedType::kDynamic};
    llvm::append_range(shape, n.typeOf(scanned).getShape());
    results.push_back(RankedTensorType::get(shape, n.element(scanned)));
  }
  auto loop = tf::LoopOp::create(n.builder, n.loc, results, form.count, form.condition, form.inits);
  bool always = !form.condition && (body->yields[0] == body->block->getArgument(1) || isTrue(body->yields[0]));
  loop.getBody().push_back(body->block.release());

  SmallVector<Value> outs;
  for (auto [k, result] : llvm::enumerate(loop.getResults())) {
    Dims out = n.dims(result);
    if (k < carried)
      for (auto [i, dim] : llvm::enumerate(dims[k]))
        out[i] = dim ? dim : out[i];
    else if (always && form.iterations)
      out[0] = *form.iterations;
    outs.push_back(n.reshape(result, out));
  }
  return outs;
}

namespace {
LogicalResult importLoop(NodeImport &n) {
  const auto *graph = n.attr("body");
  if (!graph)
    return n.fail("the body is missing");
  LoopForm form;
  size_t carried = n.numInputs() < 2 ? 0 : n.numInputs() - 2;
  for (size_t k = 0; k < carried; ++k)
    form.inits.push_back(n.in(2 + k));
  if (n.has(0)) {
    form.count = n.reshape(n.in(0), {});
    if (auto known = n.elements(0))
      form.iterations = n.sizes.max(n.loc, (*known)[0], n.size(0));
  }
  if (n.has(1)) {
    form.condition = n.reshape(n.in(1), {});
    if (isTrue(form.condition))
      form.condition = Value();
  }
  if (static_cast<size_t>(graph->g().input_size()) != carried + 2)
    return n.fail("the body takes " + Twine(graph->g().input_size()) + " values, " + Twine(carried + 2) +
                  " are expected: iteration, condition, what is carried");
  if (static_cast<size_t>(graph->g().output_size()) < carried + 1)
    return n.fail("the body gives " + Twine(graph->g().output_size()) + " values, " + Twine(carried + 1) +
                  " are expected at least");
  form.scans = graph->g().output_size() - 1 - carried;
  form.body = [&](Value iteration, Value condition, ArrayRef<Value> values) {
    // The condition is what it was checked to be.
    SmallVector<Value> arguments = {iteration, condition};
    arguments.append(values.begin(), values.end());
    auto results = n.importer.importBody(graph->g(), arguments, n.loc);
    if (succeeded(results))
      (*results)[0] = n.reshape((*results)[0], {});
    return results;
  };
  auto results = makeLoop(n, form);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results))
    n.out(i, result);
  return success();
}

/// Opset 9 and newer: states, then sequences that are read along an axis.
LogicalResult importScan(NodeImport &n) {
  const auto *graph = n.attr("body");
  if (!graph)
    return n.fail("the body is missing");
  if (n.opset < 9)
    return n.fail("Scan before opset 9, with its batch dim, is not supported", "convert the model to opset 9 or newer");
  int64_t sequences = n.integer("num_scan_inputs", 0), inputs = static_cast<int64_t>(n.numInputs());
  if (sequences < 1 || sequences > inputs)
    return n.fail("num_scan_inputs is " + Twine(sequences) + " of " + Twine(inputs) + " inputs");
  int64_t states = inputs - sequences, outputs = graph->g().output_size() - states;
  if (outputs < 0 || graph->g().input_size() != static_cast<int>(n.numInputs()))
    return n.fail("num_scan_inputs does not fit the inputs and the body");
  auto list = [&](StringRef name, size_t size) { return n.integers(name).value_or(Integers(size, 0)); };
  Integers inAxes = list("scan_input_axes", sequences), outAxes = list("scan_output_axes", outputs);
  Integers inBack = list("scan_input_directions", sequences), outBack = list("scan_output_directions", outputs);

  LoopForm form;
  form.scans = outputs;
  for (int64_t k = 0; k < states; ++k)
    form.inits.push_back(n.in(k));
  SmallVector<Value> read;
  for (int64_t k = 0; k < sequences; ++k) {
    read.push_back(n.in(states + k));
    auto axis = n.axis(inAxes[k], n.rank(read.back()));
    if (failed(axis))
      return failure();
    inAxes[k] = *axis;
  }
  Dim count = n.dims(read[0])[inAxes[0]];
  form.iterations = count;
  Type i64 = n.builder.getI64Type();
  form.count = n.reshape(n.fromSizes({count}, RankedTensorType::get({1}, i64)), {});
  form.body = [&](Value iteration, Value condition, ArrayRef<Value> values) -> FailureOr<SmallVector<Value>> {
    SmallVector<Value> arguments(values);
    for (int64_t k = 0; k < sequences; ++k) {
      Value at = iteration;
      if (inBack[k]) {
        Value last =
            n.reshape(n.fromSizes({n.sizes.sub(n.loc, count, n.size(1))}, RankedTensorType::get({1}, i64)), {});
        at = n.binary(tf::BinaryKind::sub, last, iteration);
      }
      arguments.push_back(n.gather(read[k], at, inAxes[k]));
    }
    auto results = n.importer.importBody(graph->g(), arguments, n.loc);
    if (failed(results))
      return failure();
    results->insert(results->begin(), condition);
    return results;
  };
  auto results = makeLoop(n, form);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results)) {
    Value value = result;
    int64_t k = static_cast<int64_t>(i) - states;
    if (k >= 0) {
      int64_t rank = n.rank(value);
      auto axis = n.axis(outAxes[k], rank);
      if (failed(axis))
        return failure();
      if (outBack[k]) {
        Dims starts(rank, n.size(0));
        Integers steps(rank, 1);
        starts[0] = n.sizes.sub(n.loc, count, n.size(1));
        steps[0] = -1;
        value = n.slice(value, starts, n.dims(value), steps);
      }
      if (*axis) {
        Integers perm;
        for (int64_t d = 1; d < rank; ++d)
          perm.push_back(d);
        perm.insert(perm.begin() + *axis, 0);
        value = n.transpose(value, perm);
      }
    }
    n.out(i, value);
  }
  return success();
}
} // namespace

void transom::addControlRules(RuleTable &rules) {
  rules["If"] = importIf;
  rules["Loop"] = importLoop;
  rules["Scan"] = importScan;
}
