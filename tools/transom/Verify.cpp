//===- Verify.cpp - transom verify ----------------------------------------===//
//
// Compares with the outputs of a data folder in the layout of ONNX's backend
// tests. Floats agree when |result - expected| <= atol + rtol * |expected|;
// whole numbers and bools when they are equal.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "Comparison.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "transom/Driver/PassVerification.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;
namespace fs = llvm::sys::fs;

namespace {
struct VerifyCommand {
  std::string model, data;
  CompileOptions compiling;
  std::optional<double> atol, rtol;
  uint32_t threads = 0;
  bool passes = false;
  std::vector<std::string> dims;
  uint64_t seed = 0;
};
} // namespace

static std::string joined(llvm::StringRef folder, const llvm::Twine &file) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, file);
  return std::string(path);
}

/// `folder` itself if it has input_0.pb or output_0.pb, else its test_data_set_K, by K.
static std::vector<std::string> dataSets(llvm::StringRef folder) {
  if (fs::exists(joined(folder, "input_0.pb")) || fs::exists(joined(folder, "output_0.pb")))
    return {folder.str()};
  std::vector<std::pair<unsigned, std::string>> found;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; entry != end && !code; entry.increment(code)) {
    llvm::StringRef name = llvm::sys::path::filename(entry->path());
    unsigned number;
    if (name.consume_front("test_data_set_") && !name.getAsInteger(10, number))
      found.emplace_back(number, entry->path());
  }
  llvm::sort(found);
  std::vector<std::string> folders;
  for (auto &[number, path] : found)
    folders.push_back(path);
  return folders;
}

/// Tolerances: the options, else case.json of `folders`, else the defaults.
static llvm::Expected<cli::Tolerance> tolerance(const VerifyCommand &command, llvm::ArrayRef<std::string> folders) {
  cli::Tolerance result;
  for (const std::string &folder : folders) {
    std::string path = joined(folder, "case.json");
    auto text = llvm::MemoryBuffer::getFile(path);
    if (!text)
      continue;
    auto value = llvm::json::parse((*text)->getBuffer());
    const llvm::json::Object *object = value ? value->getAsObject() : nullptr;
    if (!value)
      return llvm::createStringError("'" + path + "' is not JSON: " + llvm::toString(value.takeError()));
    if (object) {
      result.absolute = object->getNumber("atol").value_or(result.absolute);
      result.relative = object->getNumber("rtol").value_or(result.relative);
    }
    break;
  }
  result.absolute = command.atol.value_or(result.absolute);
  result.relative = command.rtol.value_or(result.relative);
  return result;
}

/// Runs one data set; prints a line for each output.
static llvm::Expected<bool> verifyDataSet(cli::LoadedModel &model, llvm::StringRef folder,
                                          const cli::Tolerance &tolerance) {
  const TransomModelInfo &info = model.info();
  auto inputs = cli::readDataSet(folder, "input");
  if (!inputs)
    return inputs.takeError();
  auto expected = cli::readDataSet(folder, "output");
  if (!expected)
    return expected.takeError();
  auto checkCount = [&](const char *what, size_t count, uint32_t wanted) -> llvm::Error {
    if (count == wanted)
      return llvm::Error::success();
    return llvm::createStringError("'" + folder + "' holds " + llvm::Twine(count) + " " + what + "s (" + what +
                                   "_0.pb, ...) where the model has " + llvm::Twine(wanted));
  };
  if (llvm::Error error = checkCount("input", inputs->size(), info.num_inputs))
    return error;
  if (llvm::Error error = checkCount("output", expected->size(), info.num_outputs))
    return error;
  cli::orderByName(*inputs, llvm::ArrayRef(info.inputs, info.num_inputs));
  cli::orderByName(*expected, llvm::ArrayRef(info.outputs, info.num_outputs));
  model.bind(std::move(*inputs));
  if (llvm::Error error = model.run())
    return llvm::createStringError("'" + folder + "': " + llvm::toString(std::move(error)));
  llvm::outs() << llvm::sys::path::filename(folder) << '\n';
  bool agree = true;
  for (auto [i, tensor] : llvm::enumerate(model.outputs())) {
    cli::Comparison comparison = cli::compare(tensor, (*expected)[i], tolerance);
    llvm::outs() << "  " << info.outputs[i].name << ' ' << (*expected)[i].text() << ": " << comparison.text() << '\n';
    agree &= comparison.agrees;
  }
  return agree;
}

/// NAME=SIZE, before a model is read that could say which names there are.
static llvm::Expected<std::map<std::string, int64_t>> sizes(llvm::ArrayRef<std::string> texts) {
  std::map<std::string, int64_t> result;
  for (llvm::StringRef text : texts) {
    auto [name, number] = text.split('=');
    int64_t size;
    if (name.empty() || number.getAsInteger(10, size) || size < 0)
      return llvm::createStringError("--dim " + text + ": NAME=SIZE is expected, with a size of at least 0");
    result[name.str()] = size;
  }
  return result;
}

/// Shapes, and whole numbers, of the first data set: what the model means something for.
static llvm::Expected<std::vector<SampleInput>> samples(llvm::StringRef data) {
  std::vector<SampleInput> result;
  std::vector<std::string> sets = dataSets(data);
  if (sets.empty())
    return result;
  auto tensors = cli::readDataSet(sets.front(), "input");
  if (!tensors)
    return tensors.takeError();
  for (const cli::Tensor &tensor : *tensors) {
    SampleInput sample{tensor.name, tensor.shape, {}};
    for (int64_t i = 0; i < tensor.elements(); ++i)
      sample.integers.push_back(static_cast<int64_t>(cli::elementAt(tensor.type, tensor.data.data(), i)));
    result.push_back(std::move(sample));
  }
  return result;
}

static int verifyPassesOf(const VerifyCommand &command, const std::string &data) {
  CompileOptions options = command.compiling;
  options.model = command.model;
  if (fs::is_directory(command.model))
    options.model = joined(command.model, "model.onnx");
  PassVerification verification;
  verification.seed = command.seed;
  auto given = sizes(command.dims);
  if (!given)
    return cli::fail(given.takeError());
  verification.sizes = std::move(*given);
  if (verification.sizes.empty()) {
    auto inputs = samples(data);
    if (!inputs)
      return cli::fail(inputs.takeError());
    verification.inputs = std::move(*inputs);
  }
  Problems problems;
  PassVerdict verdict = verifyPasses(options, verification, problems);
  for (const std::string &line : verdict.log)
    llvm::outs() << "  " << line << '\n';
  llvm::outs().flush();
  problems.print(llvm::errs());
  if (problems.hasErrors() || !verdict.pass.empty())
    return cli::Failed;
  llvm::outs() << verdict.passes << " passes changed the model and kept its results\n";
  return cli::Success;
}

static int verify(const VerifyCommand &command) {
  std::string beside =
      fs::is_directory(command.model) ? command.model : llvm::sys::path::parent_path(command.model).str();
  if (beside.empty())
    beside = ".";
  std::string data = command.data.empty() ? beside : command.data;
  // Before a compile that may take long.
  if (!fs::exists(command.model))
    return cli::fail("'" + command.model + "' does not exist");
  if (command.passes)
    return verifyPassesOf(command, data);
  if (!command.dims.empty())
    return cli::fail("--dim goes with --passes: data sets have their sizes");
  std::vector<std::string> sets = dataSets(data);
  if (sets.empty())
    return cli::fail("'" + data + "' holds no data: test_data_set_K folders, or input_0.pb and output_0.pb, are " +
                     "expected");
  auto allowed = tolerance(command, {beside, data});
  if (!allowed)
    return cli::fail(allowed.takeError());
  auto package = cli::ReadyPackage::make(command.model, command.compiling);
  if (!package)
    return cli::fail(package.takeError());
  auto model = cli::LoadedModel::open(**package, command.threads);
  if (!model)
    return cli::fail(model.takeError());
  unsigned failed = 0;
  for (const std::string &set : sets) {
    auto agree = verifyDataSet(**model, set, *allowed);
    if (agree ? !*agree : cli::fail(agree.takeError()))
      ++failed;
  }
  llvm::outs() << sets.size() - failed << " of " << sets.size() << (sets.size() == 1 ? " data set" : " data sets")
               << " agree (atol " << llvm::format("%g", allowed->absolute) << ", rtol "
               << llvm::format("%g", allowed->relative) << ")\n";
  return failed ? cli::Failed : cli::Success;
}

void cli::addVerify(CLI::App &app, int &status) {
  auto command = std::make_shared<VerifyCommand>();
  CLI::App *verifying = app.add_subcommand("verify", "Compare a model's outputs with expected ones");
  verifying
      ->add_option("model", command->model,
                   "A compiled model's folder or library, a model to compile first, or a folder with a model.onnx")
      ->required()
      ->type_name("DIR|FILE");
  verifying
      ->add_option("data", command->data,
                   "Folder with test_data_set_K/input_I.pb and output_I.pb; default: where the model lies")
      ->type_name("DIR");
  verifying->add_option("--atol", command->atol, "Absolute tolerance; default: case.json's beside the model, or 1e-4");
  verifying->add_option("--rtol", command->rtol, "Relative tolerance; default: case.json's beside the model, or 1e-3");
  verifying->add_option("--threads", command->threads, "Threads; default: one a core")->type_name("N");
  verifying->add_flag("--passes", command->passes,
                      "Run the model before and after every pass of the compiler, by the dialect's meaning, on random "
                      "inputs, and name the first pass, op and node that changes results");
  verifying
      ->add_option("--dim", command->dims,
                   "NAME=SIZE of a dynamic dim, with --passes; default: as in the first data set, or small ones")
      ->type_name("NAME=SIZE");
  verifying->add_option("--seed", command->seed, "Of the random inputs, with --passes")->type_name("N");
  addCompileOptions(*verifying, command->compiling);
  verifying->footer("Floats agree when |result - expected| <= atol + rtol * |expected|, whole numbers when they are\n"
                    "equal. For each output the largest absolute and relative error is printed; a relative error is\n"
                    "|result - expected| / |expected| where |expected| is above atol. The exit status is 0 only if\n"
                    "all outputs of all data sets agree.\n\n"
                    "Examples:\n"
                    "  transom verify models/bert-encoder\n"
                    "  transom verify build/bert models/bert-encoder --atol 1e-5\n"
                    "  transom verify bert.onnx data/test_data_set_0\n"
                    "  transom verify --passes bert.onnx --dim batch=2 --dim sequence=7");
  verifying->callback([command, &status] { status = verify(*command); });
}
