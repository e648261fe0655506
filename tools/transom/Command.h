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
void addTune(CLI::App &app, int &status);
/// Hidden: prints the man page, the reference page or a shell's completion.
void addDocument(CLI::App &app, int &status);

/// What --gqa takes.
llvm::Expected<GQAOptions> parseHeads(llvm::StringRef text);

/// --cpu, --weights, --name, --gqa, --dump-dir.
void addCompileOptions(CLI::App &command, CompileOptions &options);

/// What --device takes.
inline constexpr const char *deviceHelp =
    "Where it runs: cpu, cuda:N, or auto (the first GPU it has code for, else the CPU); default: cpu, or cuda:0\n"
    "where it has code for GPUs alone";

/// The path of this program.
std::string executablePath();

enum class Progress {
  Automatic, ///< one line that changes, on a terminal; nothing elsewhere
  Lines,     ///< "step: NAME" for each, for programs
  None
};

/// Shows the steps of a compile on stderr.
class ProgressLine {
public:
  explicit ProgressLine(CompileOptions &options, Progress progress = Progress::Automatic);
  ~ProgressLine();

private:
  bool changing;
};

/// A folder that goes with this object, or with the process when it is interrupted.
class TemporaryFolder {
public:
  static llvm::Expected<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder &&other) : folder(std::move(other.folder)) { other.folder.clear(); }
  ~TemporaryFolder();

  const std::string &path() const { return folder; }
  std::string file(const llvm::Twine &name) const { return (folder + "/" + name).str(); }

private:
  explicit TemporaryFolder(std::string folder) : folder(std::move(folder)) {}
  std::string folder;
};

/// Prints "error: ..." to stderr.
int fail(llvm::Error error);
int fail(const llvm::Twine &message);

/// On SIGINT, SIGTERM and SIGHUP, in a crash, and where memory runs out or LLVM gives up, the process removes the named
/// folder and its temporary ones and ends. To be called behind InitLLVM, to whose handlers crashes go on, and before
/// any thread starts; ends the program where that fails.
void watchInterrupts();
void removeOnInterrupt(llvm::StringRef folder); ///< "" for none

std::string bytesText(uint64_t bytes);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_COMMAND_H
