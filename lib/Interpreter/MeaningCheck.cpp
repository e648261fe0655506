//===- MeaningCheck.cpp - do passes keep what a module computes? ----------===//
//
// Every state is compared with the one before it, so that roundings do not add
// up. The op at fault is found by what ops came from: an op that gives none of
// the values that ops of its nodes gave before is named, the first one in order.
//
//===----------------------------------------------------------------------===//

#include "transom/Interpreter/MeaningCheck.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace transom;

namespace {

/// An op that ran: where it comes from, and what it gave.
struct Step {
  Operation *op; ///< valid for the current state alone
  SmallVector<Location> origins;
  std::vector<RunValue> results;
};

struct State {
  std::map<std::string, std::vector<RunValue>> outputs;
  std::map<std::string, std::vector<Step>> steps;
};

void collectOrigins(Location loc, SmallVectorImpl<Location> &origins) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectOrigins(part, origins);
  } else if (!isa<UnknownLoc>(loc)) {
    origins.push_back(loc);
  }
}

struct Difference {
  int64_t count = 0;
  double largest = 0; ///< of an element, relative to the largest of all
};

/// NaN before means that nothing was defined: a softmax of no keys.
std::optional<Difference> differ(const RunValue &before, const RunValue &after, double tolerance,
                                 bool isOutput = false) {
  if (!before.array || !after.array) {
    if (!before.array && !after.array)
      return Difference{before.size != after.size, static_cast<double>(before.size != after.size)};
    return std::nullopt;
  }
  if (before.array->shape != after.array->shape || before.array->isFloat() != after.array->isFloat())
    return std::nullopt;
  Difference difference;
  double scale = 0;
  for (int64_t i = 0; i < before.array->size(); ++i)
    if (double value = std::abs(before.array->real(i)); std::isfinite(value) && value < 1e30)
      scale = std::max(scale, value);
  for (int64_t i = 0; i < before.array->size(); ++i) {
    double was = before.array->real(i), is = after.array->real(i);
    if (std::isnan(was) || was == is)
      continue;
    double error = std::abs(is - was) / std::max(scale, 1e-30);
    // Masked scores: how far below all others does not matter.
    if (!isOutput && before.array->isFloat() && was < -1e4 && is < -1e4)
      continue;
    bool wrong = !before.array->isFloat() || !(error <= tolerance);
    difference.count += wrong;
    difference.largest = std::isnan(error) ? INFINITY : std::max(difference.largest, error);
  }
  return difference;
}

class MeaningCheck : public PassInstrumentation {
public:
  MeaningCheck(ChooseArguments choose, MeaningVerdict &verdict) : choose(std::move(choose)), verdict(verdict) {}

  void runBeforePass(Pass *, Operation *op) override {
    if (known || done())
      return;
    ModuleOp module = moduleOf(op);
    arguments = choose(module);
    if (llvm::Error error = run(module, last)) {
      emitError(module.getLoc()) << "the module does not run: " << llvm::toString(std::move(error));
      verdict.pass = "(before all passes)";
      return;
    }
    fingerprint.emplace(module);
    known = true;
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    ModuleOp module = moduleOf(op);
    if (done() || !known || !module)
      return;
    OperationFingerPrint now(module);
    if (now == *fingerprint)
      return;
    fingerprint.emplace(now);
    if (!runsOnTensors(module)) {
      ended = true;
      return;
    }
    StringRef name = pass->getArgument().empty() ? pass->getName() : pass->getArgument();
    State state;
    if (llvm::Error error = run(module, state)) {
      verdict.pass = name.str();
      emitError(module.getLoc()) << "after the pass '" << name
                                 << "' the module does not run: " << llvm::toString(std::move(error));
      return;
    }
    compare(name, module, state);
    ++verdict.passes;
    // The locations of a state outlive its ops, which the next pass may erase.
    last = std::move(state);
  }

private:
  bool done() const { return ended || !verdict.pass.empty(); }

  static ModuleOp moduleOf(Operation *op) {
    auto module = dyn_cast<ModuleOp>(op);
    return module ? module : op->getParentOfType<ModuleOp>();
  }

  /// Lowering to memory is where the dialect's meaning ends.
  bool runsOnTensors(ModuleOp module) const {
    return llvm::all_of(arguments, [&](auto &entry) {
      auto function = module.lookupSymbol<func::FuncOp>(entry.first);
      return function && function.getNumArguments() == entry.second.size() &&
             llvm::all_of(function.getArgumentTypes(),
                          [](Type type) { return isa<RankedTensorType, IndexType>(type); });
    });
  }

  llvm::Error run(ModuleOp module, State &state) {
    for (auto &[name, values] : arguments) {
      auto function = module.lookupSymbol<func::FuncOp>(name);
      if (!function)
        return llvm::createStringError("the function '" + name + "' is gone");
      std::vector<Step> &steps = state.steps[name];
      auto outputs = interpret(function, values, [&](Operation *op, ArrayRef<RunValue> results) {
        Step step{op, {}, results.vec()};
        collectOrigins(op->getLoc(), step.origins);
        steps.push_back(std::move(step));
      });
      if (!outputs)
        return outputs.takeError();
      state.outputs[name] = std::move(*outputs);
    }
    return llvm::Error::success();
  }

  /// Beyond rounding in the narrowest type that a function computes with. Whole
  /// steps of quantisation may fall to either side.
  static double toleranceOf(func::FuncOp function) {
    double tolerance = 1e-4;
    function.walk([&](Operation *op) {
      if (isa<transformer::QuantizeOp>(op))
        tolerance = std::max(tolerance, 5e-2);
      for (Type type : op->getResultTypes())
        if (Type element = getElementTypeOrSelf(type); element.isF16() || element.isBF16())
          tolerance = std::max(tolerance, element.isF16() ? 2e-2 : 6e-2);
    });
    return tolerance;
  }

  void compare(StringRef pass, ModuleOp module, State &state) {
    double largest = 0;
    for (auto &[name, outputs] : state.outputs) {
      auto function = module.lookupSymbol<func::FuncOp>(name);
      double tolerance = toleranceOf(function);
      const std::vector<RunValue> &before = last.outputs[name];
      for (unsigned i = 0; i < outputs.size(); ++i) {
        auto difference = differ(before[i], outputs[i], tolerance, /*isOutput=*/true);
        if (difference)
          largest = std::max(largest, difference->largest);
        if (difference && !difference->count)
          continue;
        verdict.pass = pass.str();
        blame(pass, function, i, difference, last.steps[name], state.steps[name], tolerance);
        return;
      }
    }
    std::string line;
    llvm::raw_string_ostream(line) << pass << ": largest difference " << llvm::format("%.2g", largest);
    verdict.log.push_back(std::move(line));
  }

  /// True where some value of the same origin and shape was the same before; nothing where there is none to compare.
  static std::optional<bool> agrees(const Step &step, ArrayRef<Step> before, double tolerance) {
    std::optional<bool> agrees;
    for (const Step &other : before) {
      bool related = llvm::any_of(step.origins, [&](Location loc) { return llvm::is_contained(other.origins, loc); });
      if (!related)
        continue;
      for (const RunValue &now : step.results)
        for (const RunValue &then : other.results)
          if (auto difference = differ(then, now, tolerance); difference && now.array) {
            if (!difference->count)
              return true;
            agrees = false;
          }
    }
    return agrees;
  }

  void blame(StringRef pass, func::FuncOp function, unsigned output, std::optional<Difference> difference,
             ArrayRef<Step> before, ArrayRef<Step> after, double tolerance) {
    std::string what;
    llvm::raw_string_ostream os(what);
    auto outputName = function.getResultAttrOfType<StringAttr>(output, "transformer.name");
    os << "output ";
    if (outputName)
      os << outputName;
    else
      os << output << " of @" << function.getName();
    if (difference)
      os << ": " << difference->count << " elements differ, by " << llvm::format("%.3g", difference->largest)
         << " of the largest";
    else
      os << " has another shape or type";
    Operation *culprit = nullptr;
    for (const Step &step : after)
      if (!culprit && agrees(step, before, tolerance) == false)
        culprit = step.op;
    if (!culprit)
      culprit = function.getBody().front().getTerminator()->getOperand(output).getDefiningOp();
    if (!culprit)
      culprit = function;
    emitError(culprit->getLoc()) << "the pass '" << pass << "' changes results: " << culprit->getName()
                                 << " gives other values than before; " << what;
  }

  ChooseArguments choose;
  FunctionArguments arguments;
  MeaningVerdict &verdict;
  State last;
  std::optional<OperationFingerPrint> fingerprint;
  bool known = false, ended = false;
};

} // namespace

std::unique_ptr<PassInstrumentation> transom::createMeaningCheck(ChooseArguments choose, MeaningVerdict &verdict) {
  return std::make_unique<MeaningCheck>(std::move(choose), verdict);
}
