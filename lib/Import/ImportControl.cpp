//===- ImportControl.cpp - If and Loop ------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;

namespace {
/// The common type of what two branches give: dims that differ are dynamic.
RankedTensorType join(RankedTensorType a, RankedTensorType b) {
  SmallVector<int64_t> shape;
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
} // namespace

void transom::addControlRules(RuleTable &rules) { rules["If"] = importIf; }
