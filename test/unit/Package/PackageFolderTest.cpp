//===- PackageFolderTest.cpp - all of a package or nothing ----------------===//

#include "transom/Package/Package.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <gtest/gtest.h>

using namespace transom;
namespace fs = llvm::sys::fs;

namespace {
struct Folder : testing::Test {
  Folder() {
    llvm::SmallString<128> path;
    EXPECT_FALSE(fs::createUniqueDirectory("transom-test", path));
    root = std::string(path);
  }
  ~Folder() override { (void)fs::remove_directories(root); }

  std::vector<std::string> entries(const std::string &folder) const {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; entry != end && !code; entry.increment(code))
      names.push_back(llvm::StringRef(entry->path()).substr(folder.size() + 1).str());
    llvm::sort(names);
    return names;
  }

  static std::string content(const std::string &path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "(none)";
  }

  /// Writes a package of these files with `text` as content.
  void package(const std::string &folder, llvm::ArrayRef<const char *> files, const char *text, bool commit = true) {
    auto made = PackageFolder::create(folder, "bert");
    ASSERT_TRUE(bool(made)) << llvm::toString(made.takeError());
    for (const char *file : files)
      ASSERT_FALSE(bool(made->write(file, text)));
    if (commit) {
      llvm::Error error = made->commit();
      ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    }
  }

  std::string root;
};
using Names = std::vector<std::string>;
} // namespace

TEST_F(Folder, AppearsWhole) {
  package(root + "/a/b", {"libbert.so", "include/x.h"}, "1");
  EXPECT_EQ(entries(root + "/a"), Names({"b"}));
  EXPECT_EQ(entries(root + "/a/b"), Names({"include", "libbert.so"}));
}

TEST_F(Folder, LeavesNothingWithoutCommit) {
  package(root + "/a/b", {"libbert.so"}, "1", /*commit=*/false);
  EXPECT_EQ(entries(root), Names());
}

TEST_F(Folder, KeepsAnEarlierPackageWithoutCommit) {
  package(root + "/a", {"libbert.so", "bert.weights"}, "old");
  package(root + "/a", {"libbert.so"}, "new", /*commit=*/false);
  EXPECT_EQ(entries(root + "/a"), Names({"bert.weights", "libbert.so"}));
  EXPECT_EQ(content(root + "/a/libbert.so"), "old");
}

TEST_F(Folder, ReplacesItsOwnAndKeepsTheRest) {
  package(root + "/a", {"libbert.so", "bert.weights", "bert.h"}, "old");
  package(root + "/a", {"other.txt"}, "theirs");
  package(root + "/a", {"libbert.so", "bert.h"}, "new");
  EXPECT_EQ(entries(root + "/a"), Names({"bert.h", "libbert.so", "other.txt"}));
  EXPECT_EQ(content(root + "/a/libbert.so"), "new");
  EXPECT_EQ(content(root + "/a/other.txt"), "theirs");
}

TEST_F(Folder, RefusesAFile) {
  std::error_code code;
  llvm::raw_fd_ostream(root + "/file", code) << "mine";
  auto made = PackageFolder::create(root + "/file", "bert");
  ASSERT_FALSE(bool(made));
  EXPECT_EQ(llvm::toString(made.takeError()), "'" + root + "/file' is a file; -o takes the folder of the package");
  EXPECT_EQ(content(root + "/file"), "mine");
}
