//===- PackageFolder.cpp - a folder that is written aside -----------------===//

#include "transom/Package/OutputFile.h"
#include "transom/Package/Package.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <fcntl.h>
#include <stdio.h>

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

static Error failure(const Twine &what, StringRef path, std::error_code code) {
  return createStringError(code, what + " '" + path + "': " + code.message());
}

static std::string joined(StringRef folder, StringRef relative) {
  SmallString<256> path(folder);
  sys::path::append(path, relative);
  return std::string(path);
}

/// Makes the missing folders of `path`; says which ones those were.
static Error makeFolders(StringRef path, std::vector<std::string> &made) {
  if (path.empty() || fs::is_directory(path))
    return Error::success();
  if (Error error = makeFolders(sys::path::parent_path(path), made))
    return error;
  std::error_code code = fs::create_directory(path, /*IgnoreExisting=*/false);
  if (code && !(code == std::errc::file_exists && fs::is_directory(path)))
    return failure("cannot make the folder", path, code);
  if (!code)
    made.push_back(path.str());
  return Error::success();
}

/// An empty folder of a name that is not taken.
static Error makeUnique(StringRef prefix, std::string &path) {
  SmallString<256> made;
  if (std::error_code code = fs::createUniqueDirectory(prefix, made))
    return failure("cannot make the folder", prefix, code);
  // createUniqueDirectory makes it for the owner alone; a package is like any other folder.
  if (std::error_code code = fs::setPermissions(made, static_cast<fs::perms>(0777 & ~fs::getUmask()))) {
    (void)fs::remove(made);
    return failure("cannot set the permissions of", made, code);
  }
  path = std::string(made);
  return Error::success();
}

Expected<PackageFolder> PackageFolder::create(StringRef folder, StringRef name) {
  PackageFolder result;
  SmallString<256> path(folder);
  if (std::error_code code = fs::make_absolute(path))
    return failure("cannot find the folder", folder, code);
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  result.target = std::string(path);
  result.name = name.str();
  fs::file_status status;
  std::error_code code = fs::status(path, status);
  if (code && code != std::errc::no_such_file_or_directory)
    return failure("cannot write into", folder, code);
  if (fs::exists(status) && !fs::is_directory(status))
    return createStringError("'" + folder + "' is a file; -o takes the folder of the package");
  result.replaces = fs::is_directory(status);
  // Aside means on the same file system: in the folder if there is one, else beside it.
  if (!result.replaces)
    if (Error error = makeFolders(sys::path::parent_path(path), result.madeFolders)) {
      result.discard();
      return error;
    }
  std::string prefix = result.replaces ? joined(path, "." + result.name + ".partial") : result.target + ".partial";
  if (Error error = makeUnique(prefix, result.aside)) {
    result.discard();
    return error;
  }
  return result;
}

PackageFolder::PackageFolder(PackageFolder &&other)
    : target(std::move(other.target)), name(std::move(other.name)), aside(std::move(other.aside)),
      madeFolders(std::move(other.madeFolders)), files(std::move(other.files)), replaces(other.replaces) {
  other.aside.clear();
  other.madeFolders.clear();
}

PackageFolder::~PackageFolder() { discard(); }

void PackageFolder::discard() {
  if (!aside.empty())
    (void)fs::remove_directories(aside);
  aside.clear();
  // Only if they are empty: somebody else may use them by now.
  for (const std::string &folder : reverse(madeFolders))
    (void)fs::remove(folder);
  madeFolders.clear();
}

Expected<std::string> PackageFolder::place(StringRef relative) {
  std::string path = joined(aside, relative);
  if (std::error_code code = fs::create_directories(sys::path::parent_path(path)))
    return failure("cannot make the folder of", path, code);
  files.push_back(relative.str());
  return path;
}

Error PackageFolder::write(StringRef relative, StringRef content) {
  auto path = place(relative);
  if (!path)
    return path.takeError();
  return writeFile(*path, content);
}

Error PackageFolder::commit() {
  if (!replaces) {
    if (std::error_code code = fs::rename(aside, target))
      return failure("cannot move the package to", target, code);
    aside.clear();
    madeFolders.clear();
    return Error::success();
  }
  auto isLibrary = [&](StringRef file) { return file == "lib" + name + ".so" || file == "lib" + name + ".a"; };
  std::vector<std::string> stale = {"lib" + name + ".so", "lib" + name + ".a"};
  for (const char *suffix : {".weights", ".nodes.txt"})
    if (!is_contained(files, name + suffix))
      stale.push_back(name + suffix);
  for (const std::string &file : stale)
    if (std::error_code code = fs::remove(joined(target, file)))
      return failure("cannot remove", joined(target, file), code);
  std::partition(files.begin(), files.end(), [&](StringRef file) { return !isLibrary(file); });
  for (const std::string &file : files) {
    std::string path = joined(target, file);
    if (std::error_code code = fs::create_directories(sys::path::parent_path(path)))
      return failure("cannot make the folder of", path, code);
    if (std::error_code code = fs::rename(joined(aside, file), path))
      return failure("cannot move into place", path, code);
  }
  discard();
  return Error::success();
}
