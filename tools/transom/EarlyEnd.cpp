//===- EarlyEnd.cpp - what goes when the program ends before its time -----===//
//
// Interrupts, memory that runs out, crashes and LLVM's fatal errors: the reason is said,
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
#include <optional>
#include <set>
#include <sys/mman.h>
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

/// Of the thread that the end is of.
[[noreturn]] void sayAndEnd(const char *reason, const char *more) {
  std::free(reserved);
  char text[1024];
  int length = std::snprintf(text, sizeof text, "error: %s%s\n", reason, more);
  (void)!write(STDERR_FILENO, text, std::min<size_t>(length, sizeof text - 1));
  removeFolders();
  _exit(cli::Failed);
}

[[noreturn]] void endFailed(const char *reason) {
  claimTheEnd();
  sayAndEnd(reason, "");
}

/// Bytes of addresses that the user lets the process have.
std::optional<rlim_t> limitOfAddresses() {
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::nullopt;
  return limit.rlim_cur;
}

/// Of the thread that the end is of. Where the user has set a limit, it is the first that comes into question.
[[noreturn]] void sayNoMemoryAndEnd(const char *reason) {
  char more[128] = "";
  if (std::optional<rlim_t> limit = limitOfAddresses())
    std::snprintf(more, sizeof more, "; the limit of this process is %llu MB (ulimit -v)",
                  static_cast<unsigned long long>(*limit >> 20));
  sayAndEnd(reason, more);
}

[[noreturn]] void endWithoutMemory(const char *reason) {
  claimTheEnd();
  sayNoMemoryAndEnd(reason);
}

void onNoMemory(void *, const char *, bool) { endWithoutMemory("there is no memory left"); }

void onFatalError(void *, const char *reason, bool) {
  // A thread needs memory for its stack.
  if (llvm::StringRef(reason).starts_with("pthread_create failed"))
    endWithoutMemory("no thread can be started");
  endFailed(reason);
}

//===-- Crashes -----------------------------------------------------------===//

constexpr int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
struct sigaction ofLLVM[NSIG];

/// Free addresses with which a crash is no matter of memory: pools of threads ask for so much at a time.
constexpr size_t bytesOfPool = 64 << 20;
constexpr unsigned secondsOfRemoving = 10;

bool isMemoryOut() {
  if (!limitOfAddresses())
    return false;
  void *pool = mmap(nullptr, bytesOfPool, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pool != MAP_FAILED)
    munmap(pool, bytesOfPool);
  return pool == MAP_FAILED;
}

/// Folders go first, since LLVM's handler, which reports, need not come back. What it takes to remove them may be what
/// is broken: where that crashes the report is next, and where it hangs an alarm ends it.
void onCrash(int signal, siginfo_t *info, void *context) {
  static thread_local bool isRemoving;
  if (!isRemoving) {
    // MLIR makes operations without looking whether it got memory for them, often in several threads at once: the first
    // to crash speaks, and none ends the process meanwhile.
    claimTheEnd();
    if (isMemoryOut())
      sayNoMemoryAndEnd("there is no memory left");
    isRemoving = true;
    alarm(secondsOfRemoving);
    removeFolders();
    alarm(0);
  }
  ofLLVM[signal].sa_sigaction(signal, info, context);
}

void watchCrashes() {
  struct sigaction ours = {};
  ours.sa_sigaction = onCrash;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int signal : crashes)
    sigaction(signal, &ours, &ofLLVM[signal]);
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
  watchCrashes();
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
