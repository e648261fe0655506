//===- transom.cpp - the command line -------------------------------------===//

#include "Command.h"
#include "transom/Package/OutputFile.h"
#include "llvm/Support/InitLLVM.h"
#include <csignal>
#include <cstdio>

using namespace transom;

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cli::watchInterrupts(); // after LLVM's own handlers, which it goes on to
  // Beyond a limit on the size of files a write fails, as on a full disk. LLVM's handler would take it for a crash.
  std::signal(SIGXFSZ, SIG_IGN);
  int status = cli::Success;
  CLI::App app("Transom turns an ONNX transformer into a standalone native library.", "transom");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("transom ") + version);
  app.footer("Examples:\n"
             "  transom compile model.onnx -o build/model\n"
             "  transom verify build/model data\n"
             "  transom bench build/model --dim batch=1 --dim sequence=128\n"
             "'transom COMMAND --help' says more.");
  cli::addCompile(app, status);
  cli::addInspect(app, status);
  cli::addRun(app, status);
  cli::addVerify(app, status);
  cli::addBench(app, status);
  cli::addTune(app, status);
  cli::addDocument(app, status);
  // CLI11 would say that a command is missing.
  auto isCalled = [&](const CLI::App *command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(isCalled).empty()) {
    std::fprintf(stderr, "error: there is no command '%s'\n'transom --help' shows what there is\n", argv[1]);
    return cli::Misused;
  }
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &help) {
    return app.exit(help);
  } catch (const CLI::ParseError &error) {
    std::string command = "transom";
    for (const CLI::App *called : app.get_subcommands())
      command += " " + called->get_name();
    std::fprintf(stderr, "error: %s\n'%s --help' shows what there is\n", error.what(), command.c_str());
    return cli::Misused;
  }
  // stdout may be a full disk or closed; nobody has what was asked for then.
  if (llvm::Error error = flushStdout())
    return cli::fail(std::move(error));
  return status;
}
