//===- Weights.cpp - mapping and checking the weight image ----------------===//
#include "Weights.h"

#include "Memory.h"
#include "Sha256.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace transom::runtime {
namespace {

/// Room for strerror_r, which has no state, unlike strerror.
struct ErrorText {
  char buffer[96];
  const char *text;
  explicit ErrorText(int error) : text(strerror_r(error, buffer, sizeof buffer)) {}
};

/// `file` in the folder of `neighbour`; false if that is too long.
bool besides(const char *neighbour, const char *file, char *path, size_t bytes) {
  const char *slash = strrchr(neighbour, '/');
  int folder = slash ? int(slash - neighbour) + 1 : 0;
  int length = snprintf(path, bytes, "%.*s%s", folder, neighbour, file);
  return length > 0 && size_t(length) < bytes;
}

bool exists(const char *path) { return access(path, F_OK) == 0; }

/// Where the weights end in their file or memory; false where no offset can say that.
bool endOf(const TransomProgram &program, uint64_t &end) {
  return !__builtin_add_overflow(program.weights_offset, program.weights_bytes, &end) && end <= INT64_MAX;
}

/// Touches every page, so that no later run waits for the disk.
void readPages(const uint8_t *data, size_t bytes) {
  size_t page = size_t(sysconf(_SC_PAGESIZE));
  for (size_t at = 0; at < bytes; at += page)
    (void)*const_cast<const volatile uint8_t *>(data + at);
}

} // namespace

TransomStatus Weights::map(const TransomProgram &program, const char *path, const Message &message) {
  // Non-blocking, so that a FIFO of that name is an error and not a wait.
  int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return message.fail(TRANSOM_ERROR_WEIGHTS, "model \"%s\": cannot open the weights \"%s\": %s", program.name, path,
                        ErrorText(errno).text);
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(file);
    return message.fail(TRANSOM_ERROR_WEIGHTS, "model \"%s\": the weights \"%s\" are not a regular file", program.name,
                        path);
  }
  uint64_t end;
  if (!endOf(program, end) || uint64_t(status.st_size) < end) {
    ::close(file);
    return message.fail(TRANSOM_ERROR_WEIGHTS,
                        "model \"%s\": the weights \"%s\" are too short: %lld bytes where %llu are needed",
                        program.name, path, (long long)status.st_size, (unsigned long long)end);
  }
  uint64_t page = uint64_t(sysconf(_SC_PAGESIZE));
  uint64_t start = program.weights_offset / page * page;
  void *memory = mmap(nullptr, end - start, PROT_READ, MAP_SHARED, file, off_t(start));
  int error = errno;
  ::close(file);
  if (memory == MAP_FAILED)
    return message.fail(error == ENOMEM ? TRANSOM_ERROR_MEMORY : TRANSOM_ERROR_WEIGHTS,
                        "model \"%s\": cannot map the weights \"%s\": %s", program.name, path, ErrorText(error).text);
  // Advice: where the file system has huge pages, the file is read and mapped by them, in a thousandth of the faults.
  madvise(memory, end - start, MADV_HUGEPAGE);
  mapping = memory;
  mappedBytes = end - start;
  image = static_cast<const uint8_t *>(memory) + (program.weights_offset - start);
  return TRANSOM_OK;
}

TransomStatus Weights::mapBesideLibrary(const TransomProgram &program, char *path, size_t pathBytes,
                                        const Message &message) {
  // The program constant lies in the library, or, linked statically, in the
  // executable. The latter's name may be relative to a folder since left.
  Dl_info info;
  if (dladdr(&program, &info) && info.dli_fname && info.dli_fname[0] &&
      besides(info.dli_fname, program.weights_file, path, pathBytes) && exists(path))
    return map(program, path, message);
  char executable[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
  if (length > 0) {
    executable[length] = '\0';
    char other[PATH_MAX];
    if (besides(executable, program.weights_file, other, sizeof other) && exists(other)) {
      snprintf(path, pathBytes, "%s", other);
      return map(program, path, message);
    }
  }
  return message.fail(TRANSOM_ERROR_WEIGHTS,
                      "model \"%s\": the weights file \"%s\" is neither beside the library nor beside the program; "
                      "set weights_path or weights_data",
                      program.name, program.weights_file);
}

TransomStatus Weights::open(const TransomProgram &program, const TransomLoadOptions &options, char *path,
                            size_t pathBytes, const Message &message) {
  path[0] = '\0';
  imageBytes = program.weights_bytes;
  if (!imageBytes)
    return TRANSOM_OK;
  if (program.weights) {
    if (options.weights_path || options.weights_data)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "model \"%s\" carries its weights; it takes none from outside",
                          program.name);
    image = program.weights;
  } else if (options.weights_data) {
    uint64_t end;
    if (!endOf(program, end) || options.weights_bytes < end)
      return message.fail(TRANSOM_ERROR_WEIGHTS,
                          "model \"%s\": the weights in memory are too short: %zu bytes where %llu are needed",
                          program.name, options.weights_bytes, (unsigned long long)end);
    image = static_cast<const uint8_t *>(options.weights_data) + program.weights_offset;
  } else if (options.weights_path) {
    int length = snprintf(path, pathBytes, "%s", options.weights_path);
    if (length < 0 || size_t(length) >= pathBytes)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "weights_path is longer than a path can be");
    if (TransomStatus status = map(program, path, message))
      return status;
  } else if (program.weights_file) {
    if (TransomStatus status = mapBesideLibrary(program, path, pathBytes, message))
      return status;
  } else {
    return message.fail(TRANSOM_ERROR_WEIGHTS, "model \"%s\" names no weights", program.name);
  }
  if (reinterpret_cast<uintptr_t>(image) % alignment)
    return message.fail(TRANSOM_ERROR_WEIGHTS, "model \"%s\": the weights are not aligned to %zu bytes", program.name,
                        alignment);
  if (options.flags & TRANSOM_LOAD_LOCK) {
    if (mlock(image, imageBytes) != 0)
      return message.fail(TRANSOM_ERROR_MEMORY, "model \"%s\": cannot lock %zu bytes of weights: %s", program.name,
                          imageBytes, ErrorText(errno).text);
    locked = true;
  }
  if (options.flags & TRANSOM_LOAD_PRELOAD)
    readPages(image, imageBytes);
  if (options.flags & TRANSOM_LOAD_VERIFY) {
    char digest[65];
    sha256(image, imageBytes, digest);
    if (!program.weights_sha256 || strcmp(digest, program.weights_sha256) != 0)
      return message.fail(TRANSOM_ERROR_WEIGHTS, "model \"%s\": the weights have SHA-256 %s where %s is expected",
                          program.name, digest, program.weights_sha256 ? program.weights_sha256 : "none");
  }
  return TRANSOM_OK;
}

void Weights::close() {
  if (locked)
    munlock(image, imageBytes);
  if (mapping)
    munmap(mapping, mappedBytes);
  *this = Weights();
}

} // namespace transom::runtime
