//===- Command.h - what the subcommands of transom share --------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_COMMAND_H
#define TRANSOM_TOOLS_TRANSOM_COMMAND_H

#include "transom/Driver/Driver.h"
#include <CLI/CLI.hpp>

namespace transom::cli {

enum ExitStatus { Success = 0, Failed = 1, Misused = 2 };

/// Each adds its subcommand; when that is the one called, `status` is its exit status.
void addCompile(CLI::App &app, int &status);
void addInspect(CLI::App &app, int &status);
void addRun(CLI::App &app, int &status);
void addVerify(CLI::App &app, int &status);
void addBench(CLI::App &app, int &status);

/// What --gqa takes.
llvm::Expected<GQAOptions> parseHeads(llvm::StringRef text);

/// --cpu, --weights, --name, --gqa, --dump-dir.
void addCompileOptions(CLI::App &command, CompileOptions &options);

/// The path of this program.
std::string executablePath();

/// Shows the steps of a compile on a terminal, nothing elsewhere.
class ProgressLine {
public:
  explicit ProgressLine(CompileOptions &options);
  ~ProgressLine();
};

/// Prints "error: ..." to stderr.
int fail(llvm::Error error);
int fail(const llvm::Twine &message);

/// On SIGINT, SIGTERM and SIGHUP the process removes the named folder and ends.
/// To be called before any thread starts.
void watchInterrupts();
void removeOnInterrupt(llvm::StringRef folder); ///< "" for none

std::string bytesText(uint64_t bytes);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_COMMAND_H
