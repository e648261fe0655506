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
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>

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

static bool isFloat(int32_t type) {
  return type == TRANSOM_F32 || type == TRANSOM_F16 || type == TRANSOM_BF16 || type == TRANSOM_F64;
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

/// An empty cache has as many heads as the converted model's.
static void fitEmptyCaches(std::vector<cli::Tensor> &set, ArrayRef<TransomValueDesc> values) {
  for (auto [tensor, value] : zip_equal(set, values))
    if (tensor.elements() == 0 && tensor.shape.size() == static_cast<size_t>(value.rank))
      for (auto [d, size] : enumerate(tensor.shape))
        if (value.symbols[d] < 0)
          size = value.dims[d];
}

/// Runs all inputs; what the model's outputs of floats, and its taps, are. `scores`
/// becomes the name of the first output.
static Expected<std::vector<TappedRun>>
runAll(const cli::ModelPackage &package, const std::vector<std::vector<cli::Tensor>> &inputs, std::string &scores) {
  auto model = cli::LoadedModel::open(package, /*threads=*/0);
  if (!model)
    return model.takeError();
  const TransomModelInfo &info = (*model)->info();
  std::vector<TappedRun> runs;
  for (std::vector<cli::Tensor> set : inputs) {
    if (set.size() != info.num_inputs)
      return createStringError("calibration inputs have " + Twine(set.size()) + " tensors where the model has " +
                               Twine(info.num_inputs) + " inputs");
    cli::orderByName(set, ArrayRef(info.inputs, info.num_inputs));
    fitEmptyCaches(set, ArrayRef(info.inputs, info.num_inputs));
    (*model)->bind(std::move(set));
    if (Error error = (*model)->run())
      return error;
    TappedRun run;
    for (auto [i, output] : enumerate((*model)->outputs())) {
      StringRef name = info.outputs[i].name;
      if (!isFloat(output.type) && !name.starts_with(kTapPrefix))
        continue;
      if (scores.empty())
        scores = name.str();
      run[name.str()] = tapped(output);
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

//===-- Errors --------------------------------------------------------------===//

namespace {
struct OutputError {
  double divergence = 0; ///< of the softmax of the first output's rows, in nats, the mean
  double largest = 0;    ///< difference of any output that kept its shape
  double of(GQAError error) const { return error == GQAError::Divergence ? divergence : largest; }
};
} // namespace

/// The sum over rows of KL(softmax(a) | softmax(b)).
static double divergenceOf(const TappedTensor &a, const TappedTensor &b, int64_t &rows) {
  int64_t width = a.shape.empty() ? 1 : a.shape.back();
  if (width == 0)
    return 0;
  auto logOfSum = [&](const float *row) {
    double top = *std::max_element(row, row + width), sum = 0;
    for (int64_t i = 0; i < width; ++i)
      sum += std::exp(row[i] - top);
    return top + std::log(sum);
  };
  double total = 0;
  for (size_t start = 0; start < a.data.size(); start += width, ++rows) {
    const float *p = &a.data[start], *q = &b.data[start];
    double pSum = logOfSum(p), qSum = logOfSum(q);
    for (int64_t i = 0; i < width; ++i)
      total += std::exp(p[i] - pSum) * ((p[i] - pSum) - (q[i] - qSum));
  }
  return total;
}

static OutputError errorOf(ArrayRef<TappedRun> before, ArrayRef<TappedRun> after, const std::string &scores) {
  OutputError error;
  int64_t rows = 0;
  for (auto [original, now] : zip_equal(before, after))
    for (const auto &[name, tensor] : original) {
      auto other = now.find(name);
      if (StringRef(name).starts_with(kTapPrefix) || other == now.end() || other->second.shape != tensor.shape)
        continue;
      for (auto [a, b] : zip_equal(tensor.data, other->second.data))
        error.largest = std::max(error.largest, double(std::abs(a - b)));
      if (name == scores)
        error.divergence += divergenceOf(tensor, other->second, rows);
    }
  error.divergence /= std::max<int64_t>(rows, 1);
  return error;
}

//===-- Fits ----------------------------------------------------------------===//

namespace {
class Calibrator {
public:
  Calibrator(const CompileOptions &options, GQACalibration &calibration) : options(options), calibration(calibration) {
    this->options.gqa.calibration = &calibration;
    this->options.dumpDir.clear();
    this->options.exportOnnx.clear();
  }

  Error begin(StringRef folder);
  /// Fits all attentions but the last one, in order. Of each, how many heads it is
  /// left with says `calibration.groups`, or the options.
  Error fit();
  /// Groups for all attentions so that the error stays within the budget.
  Error fitBudget(HeadsReport &report);
  Expected<OutputError> errorOfPackage(const cli::ModelPackage &package) {
    auto runs = runAll(package, inputs, scores);
    if (!runs)
      return runs.takeError();
    return errorOf(calibration.original, *runs, scores);
  }

private:
  Expected<std::vector<TappedRun>> runTapped() {
    auto package = cli::ReadyPackage::make(options.model, options, /*onlyErrors=*/true);
    if (!package)
      return package.takeError();
    return runAll(**package, inputs, scores);
  }
  Expected<double> errorNow() {
    auto runs = runTapped();
    if (!runs)
      return runs.takeError();
    return errorOf(calibration.original, *runs, scores).of(options.gqa.error);
  }
  size_t count() const { return calibration.heads.size(); }
  Error measureAlone();
  Expected<double> convert(const std::vector<int64_t> &groups);
  std::vector<int64_t> smallest(double allowed) const;
  double predicted(const std::vector<int64_t> &groups) const;
  int64_t headsLeft(const std::vector<int64_t> &groups) const;
  std::string curve() const;

  CompileOptions options;
  GQACalibration &calibration;
  std::vector<std::vector<cli::Tensor>> inputs;
  std::string scores;
  /// Per attention: heads left, error with it alone converted; fewest heads last.
  std::vector<std::vector<std::pair<int64_t, double>>> alone;
  /// Fits depend on what comes before alone.
  std::map<std::vector<int64_t>, std::shared_ptr<heads::Merged>> fits;
};
} // namespace

Error Calibrator::begin(StringRef folder) {
  auto read = readInputs(folder);
  if (!read)
    return read.takeError();
  inputs = std::move(*read);
  auto original = runTapped();
  if (!original)
    return original.takeError();
  calibration.original = std::move(*original);
  return Error::success();
}

Error Calibrator::fit() {
  calibration.current = calibration.original;
  for (size_t number = 0; number + 1 < count(); ++number) {
    calibration.fit = number;
    calibration.tap = number + 1;
    auto runs = runTapped();
    if (!runs)
      return runs.takeError();
    calibration.current = std::move(*runs);
  }
  calibration.fit = static_cast<int64_t>(count()) - 1;
  calibration.tap = -1;
  return Error::success();
}

//===-- Budgets -------------------------------------------------------------===//

/// Each attention alone, with fewer and fewer heads, as far as the budget goes.
Error Calibrator::measureAlone() {
  alone.resize(count());
  calibration.quick = true;
  calibration.current = calibration.original;
  for (size_t number = 0; number < count(); ++number) {
    int64_t heads = calibration.heads[number];
    for (int64_t groups = heads / 2; groups >= 1; --groups) {
      if (heads % groups)
        continue;
      calibration.groups.assign(count(), 0);
      calibration.groups[number] = groups;
      calibration.fitted.assign(number, nullptr);
      calibration.fit = number;
      calibration.tap = -1;
      auto error = errorNow();
      if (!error)
        return error.takeError();
      alone[number].emplace_back(groups, *error);
      // Fewer heads are no better.
      if (*error > 2 * options.gqa.budget)
        break;
    }
  }
  calibration.quick = false;
  return Error::success();
}

double Calibrator::predicted(const std::vector<int64_t> &groups) const {
  double sum = 0;
  for (auto [choices, chosen] : zip_equal(alone, groups))
    for (auto [heads, error] : choices)
      sum += heads == chosen ? error : 0;
  return sum;
}

int64_t Calibrator::headsLeft(const std::vector<int64_t> &groups) const {
  int64_t sum = 0;
  for (auto [all, left] : zip_equal(calibration.heads, groups))
    sum += left ? left : all;
  return sum;
}

/// The groups with the fewest heads whose errors sum to no more than `allowed`: a
/// knapsack over attentions, errors in steps of a thousandth, rounded up.
std::vector<int64_t> Calibrator::smallest(double allowed) const {
  constexpr int64_t kSteps = 1000;
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 2;
  // heads[s]: the fewest with s steps of error at most; chosen[n][s]: of attention n.
  std::vector<int64_t> heads(kSteps + 1, 0);
  std::vector<std::vector<int64_t>> chosen(count(), std::vector<int64_t>(kSteps + 1, 0));
  auto stepsOf = [&](double error) { return static_cast<int64_t>(std::ceil(std::min(error / allowed, 2.0) * kSteps)); };
  for (size_t number = 0; number < count(); ++number) {
    std::vector<int64_t> next(kSteps + 1, kNever);
    for (int64_t s = 0; s <= kSteps; ++s) {
      auto offer = [&](int64_t left, int64_t groups, int64_t cost) {
        if (cost > s || heads[s - cost] + left >= next[s])
          return;
        next[s] = heads[s - cost] + left;
        chosen[number][s] = groups;
      };
      offer(calibration.heads[number], 0, 0);
      for (auto [groups, error] : alone[number])
        offer(groups, groups, stepsOf(error));
    }
    heads = std::move(next);
  }
  std::vector<int64_t> result(count());
  int64_t s = kSteps;
  for (size_t number = count(); number-- > 0;) {
    result[number] = chosen[number][s];
    for (auto [groups, error] : alone[number])
      if (groups == result[number])
        s -= stepsOf(error);
  }
  return result;
}

/// Fits all attentions for `groups`, each on what the ones before it left; the error then.
Expected<double> Calibrator::convert(const std::vector<int64_t> &groups) {
  calibration.groups = groups;
  calibration.fitted.clear();
  calibration.current = calibration.original;
  std::vector<int64_t> prefix;
  bool isCurrent = true; // `current` shows this attention
  for (size_t number = 0; number < count(); ++number) {
    prefix.push_back(groups[number]);
    auto known = fits.find(prefix);
    if (known != fits.end() || !groups[number]) {
      calibration.fitted.push_back(known == fits.end() ? nullptr : known->second);
      isCurrent = false;
      continue;
    }
    if (!isCurrent && number > 0) {
      calibration.fit = static_cast<int64_t>(number) - 1;
      calibration.tap = number;
      auto runs = runTapped();
      if (!runs)
        return runs.takeError();
      calibration.current = std::move(*runs);
    }
    calibration.fit = number;
    calibration.tap = number + 1 < count() ? static_cast<int64_t>(number) + 1 : -1;
    auto runs = runTapped();
    if (!runs)
      return runs.takeError();
    fits[prefix] = calibration.fitted.back();
    calibration.current = std::move(*runs);
    isCurrent = true;
  }
  calibration.fit = static_cast<int64_t>(count()) - 1;
  calibration.tap = -1;
  return errorNow();
}

/// What each attention costs alone, for those whom the budget refuses.
std::string Calibrator::curve() const {
  std::string text;
  for (auto [number, choices] : enumerate(alone)) {
    text += formatv("\n  attention {0}, {1} key/value heads: ", number, calibration.heads[number]);
    if (choices.empty())
      text += "it cannot be fitted";
    for (auto [i, choice] : enumerate(choices))
      text += formatv("{0}{1:e2} with {2}", i ? ", " : "", choice.second, choice.first);
  }
  return text;
}

/// What attentions cost alone chooses; what the whole costs, which fits better and
/// adds up differently, corrects the choice.
Error Calibrator::fitBudget(HeadsReport &report) {
  constexpr int kTrials = 5;
  if (Error error = measureAlone())
    return error;
  // All steps of the fits together leave less than the quick ones alone, as a rule.
  double budget = options.gqa.budget, allowed = 1.5 * budget;
  std::vector<int64_t> best, none(count(), 0);
  std::map<std::vector<int64_t>, double> tried;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<int64_t> groups = smallest(allowed);
    if (groups == none && tried.empty() && trial == 0) {
      allowed = 2 * budget;
      continue;
    }
    // What was too much before, or no less than what fits, says nothing new.
    if (groups == none || (!best.empty() && headsLeft(groups) >= headsLeft(best)))
      break;
    if (tried.count(groups)) {
      allowed *= 0.7;
      continue;
    }
    auto error = convert(groups);
    if (!error)
      return error.takeError();
    tried[groups] = *error;
    if (*error <= budget)
      best = groups;
    // The whole against the sum of its parts.
    allowed = budget * predicted(groups) / std::max(*error, 1e-30);
    if (*error > budget)
      allowed = std::min(allowed, 0.9 * predicted(groups));
  }
  if (best.empty()) {
    std::string text;
    raw_string_ostream(text) << format("--gqa=budget=%g: nothing fits; the error with one attention converted is",
                                       budget)
                             << curve();
    for (const auto &[groups, error] : tried) {
      std::string list;
      for (auto [all, left] : zip_equal(calibration.heads, groups))
        list += (list.empty() ? "" : ", ") + std::to_string(left ? left : all);
      text += formatv("\n  together, with {0}: {1:e2}", list, error);
    }
    return createStringError(text);
  }
  report.budget = budget;
  report.predicted = predicted(best);
  report.error = options.gqa.error == GQAError::Divergence ? "divergence" : "largest";
  for (auto [number, choices] : enumerate(alone)) {
    report.attentions.emplace_back();
    for (auto [groups, error] : choices)
      if (groups == best[number])
        report.attentions.back().errorAlone = error;
  }
  // All fits are known: the last compile applies them.
  calibration.groups = best;
  calibration.fitted.clear();
  std::vector<int64_t> prefix;
  for (int64_t groups : best) {
    prefix.push_back(groups);
    calibration.fitted.push_back(groups ? fits.at(prefix) : nullptr);
  }
  return Error::success();
}

//===-- Decoding ------------------------------------------------------------===//

/// Tokens a second, one at a time, with that many in the cache; nothing where the
/// model keeps no cache or asks for more than it can be given here.
static std::optional<double> decodingSpeed(const cli::ModelPackage &package) {
  constexpr int64_t kRows = 255;
  auto model = cli::LoadedModel::open(package, /*threads=*/0, "step");
  if (!model) {
    consumeError(model.takeError());
    return std::nullopt;
  }
  const TransomModelInfo &info = (*model)->info();
  if (info.num_lengths == 0)
    return std::nullopt;
  auto isDimOf = [](const TransomValueDesc &value, uint32_t symbol) {
    return is_contained(ArrayRef(value.symbols, value.rank), static_cast<int32_t>(symbol));
  };
  // One sequence and one token: the dims of caches and of the first input, ids. Dims of
  // other inputs are either, or, of masks, as many as there are tokens in all.
  for (int64_t other : {kRows + 1, int64_t(1)}) {
    cli::InputOptions options;
    for (uint32_t i = 0; i < info.num_symbols; ++i) {
      bool isLength = is_contained(ArrayRef(info.lengths, info.num_lengths), static_cast<int32_t>(i));
      bool isGrown = any_of(ArrayRef(info.states, info.num_states), [&](const TransomStateDesc &state) {
        return state.axis >= 0 && state.value.symbols[state.axis] == static_cast<int32_t>(i);
      });
      bool isOne =
          isDimOf(info.inputs[0], i) || any_of(ArrayRef(info.states, info.num_states),
                                               [&](const TransomStateDesc &state) { return isDimOf(state.value, i); });
      int64_t size = isLength ? kRows : isGrown ? kRows + 1 : isOne ? 1 : other;
      options.dims.push_back((Twine(info.symbols[i]) + "=" + Twine(size)).str());
    }
    auto inputs = cli::makeInputs(info, options);
    if (!inputs) {
      consumeError(inputs.takeError());
      continue;
    }
    auto states = cli::makeStates(info, *inputs, options);
    Error failed = states ? (*model)->useStates(*states) : states.takeError();
    if (!failed) {
      (*model)->bind(std::move(*inputs));
      failed = (*model)->run();
    }
    if (failed) {
      consumeError(std::move(failed));
      continue;
    }
    std::vector<double> times;
    auto start = std::chrono::steady_clock::now();
    while (times.size() < 5 ||
           (times.size() < 2000 && std::chrono::steady_clock::now() - start < std::chrono::seconds(1))) {
      auto before = std::chrono::steady_clock::now();
      if (Error error = (*model)->run()) {
        consumeError(std::move(error));
        return std::nullopt;
      }
      times.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
    }
    std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
    return 1 / times[times.size() / 2];
  }
  return std::nullopt;
}

//===-- The door ------------------------------------------------------------===//

struct cli::HeadCalibration::State {
  State(const CompileOptions &options, GQACalibration &calibration) : calibrator(options, calibration) {}
  Calibrator calibrator;
  HeadsReport report;
};

cli::HeadCalibration::HeadCalibration() = default;
cli::HeadCalibration::~HeadCalibration() = default;

Error cli::HeadCalibration::fit(CompileOptions &options, StringRef folder) {
  original = options;
  original.gqa = GQAOptions();
  original.gqa.enabled = false;
  original.exportOnnx.clear();
  original.dumpDir.clear();
  options.gqa.calibration = &calibration;
  state = std::make_unique<State>(options, calibration);
  if (Error error = state->calibrator.begin(folder))
    return error;
  return options.gqa.budget ? state->calibrator.fitBudget(state->report) : state->calibrator.fit();
}

Error cli::HeadCalibration::measure(const ModelPackage &package, HeadsReport &report) {
  auto error = state->calibrator.errorOfPackage(package);
  if (!error)
    return error.takeError();
  report.error = state->report.error;
  report.budget = state->report.budget;
  report.predicted = state->report.predicted;
  for (auto [attention, before] : zip(report.attentions, state->report.attentions))
    attention.errorAlone = before.errorAlone;
  report.divergence = error->divergence;
  report.largest = error->largest;
  report.tokensAfter = decodingSpeed(package);
  if (!report.tokensAfter)
    return Error::success();
  auto before = ReadyPackage::make(original.model, original, /*onlyErrors=*/true);
  if (!before)
    return before.takeError();
  report.tokensBefore = decodingSpeed(**before);
  return Error::success();
}
