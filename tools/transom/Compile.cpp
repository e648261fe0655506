//===- Compile.cpp - transom compile --------------------------------------===//

#include "Calibrate.h"
#include "Choice.h"
#include "Command.h"
#include "transom/Package/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace transom;

namespace {
struct CompileCommand {
  CompileOptions options;
  std::string output, stage, requiredFusions;
  std::vector<std::string> reports;
  cli::Progress progress = cli::Progress::Automatic;
  std::string calibrate;
  cli::HeadCalibration calibration;
};
} // namespace

static int emitText(const CompileCommand &command) {
  Problems problems;
  std::string text;
  llvm::raw_string_ostream os(text);
  bool done;
  {
    CompileOptions options = command.options;
    cli::ProgressLine progress(options, command.progress);
    done = emitStage(options, *parseStage(command.stage), os, problems);
  }
  problems.print(llvm::errs());
  if (!done)
    return cli::Failed;
  llvm::Error error = replaceFile(command.output.empty() ? "-" : command.output, text);
  return error ? cli::fail(std::move(error)) : cli::Success;
}

static llvm::Error writeReports(const CompileCommand &command, const CompileReport &report, const Manifest &manifest) {
  for (const std::string &path : command.reports) {
    llvm::Error error = replaceFile(path, reportText(report, manifest, *reportFormat(path)));
    if (error)
      return llvm::createStringError("the package is whole, but not its report '" + path +
                                     "': " + llvm::toString(std::move(error)));
  }
  return llvm::Error::success();
}

static int compile(CompileCommand &command) {
  command.options.executable = cli::executablePath();
  bool valid = true;
  for (const std::string &path : command.reports)
    if (!reportFormat(path)) {
      cli::fail("--report=" + path + ": a file's name that ends in .txt, .json or .html is expected");
      valid = false;
    }
  if (!command.requiredFusions.empty()) {
    auto required = parseRequiredFusions(command.requiredFusions);
    if (required)
      command.options.requiredFusions = std::move(*required);
    else
      valid = cli::fail(required.takeError()) == cli::Success;
  }
  if (command.stage == stageName(Stage::Object) && command.output.empty())
    valid = cli::fail("-o is missing: the file of the object") == cli::Success;
  if (!command.stage.empty() && !command.reports.empty())
    valid = cli::fail("--report: there is none with --emit") == cli::Success;
  if (!valid)
    return cli::Misused;
  if (command.stage.empty() && command.output.empty()) {
    llvm::errs() << "error: -o is missing: the folder of the package\n";
    return cli::Misused;
  }
  if (!command.calibrate.empty()) {
    if (!command.options.gqa.groups && !command.options.gqa.budget) {
      llvm::errs() << "error: --calibrate needs --gqa=groups=G or --gqa=budget=X: only unequal heads are fitted\n";
      return cli::Misused;
    }
    if (llvm::Error error = command.calibration.fit(command.options, command.calibrate))
      return cli::fail(std::move(error));
  }
  if (!command.stage.empty())
    return emitText(command);
  auto start = std::chrono::steady_clock::now();
  Problems problems;
  std::optional<Manifest> manifest;
  CompileReport report;
  {
    CompileOptions options = command.options;
    options.staging = cli::removeOnInterrupt;
    cli::ProgressLine progress(options, command.progress);
    manifest = compileModel(options, command.output, problems, &report);
  }
  problems.print(llvm::errs());
  if (!manifest)
    return cli::Failed;
  if (!command.calibrate.empty() && manifest->hasCPU()) {
    auto package = cli::ModelPackage::find(command.output, manifest->name);
    llvm::Error error = package ? command.calibration.measure(*package, report.heads) : package.takeError();
    if (error)
      return cli::fail(std::move(error));
    llvm::errs() << "note: " << headsSummary(report.heads) << '\n';
  }
  if (llvm::Error error = writeReports(command, report, *manifest))
    return cli::fail(std::move(error));
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  uint64_t size = 0;
  (void)llvm::sys::fs::file_size(command.output + "/lib" + manifest->name + ".so", size);
  std::vector<std::string> places;
  for (const CPUTarget &target : manifest->cpus)
    places.push_back(target.cpu == "generic" ? "any AArch64" : target.cpu);
  for (const ManifestDevice &device : manifest->devices)
    places.push_back(device.chip);
  llvm::outs() << command.output << "/lib" << manifest->name << ".so: " << cli::bytesText(size) << " for "
               << llvm::join(places, ", ") << ", weights " << cli::bytesText(manifest->weightsBytes)
               << (manifest->weightsFile.empty() ? " embedded" : " in " + manifest->weightsFile) << ", "
               << (command.options.cacheDir.empty()
                       ? ""
                       : llvm::formatv("{0} of {1} parts from the cache, ", report.cachedParts, report.parts).str())
               << llvm::format("%.1f s", time.count()) << '\n';
  return cli::Success;
}

void cli::addCompile(CLI::App &app, int &status) {
  auto command = std::make_shared<CompileCommand>();
  CLI::App *compiling = app.add_subcommand("compile", "Compile an ONNX model into a library");
  compiling->add_option("model", command->options.model, "The model: .onnx, or .onnxtxt in ONNX's textual syntax")
      ->required()
      ->type_name("FILE");
  compiling->add_option("-o,--output", command->output, "Folder of the package; with --emit a file, default stdout")
      ->type_name("PATH");
  addCompileOptions(*compiling, command->options);
  addChoice(*compiling, "--logits", command->options.lastLogits,
            "Scores that a decoder gives: all (of each token), last (of the last one, the output's sequence is 1); "
            "default all",
            {{"all", false}, {"last", true}});
  command->options.states = States::Both;
  addChoice(*compiling, "--state", command->options.states,
            "Interfaces of models with caches: none (the ONNX signature), only (the entry point step, which keeps "
            "caches in place between runs), both; default both",
            {{"both", States::Both}, {"none", States::None}, {"only", States::Only}});
  compiling
      ->add_option("--calibrate", command->calibrate,
                   "With --gqa=groups=G or budget=X: refit merged heads on the inputs in this folder, .npz files or\n"
                   "test_data_set_K")
      ->type_name("DIR");
  compiling
      ->add_option("--export-onnx", command->options.exportOnnx,
                   "Write the model as it is after the stage optimise, with merged heads, as ONNX: to train it further")
      ->type_name("FILE");
  std::vector<std::string> names;
  for (Stage stage : stages())
    names.push_back(stageName(stage).str());
  compiling
      ->add_option("--emit", command->stage,
                   "Print the IR after a stage instead, or the program's assembly or object: " + stageNames())
      ->type_name("STAGE")
      ->check(CLI::IsMember(names).description(""));
  compiling
      ->add_option("--require-fusion", command->requiredFusions,
                   "KIND:NUMBER,... of ops that have to be recognised; the compile fails where the numbers differ. "
                   "Kinds: " +
                       llvm::join(fusionKinds(), ", "))
      ->type_name("LIST");
  compiling
      ->add_option("--report", command->reports,
                   "File for a report, by its suffix .txt, .json or .html: what was fused, layers, kernels, memory")
      ->type_name("FILE");
  addChoice(*compiling, "--progress", command->progress,
            "Steps on stderr: auto (on a terminal), lines (\"step: NAME\" for each), none; default auto",
            {{"auto", Progress::Automatic}, {"lines", Progress::Lines}, {"none", Progress::None}});
  compiling->footer(
      "Leaves in the folder libNAME.so, libNAME.a, NAME.h, NAME.json, the weights (NAME.weights, unless\n"
      "they are embedded), a CMake package and a pkg-config file. Nothing is left when it fails.\n\n"
      "Examples:\n"
      "  transom compile bert.onnx -o build/bert\n"
      "  transom compile bert.onnx -o build/bert --cpu=x86-64-v3 --weights=file --name=encoder\n"
      "  transom compile bert.onnx -o build/bert --cpu=x86-64-v3,x86-64-v4\n"
      "  transom compile bert.onnx -o build/bert --require-fusion=attention:12,norm:25 --report=bert.html\n"
      "  transom compile bert.onnx --emit=raise | less\n"
      "  transom compile bert.onnx --emit=llvm -o bert.ll --dump-dir=build/stages\n"
      "  transom compile bert.onnx --emit=asm --cpu=x86-64-v3 | less");
  compiling->callback([command, &status] { status = compile(*command); });
}
