//===- ModelPackage.cpp - a compiled model on disk ------------------------===//

#include "ModelPackage.h"
#include "Command.h"
#include "ManifestFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

static std::string joined(StringRef folder, const Twine &file) {
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return std::string(path);
}

/// The names of libNAME.so in a folder, sorted.
static std::vector<std::string> librariesIn(StringRef folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; entry != end && !code; entry.increment(code)) {
    StringRef file = sys::path::filename(entry->path());
    if (file.consume_front("lib") && file.consume_back(".so") && isIdentifier(file))
      names.push_back(file.str());
  }
  sort(names);
  return names;
}

bool cli::isPackage(StringRef path) {
  return fs::is_directory(path) ? !librariesIn(path).empty() : path.ends_with(".so");
}

Expected<cli::ModelPackage> cli::ModelPackage::find(StringRef path, StringRef name) {
  ModelPackage package;
  if (!fs::is_directory(path)) {
    StringRef file = sys::path::filename(path);
    if (!fs::exists(path))
      return createStringError("'" + path + "' does not exist");
    if (!file.consume_front("lib") || !file.consume_back(".so") || !isIdentifier(file))
      return createStringError("'" + path + "' is not named libNAME.so, as the library of a compiled model is");
    package.folder = sys::path::parent_path(path).str();
    package.name = file.str();
    package.library = path.str();
  } else {
    std::vector<std::string> names = librariesIn(path);
    if (names.empty())
      return createStringError("'" + path + "' holds no compiled model (libNAME.so)");
    if (name.empty() && names.size() > 1)
      return createStringError("'" + path + "' holds several models (" + join(names, ", ") +
                               "); name the library itself");
    if (!name.empty() && !is_contained(names, name.str()))
      return createStringError("'" + path + "' holds " + join(names, ", ") + ", not " + name);
    package.folder = path.str();
    package.name = name.empty() ? names.front() : name.str();
    package.library = joined(path, "lib" + package.name + ".so");
  }
  // dlopen searches elsewhere for what has no folder.
  SmallString<256> absolute(package.library);
  if (std::error_code code = fs::make_absolute(absolute))
    return createStringError(code, "cannot find '" + path + "': " + code.message());
  package.library = std::string(absolute);
  return package;
}

Expected<std::string> cli::ModelPackage::readManifestText() const {
  return transom::cli::readManifestText(joined(folder, name + ".json"));
}

Expected<json::Object> cli::ModelPackage::readManifest() const {
  return readManifestFile(joined(folder, name + ".json"));
}

Expected<cli::ReadyPackage> cli::ReadyPackage::make(StringRef path, const CompileOptions &given, bool onlyErrors) {
  ReadyPackage ready;
  std::string model = path.str();
  if (fs::is_directory(path) && !isPackage(path)) {
    model = joined(path, "model.onnx");
    if (!fs::exists(model))
      return createStringError("'" + path + "' holds neither a compiled model nor a model.onnx");
  }
  std::string name = given.name;
  if (!isPackage(model)) {
    auto folder = TemporaryFolder::make();
    if (!folder)
      return folder.takeError();
    ready.temporary = std::make_unique<TemporaryFolder>(std::move(*folder));
    ready.source = model;
    CompileOptions options = given;
    options.model = model;
    options.executable = executablePath();
    Problems problems;
    std::optional<Manifest> manifest;
    {
      ProgressLine progress(options);
      manifest = compileModel(options, ready.temporary->path(), problems);
    }
    if (onlyErrors)
      erase_if(problems.list, [](const Problem &problem) { return problem.severity != Problem::Error; });
    problems.print(errs());
    if (!manifest)
      return createStringError("'" + model + "' was not compiled");
    name = manifest->name;
    model = ready.temporary->path();
  }
  auto package = ModelPackage::find(model, name);
  if (!package)
    return package.takeError();
  ready.package = std::move(*package);
  return ready;
}

cli::ReadyPackage::ReadyPackage() = default;
cli::ReadyPackage::ReadyPackage(ReadyPackage &&) = default;
cli::ReadyPackage::~ReadyPackage() = default;
