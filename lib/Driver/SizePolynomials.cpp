//===- SizePolynomials.cpp - sizes as polynomials of named dims -----------===//

#include "SizePolynomials.h"

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

Polynomial transom::add(const Polynomial &a, const Polynomial &b, int64_t sign) {
  Polynomial sum = a;
  for (const auto &[factors, count] : b)
    sum[factors] += sign * count;
  return sum;
}

Polynomial transom::multiply(const Polynomial &a, const Polynomial &b) {
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

std::vector<CostTerm> transom::termsOf(const Polynomial &polynomial, unsigned &omitted) {
  std::vector<CostTerm> terms;
  for (const auto &[factors, count] : polynomial)
    if (count > 0)
      terms.push_back({static_cast<uint64_t>(count), factors});
    else if (count < 0)
      ++omitted;
  return terms;
}

SizePolynomials::SizePolynomials(func::FuncOp function)
    : function(function), builder(function), sizes(builder), dims(sizes) {
  nameDims();
}

void SizePolynomials::nameDims() {
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

std::optional<Polynomial> SizePolynomials::product(ArrayRef<tf::Dim> factors) {
  Polynomial result = {{{}, 1}};
  for (tf::Dim factor : factors) {
    auto polynomial = of(factor);
    if (!polynomial)
      return std::nullopt;
    result = multiply(result, *polynomial);
  }
  return result;
}

static bool isConstant(Value value) { return tf::SizeArith::asConstant(value).has_value(); }

std::optional<Polynomial> SizePolynomials::of(tf::Dim dim) {
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

std::optional<Polynomial> SizePolynomials::compute(Value value) {
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

void transom::nameKernelSizes(tf::LaunchOp launch, func::FuncOp kernel, SizePolynomials &host, SizePolynomials &sizes) {
  Block &body = kernel.getBody().front();
  for (auto [argument, value] : llvm::zip(body.getArguments(), launch.getInputs()))
    if (argument.getType().isIndex())
      sizes.set(argument, host.of(tf::Dim(value)));
  // Tensors' dims in terms of the kernel's own sizes.
  for (BlockArgument argument : body.getArguments()) {
    auto places = kernel.getArgAttrOfType<DenseI64ArrayAttr>(argument.getArgNumber(), "transformer.sizes");
    if (!places)
      continue;
    tf::Dims dims;
    for (auto [size, place] : llvm::zip(cast<RankedTensorType>(argument.getType()).getShape(), places.asArrayRef()))
      dims.push_back(ShapedType::isDynamic(size) && place >= 0
                         ? tf::Dim(body.getArgument(place))
                         : tf::Dim(IntegerAttr::get(IndexType::get(kernel.getContext()), size)));
    sizes.setDims(argument, dims);
  }
}
