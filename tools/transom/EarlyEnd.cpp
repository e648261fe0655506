//===- EarlyEnd.cpp - what goes when the program ends before its time -----===//
//
// Interrupts, memory that runs out and LLVM's fatal errors: the reason is said,
// half-written folders go, and the status is an error's. Nothing here throws, and
// where memory has run out it makes do with what was set aside for it.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <set>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>

using namespace transom;

namespace {
/// Enough to walk a folder and write a sentence.
constexpr size_t reservedBytes = 4 << 20;
void *reserved;

std::mutex mutex;
std::string packageFolder;
std::set<std::string> temporaryFolders;

void removeFolders() {
  // What holds it may be this thread, without memory for a name.
  std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock)
    return;
  if (!packageFolder.empty())
    (void)llvm::sys::fs::remove_directories(packageFolder);
  for (const std::string &folder : temporaryFolders)
    (void)llvm::sys::fs::remove_directories(folder);
  llvm::sys::RunInterruptHandlers(); // single temporary files
}

/// The first thread that comes here ends the program; others wait for that.
void claimTheEnd() {
  static std::atomic<pthread_t> owner = 0;
  pthread_t nobody = 0;
  if (owner.compare_exchange_strong(nobody, pthread_self()))
    return;
  if (nobody == pthread_self())
    _exit(cli::Failed); // ending has failed as well
  for (;;)
    pause();
}

[[noreturn]] void endFailed(const char *reason, const char *more = "") {
  claimTheEnd();
  std::free(reserved);
  char text[1024];
  int length = std::snprintf(text, sizeof text, "error: %s%s\n", reason, more);
  (void)!write(STDERR_FILENO, text, std::min<size_t>(length, sizeof text - 1));
  removeFolders();
  _exit(cli::Failed);
}

/// Where the user has set a limit, it is the first that comes into question.
[[noreturn]] void endWithoutMemory(const char *reason) {
  rlimit limit;
  char more[128] = "";
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    std::snprintf(more, sizeof more, "; the limit of this process is %llu MB (ulimit -v)",
                  static_cast<unsigned long long>(limit.rlim_cur >> 20));
  endFailed(reason, more);
}

void onNoMemory(void *, const char *, bool) { endWithoutMemory("there is no memory left"); }

void onFatalError(void *, const char *reason, bool) {
  // A thread needs memory for its stack.
  if (llvm::StringRef(reason).starts_with("pthread_create failed"))
    endWithoutMemory("no thread can be started");
  endFailed(reason);
}

void onTerminate() {
  if (std::exception_ptr thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception &error) {
      endFailed(error.what());
    } catch (...) {
    }
  }
  endFailed("the program ends early");
}
} // namespace

void cli::removeOnInterrupt(llvm::StringRef folder) {
  std::lock_guard lock(mutex);
  packageFolder = folder.str();
}

void cli::watchInterrupts() {
  reserved = std::malloc(reservedBytes);
  if (!reserved)
    endFailed("there is no memory to start with");
  std::memset(reserved, 1, reservedBytes); // pages, not promises
  std::set_terminate(onTerminate);
  llvm::install_bad_alloc_error_handler(onNoMemory);
  llvm::install_out_of_memory_new_handler();
  llvm::install_fatal_error_handler(onFatalError);
  // Taken by a thread of its own: a handler may do next to nothing.
  static sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    std::thread([] {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0)
        return;
      claimTheEnd();
      removeFolders();
      _exit(128 + signal);
    }).detach();
  } catch (const std::system_error &) {
    endWithoutMemory("no thread can be started");
  }
}

llvm::Expected<cli::TemporaryFolder> cli::TemporaryFolder::make() {
  llvm::SmallString<128> folder;
  if (std::error_code code = llvm::sys::fs::createUniqueDirectory("transom", folder))
    return llvm::createStringError(code, "cannot make a temporary folder: " + code.message());
  std::lock_guard lock(mutex);
  temporaryFolders.insert(std::string(folder));
  return TemporaryFolder(std::string(folder));
}

cli::TemporaryFolder::~TemporaryFolder() {
  if (folder.empty())
    return;
  (void)llvm::sys::fs::remove_directories(folder);
  std::lock_guard lock(mutex);
  temporaryFolders.erase(folder);
}
