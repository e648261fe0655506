//===- ModelCost.cpp - what a run computes and moves ----------------------===//

#include "ModelCost.h"
#include "SizePolynomials.h"
#include "Transformer/IR/Transformer.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

/// Multiplications and additions of a product; nothing where sizes are unknown, zero for other ops.
static std::optional<Polynomial> flopsOf(Operation *op, SizePolynomials &sizes) {
  auto sums = [&](ArrayRef<tf::Dim> factors) -> std::optional<Polynomial> {
    auto count = sizes.product(factors);
    return count ? std::optional(multiply(*count, {{{}, 2}})) : std::nullopt;
  };
  // 2 * (elements of the result) * (the dim that is summed over, counted from the operand's end).
  auto product = [&](Value result, Value operand, unsigned fromEnd) -> std::optional<Polynomial> {
    tf::Dims summed = sizes.dimsOf(operand), factors = sizes.dimsOf(result);
    if (summed.size() < fromEnd)
      return Polynomial();
    factors.push_back(summed[summed.size() - fromEnd]);
    return sums(factors);
  };
  return llvm::TypeSwitch<Operation *, std::optional<Polynomial>>(op)
      .Case([&](tf::MatMulOp op) { return product(op.getResult(), op.getLhs(), op.getTransposeA() ? 2 : 1); })
      .Case([&](tf::MatMulIntegerOp op) { return product(op.getResult(), op.getLhs(), 1); })
      .Case([&](tf::LinearOp op) { return product(op.getResult(), op.getInput(), 1); })
      .Case([&](tf::LinearNBitsOp op) { return product(op.getResult(), op.getInput(), 1); })
      .Case([&](tf::ConvOp op) {
        // Each result element sums over the weight's dims behind its first.
        tf::Dims factors = sizes.dimsOf(op.getResult());
        llvm::append_range(factors, llvm::drop_begin(sizes.dimsOf(op.getWeight())));
        return sums(factors);
      })
      .Case([&](tf::AttentionOp op) -> std::optional<Polynomial> {
        tf::Dims query = sizes.dimsOf(op.getQuery()), key = sizes.dimsOf(op.getKey()),
                 value = sizes.dimsOf(op.getValue());
        auto scores = sums({query[0], query[1], query[2], key[2], query[3]});
        auto mixed = sums({query[0], query[1], query[2], key[2], value[3]});
        return scores && mixed ? std::optional(add(*scores, *mixed)) : std::nullopt;
      })
      .Case([&](tf::LinearAttentionOp op) -> std::optional<Polynomial> {
        // A state is read by each query and written by each key; blocks of queries and keys between are as much at
        // most.
        tf::Dims query = sizes.dimsOf(op.getQuery()), key = sizes.dimsOf(op.getKey());
        tf::Dim width = sizes.dimsOf(op.getValue())[3];
        auto read = sums({query[0], query[1], query[2], query[3], width});
        auto written = sums({key[0], key[1], key[2], key[3], width});
        return read && written ? std::optional(add(*read, *written)) : std::nullopt;
      })
      .Case([&](tf::MoEOp op) -> std::optional<Polynomial> {
        // Each choice of a token goes through one expert's products.
        tf::Dims chosen = sizes.dimsOf(op.getExperts());
        std::optional<Polynomial> total = Polynomial();
        for (const tf::MoEOp::Layer &layer : {op.firstLayer(), op.upLayer(), op.secondLayer()}) {
          if (!layer.weight || !total)
            continue;
          tf::Dims dims = sizes.dimsOf(layer.weight);
          tf::Dim depth = op.isQuantized() ? tf::Dim(Builder(op.getContext()).getIndexAttr(layer.depth)) : dims[1];
          auto more = sums({chosen[0], chosen[1], depth, dims[op.columnsDim()]});
          total = more ? std::optional(add(*total, *more)) : std::nullopt;
        }
        return total;
      })
      .Default([](Operation *) { return Polynomial(); });
}

ModelCost transom::costOf(ModuleOp module) {
  // Dims are computed by new ops: in a copy. It shares the weights.
  OwningOpRef<ModuleOp> copy = module.clone();
  auto function = dyn_cast_or_null<func::FuncOp>(entryFunction(*copy));
  ModelCost cost;
  if (!function)
    return cost;
  SizePolynomials sizes(function);
  Polynomial total;
  function.walk([&](Operation *op) {
    sizes.setPlace(op);
    if (auto flops = flopsOf(op, sizes))
      total = add(total, *flops);
    else
      ++cost.omitted;
  });
  cost.flops = termsOf(total, cost.omitted);
  return cost;
}

//===-- Places ------------------------------------------------------------===//

/// Bytes of a tensor.
static std::optional<Polynomial> bytesOf(ArrayRef<tf::Dim> dims, Type element, SizePolynomials &sizes) {
  auto count = sizes.product(dims);
  if (!count)
    return std::nullopt;
  // A truth value takes a byte.
  unsigned bits = element.isInteger(1) ? 8 : elementTypeOf(element).bits;
  for (auto &[factors, coefficient] : *count)
    coefficient = llvm::divideCeil(coefficient * bits, 8);
  return count;
}

namespace {
struct LaunchCost {
  std::optional<Polynomial> flops = Polynomial(), bytes = Polynomial();
  void addFlops(const std::optional<Polynomial> &more) {
    flops = flops && more ? std::optional(add(*flops, *more)) : std::nullopt;
  }
  void addBytes(const std::optional<Polynomial> &more) {
    bytes = bytes && more ? std::optional(add(*bytes, *more)) : std::nullopt;
  }
};
} // namespace

/// The lookups that are all that reads an argument of a kernel.
static SmallVector<tf::GatherOp> lookupsOf(BlockArgument argument) {
  SmallVector<tf::GatherOp> lookups;
  for (OpOperand &use : argument.getUses()) {
    auto gather = dyn_cast<tf::GatherOp>(use.getOwner());
    if (!gather || use.getOperandNumber() != 0)
      return {};
    lookups.push_back(gather);
  }
  return lookups;
}

static LaunchCost costOf(tf::LaunchOp launch, func::FuncOp kernel, SizePolynomials &host) {
  SizePolynomials sizes(kernel);
  Block &body = kernel.getBody().front();
  LaunchCost cost;
  auto elementOf = [](Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); };
  nameKernelSizes(launch, kernel, host, sizes);
  for (Operation &op : body) {
    sizes.setPlace(&op);
    cost.addFlops(flopsOf(&op, sizes));
  }
  // What is written in place is neither read nor written as a whole.
  auto inPlace = kernel->getAttrOfType<IntegerAttr>("transformer.in_place");
  sizes.setPlace(body.getTerminator());
  for (auto [argument, value] : llvm::zip(body.getArguments(), launch.getInputs())) {
    if (!isa<RankedTensorType>(value.getType()) || (inPlace && inPlace.getInt() == argument.getArgNumber()))
      continue;
    SmallVector<tf::GatherOp> lookups = lookupsOf(argument);
    for (tf::GatherOp lookup : lookups)
      cost.addBytes(bytesOf(sizes.dimsOf(lookup.getResult()), elementOf(argument), sizes));
    if (lookups.empty())
      cost.addBytes(bytesOf(sizes.dimsOf(argument), elementOf(argument), sizes));
  }
  for (auto [i, result] : llvm::enumerate(launch.getResults()))
    if (!inPlace && !kernel.getResultAttr(i, "transformer.scratch"))
      cost.addBytes(bytesOf(host.dimsOf(result), elementOf(result), host));
  return cost;
}

std::map<std::string, std::vector<PlaceCost>> transom::placeCosts(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  SymbolTable symbols(*copy);
  std::map<std::string, std::vector<PlaceCost>> entries;
  for (auto function : copy->getOps<func::FuncOp>()) {
    if (!function->hasAttr("transformer.entry"))
      continue;
    SizePolynomials host(function);
    std::map<std::pair<std::string, std::string>, LaunchCost> places;
    SmallVector<tf::LaunchOp> launches;
    function.walk([&](tf::LaunchOp launch) { launches.push_back(launch); });
    for (tf::LaunchOp launch : launches) {
      host.setPlace(launch);
      LaunchCost cost = ::costOf(launch, symbols.lookup<func::FuncOp>(launch.getKernel()), host);
      LaunchCost &total = places[siteOf(launch.getLoc())];
      total.addFlops(cost.flops);
      total.addBytes(cost.bytes);
    }
    std::vector<PlaceCost> &list = entries[function.getName().str()];
    for (auto &[place, cost] : places) {
      unsigned omitted = !cost.flops || !cost.bytes;
      if (omitted)
        continue;
      PlaceCost item{place.first, place.second, termsOf(*cost.flops, omitted), termsOf(*cost.bytes, omitted)};
      if (!omitted)
        list.push_back(std::move(item));
    }
  }
  return entries;
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
