//===- Command.cpp - what the subcommands of transom share ----------------===//

#include "Command.h"
#include "Choice.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace transom;

std::string cli::executablePath() {
  static int anchor;
  return llvm::sys::fs::getMainExecutable(nullptr, &anchor);
}

int cli::fail(const llvm::Twine &message) {
  llvm::errs() << "error: " << message << '\n';
  return Failed;
}

int cli::fail(llvm::Error error) { return fail(llvm::toString(std::move(error))); }

llvm::Expected<GQAOptions> cli::parseHeads(llvm::StringRef text) {
  GQAOptions options;
  options.enabled = text != "off";
  options.changeSignature = options.enabled;
  if (text == "exact" || text == "off")
    return options;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',');
  llvm::StringRef amount = parts.front();
  bool isValid =
      amount.consume_front("budget=")
          ? !amount.getAsDouble(options.budget) && options.budget > 0 && std::isfinite(options.budget)
          : amount.consume_front("groups=") && !amount.getAsInteger(10, options.groups) && options.groups > 0;
  if (!isValid)
    return llvm::createStringError("'" + text +
                                   "' is none of exact, off, groups=G with G of 1 or more, budget=X with X above 0");
  for (llvm::StringRef part : llvm::ArrayRef(parts).drop_front()) {
    if (part == "neighbours")
      options.neighbours = true;
    else if (part == "method=components")
      options.method = GQAMethod::Components;
    else if (part == "method=align")
      options.method = GQAMethod::Align;
    else if (part == "method=mean")
      options.method = GQAMethod::Mean;
    else if (options.budget && part == "error=divergence")
      options.error = GQAError::Divergence;
    else if (options.budget && part == "error=largest")
      options.error = GQAError::Largest;
    else
      return llvm::createStringError("'" + part + "' is none of method=components, method=align, method=mean, " +
                                     "neighbours" + (options.budget ? ", error=divergence, error=largest" : ""));
  }
  return options;
}

void cli::addCompileOptions(CLI::App &command, CompileOptions &options) {
  command
      .add_option(
          "--target", options.target,
          "What to compile for, with commas between: cpu (or cpu:aarch64-linux-gnu), nvptx:CHIP with sm_80, sm_86,\n"
          "sm_89 or sm_90a")
      ->capture_default_str()
      ->type_name("LIST");
  command
      .add_option("--ptxas", options.ptxas,
                  "NVIDIA's assembler, to put machine code beside the PTX: a path, or none; default: what PATH or\n"
                  "/usr/local/cuda has")
      ->type_name("PATH");
  command.add_flag("--tf32", options.tf32,
                   "Multiply f32 on GPUs once as TF32, to 11 bits of each number; default: as precise as f32");
  command
      .add_option("--tiles", options.tiles,
                  "Tiles of products and attention that 'transom tune' has measured on a GPU, a file a chip; default:\n"
                  "those of Transom's own table")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option(
          "--cpu", options.cpu,
          "CPU to compile for: native, x86-64-v3, x86-64-v4, znver4, neoverse-v1, ...; several with commas between\n"
          "share the weights, and the best that a machine runs is chosen when the library opens")
      ->capture_default_str()
      ->type_name("LIST");
  addChoice(command, "--weights", options.weights,
            "Where the weights go: embed (into the library), file (NAME.weights beside it), auto (embed up to 1 MiB); "
            "default auto",
            {{"auto", WeightsPlace::Automatic}, {"embed", WeightsPlace::Embed}, {"file", WeightsPlace::File}});
  addChoice<std::string>(command, "--weights-type", options.weightsType,
                         "Store f32 weights of products and lookups as f16 or bf16; arithmetic stays f32, results "
                         "change; default: as they are",
                         {{"bf16", "bf16"}, {"f16", "f16"}});
  command
      .add_option("--name", options.name, "Name of the library, a C identifier; default: from the model's file name")
      ->type_name("NAME");
  command
      .add_option_function<std::string>(
          "--gqa",
          [&options](const std::string &text) {
            auto parsed = parseHeads(text);
            if (!parsed)
              throw CLI::ValidationError("--gqa", llvm::toString(parsed.takeError()));
            options.gqa = *parsed;
          },
          "Merge key/value heads: exact (equal ones, also where that changes the cache's shape), off, or\n"
          "groups=G[,method=components|align|mean][,neighbours] (all, at a loss), or "
          "budget=X[,error=divergence|largest]\n"
          "[,...] (as many as an error of X allows, with --calibrate); default: equal ones where the signature stays")
      ->type_name("HOW");
  command
      .add_option("--jobs", options.jobs,
                  "Threads that compile; default: one a core. The library is the same for any number")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N");
  command
      .add_option("--cache-dir", options.cacheDir,
                  "Folder that keeps compiled parts: what another compile has compiled is taken from there; default:\n"
                  "TRANSOM_CACHE_DIR of the environment, or none")
      ->envname("TRANSOM_CACHE_DIR")
      ->type_name("DIR");
  command
      .add_option("--cache-size", options.cacheSize,
                  "Bytes that this folder may hold, as 500MB or 2GB; what was used least recently goes first")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/true).description(""))
      ->default_str("1GiB")
      ->type_name("BYTES");
  command.add_flag(
      "-g,--debug-info", options.debugInfo,
      "Put NAME.nodes.txt, a line for each node, into the package, and its lines into the code: what debuggers,\n"
      "perf and addr2line show");
  command.add_option("--dump-dir", options.dumpDir, "Folder for the IR after each stage, as NN-STAGE.mlir")
      ->type_name("DIR");
}

cli::ProgressLine::ProgressLine(CompileOptions &options, Progress progress)
    : changing(progress == Progress::Automatic && llvm::sys::Process::StandardErrIsDisplayed()) {
  if (changing)
    options.progress = [](llvm::StringRef step) {
      // Back to the line's start, and the rest of the line cleared.
      llvm::errs() << "\r\033[K" << step << " ...";
      llvm::errs().flush();
    };
  else if (progress == Progress::Lines)
    options.progress = [](llvm::StringRef step) {
      llvm::errs() << "step: " << step << '\n';
      llvm::errs().flush();
    };
}

cli::ProgressLine::~ProgressLine() {
  if (changing)
    llvm::errs() << "\r\033[K";
}

std::string cli::bytesText(uint64_t bytes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (bytes < 10'000)
    os << bytes << " bytes";
  else if (bytes < 10'000'000)
    os << llvm::format("%.1f kB", bytes / 1e3);
  else if (bytes < 10'000'000'000)
    os << llvm::format("%.1f MB", bytes / 1e6);
  else
    os << llvm::format("%.1f GB", bytes / 1e9);
  return text;
}
