//===- Calibrate.cpp - activations for merged heads -----------------------===//
//
// Each attention is fitted on what the model converted up to it computes, so the
// model is compiled with taps and run once an attention.
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"
#include "Command.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

/// Tensors of each .npz file and each data set, by name.
static Expected<std::vector<std::vector<cli::Tensor>>> readInputs(StringRef folder) {
  std::vector<std::string> paths;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; entry != end && !code; entry.increment(code)) {
    StringRef name = sys::path::filename(entry->path());
    if (name.ends_with(".npz") || name.starts_with("test_data_set_"))
      paths.push_back(entry->path());
  }
  if (code)
    return createStringError(code, "cannot read '" + folder + "': " + code.message());
  if (paths.empty())
    return createStringError("'" + folder + "' holds no calibration inputs: .npz files or test_data_set_K folders");
  sort(paths);
  std::vector<std::vector<cli::Tensor>> all;
  for (const std::string &path : paths) {
    auto tensors = StringRef(path).ends_with(".npz") ? cli::readNpz(path) : cli::readDataSet(path, "input");
    if (!tensors)
      return tensors.takeError();
    all.push_back(std::move(*tensors));
  }
  return all;
}

static TappedTensor tapped(const TransomTensor &tensor) {
  TappedTensor result;
  result.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  int64_t count = 1;
  for (int64_t size : result.shape)
    count *= size;
  result.data.resize(count);
  for (int64_t i = 0; i < count; ++i)
    result.data[i] = static_cast<float>(cli::elementAt(tensor.type, tensor.data, i));
  return result;
}

/// Compiles with the taps that `options` ask for, and runs all inputs.
static Expected<std::vector<TappedRun>> runTapped(const CompileOptions &options,
                                                  const std::vector<std::vector<cli::Tensor>> &inputs) {
  auto package = cli::ReadyPackage::make(options.model, options);
  if (!package)
    return package.takeError();
  auto model = cli::LoadedModel::open(**package, /*threads=*/0);
  if (!model)
    return model.takeError();
  const TransomModelInfo &info = (*model)->info();
  std::vector<TappedRun> runs;
  for (std::vector<cli::Tensor> set : inputs) {
    if (set.size() != info.num_inputs)
      return createStringError("calibration inputs have " + Twine(set.size()) + " tensors where the model has " +
                               Twine(info.num_inputs) + " inputs");
    cli::orderByName(set, ArrayRef(info.inputs, info.num_inputs));
    (*model)->bind(std::move(set));
    if (Error error = (*model)->run())
      return error;
    TappedRun run;
    for (auto [i, output] : enumerate((*model)->outputs()))
      if (StringRef name = info.outputs[i].name; name.starts_with(kTapPrefix))
        run[name.str()] = tapped(output);
    runs.push_back(std::move(run));
  }
  return runs;
}

Error cli::calibrate(CompileOptions &options, StringRef folder, GQACalibration &calibration) {
  auto inputs = readInputs(folder);
  if (!inputs)
    return inputs.takeError();
  options.gqa.calibration = &calibration;
  CompileOptions tapping = options;
  tapping.dumpDir.clear();
  auto original = runTapped(tapping, *inputs);
  if (!original)
    return original.takeError();
  calibration.original = std::move(*original);
  calibration.current = calibration.original;
  for (int64_t number = 0; number + 1 < calibration.count; ++number) {
    calibration.fit = number;
    calibration.tap = number + 1;
    auto runs = runTapped(tapping, *inputs);
    if (!runs)
      return runs.takeError();
    calibration.current = std::move(*runs);
  }
  calibration.fit = calibration.count - 1;
  calibration.tap = -1;
  return Error::success();
}
