//===- Toolchain.cpp - what packages are made with ------------------------===//

#include "transom/Package/Package.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace transom;

static std::string joined(StringRef folder, StringRef relative) {
  SmallString<256> path(folder);
  sys::path::append(path, relative);
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return std::string(path);
}

/// The first folder of `folders` that has `file`, or "".
static std::string folderWith(StringRef file, ArrayRef<std::string> folders) {
  for (const std::string &folder : folders)
    if (sys::fs::is_regular_file(joined(folder, file)))
      return folder;
  return "";
}

static std::string findLinker(StringRef bin) {
  // Installed with Transom, then the LLVM that it was built with, then PATH.
  for (StringRef folder : {bin, StringRef(TRANSOM_LLVM_TOOLS)}) {
    std::string candidate = joined(folder, "ld.lld");
    if (sys::fs::can_execute(candidate))
      return candidate;
  }
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (auto found = sys::findProgramByName(name))
      return *found;
  return "";
}

/// "" for the host's architecture, else "/aarch64-linux-gnu", say. What no code is made for is refused elsewhere.
static std::string folderOfArchitecture(StringRef triple) {
  Triple wanted(triple), host(sys::getDefaultTargetTriple());
  if (!wanted.isAArch64() || host.isAArch64())
    return "";
  return ("/" + wanted.getArchName() + "-linux-gnu").str();
}

Expected<Toolchain> Toolchain::find(StringRef executable, StringRef triple) {
  std::string bin = sys::path::parent_path(executable).str();
  Toolchain result;
  std::vector<std::string> missing;
  result.linker = findLinker(bin);
  if (result.linker.empty())
    missing.push_back("the linker ld.lld (Debian's package lld-22), in PATH");

  std::string architecture = folderOfArchitecture(triple);
  std::vector<std::string> libraries = {joined(bin, "../lib/transom" + architecture),
                                        joined(bin, "../lib" + architecture)};
  for (auto [file, path] : {std::pair<const char *, std::string *>("libtransom_rt.a", &result.runtimeArchive),
                            {"libtransom_rt_cuda.a", &result.deviceRuntime},
                            {"libtransom_builtins.a", &result.builtins}}) {
    std::string folder = folderWith(file, libraries);
    if (folder.empty())
      missing.push_back(std::string(file) + ", in " + join(libraries, " or "));
    else
      *path = joined(folder, file);
  }
  std::vector<std::string> headers = {joined(bin, "../lib/transom/include"), TRANSOM_RUNTIME_HEADERS};
  result.headers = folderWith("transom/transom.h", headers);
  if (result.headers.empty())
    missing.push_back("transom/transom.h, in " + join(headers, " or "));
  if (!missing.empty() && !architecture.empty())
    missing.push_back("all of which Transom has when it is built beside Debian's package libstdc++-12-dev-arm64-cross");
  if (!missing.empty())
    return createStringError("this installation of Transom lacks " + join(missing, "; "));
  return result;
}
