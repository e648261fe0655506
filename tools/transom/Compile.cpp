//===- Compile.cpp - transom compile --------------------------------------===//

#include "Calibrate.h"
#include "Command.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace transom;

namespace {
struct CompileCommand {
  CompileOptions options;
  std::string output, stage, calibrate;
  GQACalibration calibration;
};
} // namespace

static int emitText(const CompileCommand &command) {
  Problems problems;
  std::string text;
  llvm::raw_string_ostream os(text);
  bool done;
  {
    CompileOptions options = command.options;
    cli::ProgressLine progress(options);
    done = emitStage(options, *parseStage(command.stage), os, problems);
  }
  problems.print(llvm::errs());
  if (!done)
    return cli::Failed;
  // Through a temporary file, so that what is there is whole.
  llvm::Error error = llvm::writeToOutput(command.output.empty() ? "-" : command.output, [&](llvm::raw_ostream &file) {
    file << text;
    return llvm::Error::success();
  });
  return error ? cli::fail(std::move(error)) : cli::Success;
}

static int compile(CompileCommand &command) {
  command.options.executable = cli::executablePath();
  if (command.stage.empty() && command.output.empty()) {
    llvm::errs() << "error: -o is missing: the folder of the package\n";
    return cli::Misused;
  }
  if (!command.calibrate.empty()) {
    if (!command.options.gqa.groups) {
      llvm::errs() << "error: --calibrate needs --gqa=groups=G: only unequal heads are fitted\n";
      return cli::Misused;
    }
    if (llvm::Error error = cli::calibrate(command.options, command.calibrate, command.calibration))
      return cli::fail(std::move(error));
  }
  if (!command.stage.empty())
    return emitText(command);
  auto start = std::chrono::steady_clock::now();
  Problems problems;
  std::optional<Manifest> manifest;
  {
    CompileOptions options = command.options;
    options.staging = cli::removeOnInterrupt;
    cli::ProgressLine progress(options);
    manifest = compileModel(options, command.output, problems);
  }
  problems.print(llvm::errs());
  if (!manifest)
    return cli::Failed;
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  uint64_t size = 0;
  (void)llvm::sys::fs::file_size(command.output + "/lib" + manifest->name + ".so", size);
  llvm::outs() << command.output << "/lib" << manifest->name << ".so: " << cli::bytesText(size) << " for "
               << manifest->target.cpu << ", weights " << cli::bytesText(manifest->weightsBytes)
               << (manifest->weightsFile.empty() ? " embedded" : " in " + manifest->weightsFile) << ", "
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
  compiling
      ->add_option(
          "--calibrate", command->calibrate,
          "With --gqa=groups=G: refit merged heads on the inputs in this folder, .npz files or test_data_set_K")
      ->type_name("DIR");
  std::vector<std::string> names;
  for (Stage stage : stages())
    names.push_back(stageName(stage).str());
  compiling->add_option("--emit", command->stage, "Print the IR after a stage instead: " + stageNames())
      ->check(CLI::IsMember(names))
      ->type_name("STAGE");
  compiling->footer("Leaves in the folder libNAME.so, libNAME.a, NAME.h, NAME.json, the weights (NAME.weights, unless\n"
                    "they are embedded), a CMake package and a pkg-config file. Nothing is left when it fails.\n\n"
                    "Examples:\n"
                    "  transom compile bert.onnx -o build/bert\n"
                    "  transom compile bert.onnx -o build/bert --cpu=x86-64-v3 --weights=file --name=encoder\n"
                    "  transom compile bert.onnx --emit=raise | less\n"
                    "  transom compile bert.onnx --emit=llvm -o bert.ll --dump-dir=build/stages");
  compiling->callback([command, &status] { status = compile(*command); });
}
