//===- PartCache.cpp - compiled parts from earlier compiles ---------------===//
//
// A folder with a file for each part, KEY.part: the digest of what follows, the
// object. Files are written aside and moved into place, so compiles at the same
// time may share a folder. What is damaged counts as not there, and is replaced.
//
//===----------------------------------------------------------------------===//

#include "transom/Package/PartCache.h"
#include "transom/Package/OutputFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

static constexpr StringRef suffix = ".part";

/// Of a part's file: it belongs to its key and is whole.
static std::string digestOf(StringRef key, StringRef object) {
  SHA256 sha;
  sha.update(key);
  sha.update(object);
  return toHex(sha.final(), /*LowerCase=*/true);
}

PartCache::PartCache(StringRef folder, uint64_t limit) : folder(folder), limit(limit) {
  if (std::error_code code = fs::create_directories(folder))
    fail("cannot make the folder: " + code.message());
}

void PartCache::fail(const Twine &reason) {
  std::lock_guard lock(mutex);
  if (problem.empty())
    problem = "--cache-dir=" + folder + ": " + reason.str() + "; what is compiled is not kept there";
}

std::string PartCache::takeProblem() {
  std::lock_guard lock(mutex);
  return std::move(problem);
}

std::string PartCache::path(StringRef key) const { return (folder + "/" + key + suffix).str(); }

std::optional<SmallVector<char, 0>> PartCache::find(StringRef key) {
  auto file = fs::openNativeFileForRead(path(key));
  if (!file) {
    consumeError(file.takeError());
    return std::nullopt;
  }
  scope_exit close([&] { (void)fs::closeFile(*file); });
  // Copied, not mapped: others may remove it.
  auto buffer = MemoryBuffer::getOpenFile(*file, path(key), /*FileSize=*/-1, /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  if (!buffer)
    return std::nullopt;
  StringRef content = (*buffer)->getBuffer(), digest = content.take_front(2 * 32), object = content.substr(2 * 32);
  if (digest != digestOf(key, object))
    return std::nullopt;
  // Used now. Without the right to say so it only goes earlier.
  (void)fs::setLastAccessAndModificationTime(*file, std::chrono::system_clock::now());
  return SmallVector<char, 0>(object.begin(), object.end());
}

void PartCache::keep(StringRef key, ArrayRef<char> object) {
  StringRef content(object.data(), object.size());
  Error error = replaceFile(path(key), [&](raw_pwrite_stream &os) {
    os << digestOf(key, content) << content;
    return Error::success();
  });
  if (error)
    fail(toString(std::move(error)));
}

void PartCache::trim() {
  struct Kept {
    sys::TimePoint<> used;
    std::string path;
    uint64_t bytes;
  };
  std::vector<Kept> all;
  uint64_t total = 0;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    // Also what a compile that was killed has left aside.
    if (!StringRef(entry->path()).contains(suffix))
      continue;
    fs::file_status status;
    if (fs::status(entry->path(), status))
      continue;
    all.push_back({status.getLastModificationTime(), entry->path(), status.getSize()});
    total += status.getSize();
  }
  llvm::sort(all, [](const Kept &a, const Kept &b) { return std::tie(a.used, a.path) < std::tie(b.used, b.path); });
  for (const Kept &kept : all) {
    if (total <= limit)
      return;
    if (std::error_code problem = fs::remove(kept.path)) {
      fail("cannot remove '" + kept.path + "': " + problem.message());
      return;
    }
    total -= kept.bytes;
  }
}
