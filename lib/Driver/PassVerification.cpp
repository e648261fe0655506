//===- PassVerification.cpp - do the passes keep a model's results? -------===//

#include "transom/Driver/PassVerification.h"
#include "Compilation.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "transom/Interpreter/MeaningCheck.h"

using namespace mlir;
using namespace transom;

namespace {
/// Sizes of an entry function's dims: from samples, from what the user gave, or
/// small ones that differ, so that dims do not pass for one another.
class SampleSizes {
public:
  SampleSizes(func::FuncOp entry, const PassVerification &verification) : entry(entry), verification(verification) {}

  const SampleInput *sample(unsigned argument) {
    auto name = entry.getArgAttrOfType<StringAttr>(argument, "transformer.name");
    for (const SampleInput &input : verification.inputs)
      if (name && input.name == name.getValue())
        return &input;
    return nullptr;
  }

  int64_t operator()(unsigned argument, unsigned dim, StringRef name) {
    if (const SampleInput *input = sample(argument); input && dim < input->shape.size())
      return input->shape[dim];
    return name.empty() ? 3 : sizeOf(name);
  }

private:
  int64_t sizeOf(StringRef name) {
    if (auto given = verification.sizes.find(name.str()); given != verification.sizes.end())
      return given->second;
    // "past_sequence_length + 1"
    if (auto [left, right] = name.split('+'); !right.empty())
      return sizeOf(left.trim()) + sizeOf(right.trim());
    int64_t number;
    if (!name.getAsInteger(10, number))
      return number;
    if (name.contains("batch"))
      return 2;
    bool isTotal = name.contains("total");
    if (isTotal || name.contains("past"))
      return isTotal ? 5 + 4 : 4;
    return 5;
  }

  func::FuncOp entry;
  const PassVerification &verification;
};
} // namespace

static FunctionArguments argumentsOf(ModuleOp module, const PassVerification &verification) {
  FunctionArguments arguments;
  auto entry = dyn_cast_or_null<func::FuncOp>(entryFunction(module));
  if (!entry)
    return arguments;
  SampleSizes sizes(entry, verification);
  std::vector<RunValue> values = randomArguments(entry, sizes, verification.seed);
  for (auto [i, value] : llvm::enumerate(values)) {
    const SampleInput *sample = sizes.sample(static_cast<unsigned>(i));
    if (!sample || !value.array || sample->integers.size() != value.array->integers.size())
      continue;
    Array given = *value.array;
    given.integers = sample->integers;
    value = RunValue(std::move(given));
  }
  arguments[entry.getName().str()] = std::move(values);
  return arguments;
}

PassVerdict transom::verifyPasses(const CompileOptions &options, const PassVerification &verification,
                                  Problems &problems) {
  Compilation compilation(options, problems);
  MeaningVerdict verdict;
  compilation.preparePasses = [&](Stage stage, PassManager &passes) {
    passes.getContext()->disableMultithreading();
    if (verification.extend)
      verification.extend(stage, passes);
    // What is wrong already need not be found once more.
    if (verdict.pass.empty())
      passes.addInstrumentation(
          createMeaningCheck([&](ModuleOp module) { return argumentsOf(module, verification); }, verdict));
  };
  (void)compilation.run(Stage::Kernels);
  return {verdict.passes, verdict.pass, verdict.log};
}
