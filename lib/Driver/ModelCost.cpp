//===- ModelCost.cpp - what a run computes --------------------------------===//

#include "ModelCost.h"
#include "Transformer/Analysis/TensorDims.h"
#include "Transformer/IR/Transformer.h"
#include "llvm/ADT/TypeSwitch.h"
#include <map>

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

namespace {
/// Factors (named dims, sorted) to their coefficient.
using Polynomial = std::map<std::vector<std::string>, int64_t>;

Polynomial add(const Polynomial &a, const Polynomial &b, int64_t sign = 1) {
  Polynomial sum = a;
  for (const auto &[factors, count] : b)
    sum[factors] += sign * count;
  return sum;
}

Polynomial multiply(const Polynomial &a, const Polynomial &b) {
  Polynomial product;
  for (const auto &[left, leftCount] : a)
    for (const auto &[right, rightCount] : b) {
      std::vector<std::string> factors = left;
      llvm::append_range(factors, right);
      llvm::sort(factors);
      product[factors] += leftCount * rightCount;
    }
  return product;
}

class CostCounter {
public:
  explicit CostCounter(func::FuncOp function) : function(function), builder(function), sizes(builder), dims(sizes) {}

  ModelCost count() {
    nameDims();
    function.walk([&](Operation *op) {
      builder.setInsertionPoint(op);
      llvm::TypeSwitch<Operation *>(op)
          .Case([&](tf::MatMulOp op) { product(op.getResult(), op.getLhs(), op.getTransposeA() ? 2 : 1); })
          .Case([&](tf::MatMulIntegerOp op) { product(op.getResult(), op.getLhs(), 1); })
          .Case([&](tf::LinearOp op) { product(op.getResult(), op.getInput(), 1); })
          .Case([&](tf::LinearNBitsOp op) { product(op.getResult(), op.getInput(), 1); })
          .Case([&](tf::ConvOp op) { convolution(op); })
          .Case([&](tf::AttentionOp op) { attention(op); });
    });
    ModelCost cost;
    for (const auto &[factors, flops] : total)
      if (flops > 0)
        cost.flops.push_back({static_cast<uint64_t>(flops), factors});
      else if (flops < 0)
        ++omitted;
    cost.omitted = omitted;
    return cost;
  }

private:
  /// Dims of one name are one size.
  void nameDims() {
    builder.setInsertionPointToStart(&function.getBody().front());
    llvm::StringMap<tf::Dim> first;
    for (BlockArgument argument : function.getArguments())
      if (auto names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "transformer.dims"))
        for (auto [i, name] : llvm::enumerate(names.getAsRange<StringAttr>())) {
          if (name.empty())
            continue;
          auto found = first.find(name);
          if (found == first.end())
            first[name] = sizes.dimOf(argument.getLoc(), argument, static_cast<int64_t>(i));
          else
            sizes.alias(argument, static_cast<int64_t>(i), found->second);
        }
  }

  /// 2 * (elements of the result) * (the dim that is summed over, counted from the operand's end).
  void product(Value result, Value operand, unsigned fromEnd) {
    tf::Dims summed = dims.of(operand);
    tf::Dims factors = dims.of(result);
    if (summed.size() < fromEnd)
      return;
    factors.push_back(summed[summed.size() - fromEnd]);
    add2(factors);
  }

  void convolution(tf::ConvOp op) {
    tf::Dims factors = dims.of(op.getResult());
    // Each result element sums over the weight's dims behind its first.
    llvm::append_range(factors, llvm::drop_begin(dims.of(op.getWeight())));
    add2(factors);
  }

  void attention(tf::AttentionOp op) {
    tf::Dims query = dims.of(op.getQuery()), key = dims.of(op.getKey()), value = dims.of(op.getValue());
    add2({query[0], query[1], query[2], key[2], query[3]});
    add2({query[0], query[1], query[2], key[2], value[3]});
  }

  void add2(ArrayRef<tf::Dim> factors) {
    Polynomial flops = {{{}, 2}};
    for (tf::Dim factor : factors) {
      auto polynomial = of(factor);
      if (!polynomial) {
        ++omitted;
        return;
      }
      flops = multiply(flops, *polynomial);
    }
    total = add(total, flops);
  }

  std::optional<Polynomial> of(tf::Dim dim) {
    if (auto constant = tf::SizeArith::asConstant(dim))
      return Polynomial{{{}, *constant}};
    auto value = dyn_cast<Value>(dim);
    if (!value)
      return std::nullopt;
    auto found = known.find(value);
    if (found != known.end())
      return found->second;
    return known[value] = compute(value);
  }

  static bool isConstant(Value value) { return tf::SizeArith::asConstant(value).has_value(); }

  std::optional<Polynomial> compute(Value value) {
    auto both = [&](auto op, auto combine) -> std::optional<Polynomial> {
      auto left = of(op.getLhs()), right = of(op.getRhs());
      if (!left || !right)
        return std::nullopt;
      return combine(*left, *right);
    };
    if (auto op = value.getDefiningOp<arith::AddIOp>())
      return both(op, [](auto &a, auto &b) { return add(a, b); });
    if (auto op = value.getDefiningOp<arith::SubIOp>())
      return both(op, [](auto &a, auto &b) { return add(a, b, -1); });
    if (auto op = value.getDefiningOp<arith::MulIOp>())
      return both(op, multiply);
    // Limits that are constants (0, the rows of a table) are not reached in a run that means something.
    auto unlimited = [&](auto op) { return of(isConstant(op.getRhs()) ? op.getLhs() : op.getRhs()); };
    if (auto op = value.getDefiningOp<arith::MaxSIOp>(); op && (isConstant(op.getRhs()) || isConstant(op.getLhs())))
      return unlimited(op);
    if (auto op = value.getDefiningOp<arith::MinSIOp>(); op && (isConstant(op.getRhs()) || isConstant(op.getLhs())))
      return unlimited(op);
    // The join of two dims that broadcast to each other: what is not 1.
    if (auto op = value.getDefiningOp<arith::SelectOp>()) {
      auto left = of(op.getTrueValue()), right = of(op.getFalseValue());
      if (left && right && *left != *right)
        return std::nullopt;
      return left ? left : right;
    }
    auto dim = value.getDefiningOp<tensor::DimOp>();
    auto argument = dim ? dyn_cast<BlockArgument>(dim.getSource()) : BlockArgument();
    if (!argument || argument.getOwner() != &function.getBody().front() || !dim.getConstantIndex())
      return std::nullopt;
    auto names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "transformer.dims");
    if (!names)
      return std::nullopt;
    return Polynomial{{{cast<StringAttr>(names[*dim.getConstantIndex()]).str()}, 1}};
  }

  func::FuncOp function;
  OpBuilder builder;
  tf::SizeArith sizes;
  tf::TensorDims dims;
  DenseMap<Value, std::optional<Polynomial>> known;
  Polynomial total;
  unsigned omitted = 0;
};
} // namespace

ModelCost transom::costOf(ModuleOp module) {
  // Dims are computed by new ops: in a copy. It shares the weights.
  OwningOpRef<ModuleOp> copy = module.clone();
  auto function = dyn_cast_or_null<func::FuncOp>(entryFunction(*copy));
  return function ? CostCounter(function).count() : ModelCost();
}

WeightTotals transom::weightsOf(ModuleOp module) {
  WeightTotals totals;
  llvm::DenseSet<Attribute> seen;
  module.walk([&](tf::ConstantOp constant) {
    auto elements = constant.getValue();
    if (!seen.insert(elements).second)
      return;
    uint64_t count = static_cast<uint64_t>(elements.getNumElements());
    totals.elements += count;
    totals.bytes += (count * elementTypeOf(elements.getElementType()).bits + 7) / 8;
  });
  return totals;
}
