//===- Verify.cpp - transom verify ----------------------------------------===//
//
// Compares with the outputs of a data folder in the layout of ONNX's backend
// tests, or with what another engine computes from the same inputs. Floats agree when |result - expected| <= atol +
// rtol * |expected|; whole numbers and bools when they are equal.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "Comparison.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "Reference.h"
#include "transom/Driver/PassVerification.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <set>

using namespace transom;
namespace fs = llvm::sys::fs;

namespace {
struct VerifyCommand {
  std::string model, data;
  std::vector<std::string> outputs;
  CompileOptions compiling;
  std::string against, onnx;
  cli::InputOptions inputs;
  std::optional<double> atol, rtol;
  uint32_t threads = 0;
  std::string device;
  bool asJson = false, passes = false;
};

/// One output of one set, or why the set could not be run.
struct Finding {
  std::string set, output, text;
  bool agrees = false;
  std::optional<cli::Comparison> comparison;
};

struct Findings {
  std::vector<Finding> list;
  unsigned sets = 0, failed = 0;
  cli::Tolerance tolerance;
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

/// Runs the model on `inputs` and compares the outputs; null ones do not count.
static llvm::Error compareRun(cli::LoadedModel &model, llvm::StringRef set, std::vector<cli::Tensor> inputs,
                              llvm::ArrayRef<const cli::Tensor *> expected, Findings &findings) {
  const TransomModelInfo &info = model.info();
  model.bind(std::move(inputs));
  if (llvm::Error error = model.run())
    return error;
  for (auto [i, tensor] : llvm::enumerate(model.outputs())) {
    if (!expected[i])
      continue;
    cli::Comparison comparison = cli::compare(tensor, *expected[i], findings.tolerance);
    findings.list.push_back({set.str(), info.outputs[i].name, expected[i]->text() + ": " + comparison.text(),
                             comparison.agrees, comparison});
  }
  return llvm::Error::success();
}

/// `names`, where there are any, are the outputs that count; the others need no file.
static llvm::Error verifyDataSet(cli::LoadedModel &model, llvm::StringRef folder, llvm::ArrayRef<std::string> names,
                                 Findings &findings) {
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
  std::vector<const cli::Tensor *> wanted(info.num_outputs, nullptr);
  if (names.empty()) {
    if (llvm::Error error = checkCount("output", expected->size(), info.num_outputs))
      return error;
    cli::orderByName(*expected, llvm::ArrayRef(info.outputs, info.num_outputs));
    for (uint32_t i = 0; i < info.num_outputs; ++i)
      wanted[i] = &(*expected)[i];
  }
  for (const std::string &name : names) {
    auto tensor = llvm::find_if(*expected, [&](const cli::Tensor &tensor) { return tensor.name == name; });
    auto outputs = llvm::ArrayRef(info.outputs, info.num_outputs);
    auto *output = llvm::find_if(outputs, [&](const TransomValueDesc &value) { return value.name == name; });
    if (output == outputs.end())
      return llvm::createStringError("the model has no output '" + name + "'");
    if (tensor == expected->end())
      return llvm::createStringError("'" + folder + "' holds no tensor named '" + name + "' among its outputs");
    wanted[output - outputs.begin()] = &*tensor;
  }
  cli::orderByName(*inputs, llvm::ArrayRef(info.inputs, info.num_inputs));
  if (llvm::Error error = compareRun(model, llvm::sys::path::filename(folder), std::move(*inputs), wanted, findings))
    return llvm::createStringError("'" + folder + "': " + llvm::toString(std::move(error)));
  return llvm::Error::success();
}

static llvm::Error verifyAgainst(cli::LoadedModel &model, llvm::StringRef onnx, const VerifyCommand &command,
                                 Findings &findings) {
  auto inputs = cli::makeInputs(model.info(), command.inputs);
  if (!inputs)
    return inputs.takeError();
  auto expected = cli::runReference(command.against, onnx, model.info(), *inputs);
  if (!expected)
    return expected.takeError();
  std::vector<const cli::Tensor *> wanted;
  for (const cli::Tensor &tensor : *expected)
    wanted.push_back(&tensor);
  return compareRun(model, command.against, std::move(*inputs), wanted, findings);
}

static void writeText(const Findings &findings) {
  auto &os = llvm::outs();
  llvm::StringRef last;
  for (const Finding &finding : findings.list) {
    if (!finding.comparison)
      continue; // an error, on stderr already
    if (finding.set != last)
      os << finding.set << '\n';
    last = finding.set;
    os << "  " << finding.output << ' ' << finding.text << '\n';
  }
  os << findings.sets - findings.failed << " of " << findings.sets << (findings.sets == 1 ? " data set" : " data sets")
     << " agree (atol " << llvm::format("%g", findings.tolerance.absolute) << ", rtol "
     << llvm::format("%g", findings.tolerance.relative) << ")\n";
}

static void writeJson(const Findings &findings) {
  llvm::json::OStream out(llvm::outs(), 2);
  auto number = [&](const char *key, const std::optional<cli::Comparison> &of, double cli::Comparison::*value) {
    // Infinity is no JSON; a mismatch has no errors.
    if (of && of->mismatch.empty() && std::isfinite((*of).*value))
      out.attribute(key, (*of).*value);
    else
      out.attribute(key, nullptr);
  };
  out.object([&] {
    out.attribute("agrees", findings.failed == 0);
    out.attribute("atol", findings.tolerance.absolute);
    out.attribute("rtol", findings.tolerance.relative);
    out.attributeArray("outputs", [&] {
      for (const Finding &finding : findings.list)
        out.object([&] {
          out.attribute("data_set", llvm::json::fixUTF8(finding.set));
          out.attribute("output", llvm::json::fixUTF8(finding.output));
          out.attribute("agrees", finding.agrees);
          number("absolute", finding.comparison, &cli::Comparison::absolute);
          number("relative", finding.comparison, &cli::Comparison::relative);
          out.attribute("beyond", finding.comparison ? finding.comparison->beyond : 0);
          out.attribute("text", llvm::json::fixUTF8(finding.text));
        });
    });
  });
  llvm::outs() << '\n';
}

/// The ONNX file that another engine is to run; "" if the package is all there is.
static std::string onnxOf(const VerifyCommand &command, const cli::ReadyPackage &package) {
  return command.onnx.empty() ? package.sourceModel().str() : command.onnx;
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
  verification.seed = command.inputs.seed;
  auto given = sizes(command.inputs.dims);
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
  bool takesInputs = !command.inputs.inputs.empty() || !command.inputs.dims.empty();
  if (takesInputs && command.against.empty())
    return cli::fail("--input and --dim go with --against or --passes: data sets have their own");
  std::vector<std::string> sets;
  if (command.against.empty()) {
    sets = dataSets(data);
    if (sets.empty())
      return cli::fail("'" + data + "' holds no data: test_data_set_K folders, or input_0.pb and output_0.pb, are " +
                       "expected; or compare with another engine by --against");
  } else if (cli::isPackage(command.model) && command.onnx.empty()) {
    return cli::fail("--against needs the ONNX file that '" + command.model + "' was made from: name it by --onnx");
  }
  auto allowed = tolerance(command, {beside, data});
  if (!allowed)
    return cli::fail(allowed.takeError());
  auto package = cli::ReadyPackage::make(command.model, command.compiling);
  if (!package)
    return cli::fail(package.takeError());
  auto model = cli::LoadedModel::open(**package, command.threads, /*entry=*/"", command.device);
  if (!model)
    return cli::fail(model.takeError());

  Findings findings;
  findings.tolerance = *allowed;
  if (!command.against.empty()) {
    if (llvm::Error error = verifyAgainst(**model, onnxOf(command, *package), command, findings))
      return cli::fail(std::move(error));
    findings.sets = 1;
  }
  for (const std::string &set : sets) {
    ++findings.sets;
    if (llvm::Error error = verifyDataSet(**model, set, command.outputs, findings)) {
      std::string message = llvm::toString(std::move(error));
      findings.list.push_back({llvm::sys::path::filename(set).str(), "", message, false, std::nullopt});
      cli::fail(message);
    }
  }
  std::set<std::string> failed;
  for (const Finding &finding : findings.list)
    if (!finding.agrees)
      failed.insert(finding.set);
  findings.failed = static_cast<unsigned>(failed.size());
  command.asJson ? writeJson(findings) : writeText(findings);
  return findings.failed ? cli::Failed : cli::Success;
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
  verifying
      ->add_option("--output", command->outputs,
                   "An output to compare, instead of all; may be given several times. The others need no output_I.pb")
      ->type_name("NAME");
  CLI::Option *against =
      verifying
          ->add_option(
              "--against", command->against,
              "Compare with what Python's onnxruntime, or reference (ONNX's evaluator), computes from made inputs")
          ->type_name("ENGINE")
          ->check(CLI::IsMember(cli::referenceEngines).description(""));
  verifying->get_option("data")->excludes(against);
  verifying->add_option("--onnx", command->onnx, "With --against and a compiled model: the ONNX file it was made from")
      ->type_name("FILE")
      ->check(CLI::ExistingFile.description(""))
      ->needs(against);
  addInputOptions(*verifying, command->inputs);
  verifying->get_option("--input")->needs(against);
  verifying->add_option("--atol", command->atol, "Absolute tolerance; default: case.json's beside the model, or 1e-4");
  verifying->add_option("--rtol", command->rtol, "Relative tolerance; default: case.json's beside the model, or 1e-3");
  verifying->add_option("--threads", command->threads, "Threads; default: one a core")->type_name("N");
  verifying->add_option("--device", command->device, cli::deviceHelp)->type_name("DEVICE");
  verifying->add_flag("--json", command->asJson, "Print JSON");
  verifying->add_flag("--passes", command->passes,
                      "Run the model before and after every pass of the compiler, by the dialect's meaning, on random "
                      "inputs, and name the first pass, op and node that changes results");
  addCompileOptions(*verifying, command->compiling);
  verifying->footer(
      std::string("Floats agree when |result - expected| <= atol + rtol * |expected|, whole numbers when they are\n"
                  "equal. For each output the largest absolute and relative error is printed; a relative error is\n"
                  "|result - expected| / |expected| where |expected| is above atol. The exit status is 0 only if\n"
                  "all outputs of all data sets agree.\n\n") +
      "--against runs the engine by the Python of $TRANSOM_PYTHON, else python3. " + std::string(inputHelp) +
      "\n"
      "Examples:\n"
      "  transom verify models/bert-encoder\n"
      "  transom verify bert.onnx --against=onnxruntime --dim batch=2 --dim sequence=16\n"
      "  transom verify build/bert models/bert-encoder --atol 1e-5\n"
      "  transom verify bert.onnx data/test_data_set_0\n"
      "  transom verify --passes bert.onnx --dim batch=2 --dim sequence=7");
  verifying->callback([command, &status] { status = verify(*command); });
}
