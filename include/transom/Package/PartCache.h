//===- PartCache.h - compiled parts from earlier compiles -------*- C++ -*-===//
#ifndef TRANSOM_PACKAGE_PARTCACHE_H
#define TRANSOM_PACKAGE_PARTCACHE_H

#include "transom/Codegen/Codegen.h"
#include <mutex>

namespace transom {

/// A folder of compiled parts. What goes wrong with it is no error of a compile:
/// `takeProblem` tells it afterwards.
class PartCache : public PartStore {
public:
  /// Makes the folder if it is not there.
  PartCache(llvm::StringRef folder, uint64_t limit);

  std::optional<llvm::SmallVector<char, 0>> find(llvm::StringRef key) override;
  void keep(llvm::StringRef key, llvm::ArrayRef<char> object) override;

  /// Removes what was used least recently until the folder holds no more than its limit.
  void trim();

  /// The first thing that went wrong, "" if nothing did.
  std::string takeProblem();

private:
  std::string path(llvm::StringRef key) const;
  void fail(const llvm::Twine &reason);

  std::string folder;
  uint64_t limit; ///< bytes
  std::mutex mutex;
  std::string problem;
};

} // namespace transom

#endif // TRANSOM_PACKAGE_PARTCACHE_H
