//===- Link.cpp - libNAME.so and libNAME.a --------------------------------===//
//
// Both are the objects joined with the runtime. The shared library is linked
// against libc and libm by their file names, so that no development files of
// libc are needed. Nothing of it depends on when, where or by whom it is made.
//
//===----------------------------------------------------------------------===//

#include "transom/Package/OutputFile.h"
#include "transom/Package/Package.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

/// Of what a linker that failed has printed, and of how it ended, what tells users why.
static std::string reasonOfLinker(StringRef printed, int status, const std::string &problem) {
  constexpr int kEndedBySignal = -2;
  // It writes into mapped pages; the disk has none for them.
  if (status == kEndedBySignal && StringRef(problem).starts_with("Bus error"))
    return "no space is left on the device (a bus error in a mapped file)";
  // A signal, of a limit on files for one, makes it print its stack before it goes on.
  if (size_t error = printed.find("\nld.lld: error"); printed.contains("Stack dump") && error != StringRef::npos)
    printed = printed.substr(error);
  if (status != kEndedBySignal && !printed.trim().empty())
    return printed.trim().str();
  return problem.empty() ? "exit status " + std::to_string(status) : problem;
}

/// Runs the linker; what it says on failure becomes the error, with the command.
static Error runLinker(const Toolchain &toolchain, ArrayRef<std::string> arguments) {
  std::vector<std::string> command = {toolchain.linker};
  append_range(command, arguments);
  std::vector<StringRef> references(command.begin(), command.end());
  SmallString<128> log;
  if (std::error_code code = fs::createTemporaryFile("transom-link", "log", log))
    return createStringError(code, "cannot make a temporary file: " + code.message());
  scope_exit removeLog([&] { (void)fs::remove(log); });
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string problem;
  int status = sys::ExecuteAndWait(toolchain.linker, references, /*Env=*/std::nullopt, redirects, /*SecondsToWait=*/0,
                                   /*MemoryLimit=*/0, &problem);
  if (status == 0)
    return Error::success();
  auto buffer = MemoryBuffer::getFile(log);
  std::string said = reasonOfLinker(buffer ? (*buffer)->getBuffer() : "", status, problem);
  return createStringError("linking failed: " + said + "\n  the command was: " + join(command, " "));
}

static std::string emulation(const Triple &triple) {
  switch (triple.getArch()) {
  case Triple::x86_64: return "elf_x86_64";
  case Triple::aarch64: return "aarch64linux";
  default: return "";
  }
}

static Expected<std::vector<std::string>> commonArguments(const CPUTarget &target) {
  Triple triple(target.triple.empty() ? sys::getDefaultTargetTriple() : target.triple);
  std::string name = emulation(triple);
  if (name.empty())
    return createStringError("no libraries are made for '" + triple.str() + "'; x86_64 and aarch64 Linux are known");
  return std::vector<std::string>{"-m", name, "--build-id=none"};
}

/// Where libc.so.6 and libm.so.6 of the target are.
static std::vector<std::string> systemFolders(const CPUTarget &target) {
  Triple triple(target.triple.empty() ? sys::getDefaultTargetTriple() : target.triple);
  std::string multiarch = (triple.getArchName() + "-linux-gnu").str();
  std::vector<std::string> result;
  for (std::string folder : {"/lib/" + multiarch, "/usr/lib/" + multiarch, "/usr/" + multiarch + "/lib",
                             std::string("/lib64"), std::string("/usr/lib64")})
    if (fs::is_directory(folder))
      result.push_back("-L" + folder);
  return result;
}

Error transom::writeObjects(ArrayRef<CompiledPart> parts, StringRef archive) {
  std::vector<NewArchiveMember> members;
  for (const CompiledPart &part : parts) {
    NewArchiveMember &member = members.emplace_back();
    member.Buf = MemoryBuffer::getMemBuffer(StringRef(part.object.data(), part.object.size()), part.name, false);
    member.MemberName = part.name;
  }
  return writeFile(archive, [&](raw_pwrite_stream &os) {
    return writeArchiveToStream(os, members, SymtabWritingMode::NoSymtab, object::Archive::K_GNU,
                                /*Deterministic=*/true, /*Thin=*/false);
  });
}

static std::string versionScript(StringRef name) { return ("{ global: " + name + "_library; local: *; };\n").str(); }

Error transom::linkShared(const Toolchain &toolchain, const CPUTarget &target, StringRef name,
                          ArrayRef<std::string> objects, bool devices, StringRef library) {
  auto arguments = commonArguments(target);
  if (!arguments)
    return arguments.takeError();
  SmallString<128> script;
  if (std::error_code code = fs::createTemporaryFile("transom-exports", "map", script))
    return createStringError(code, "cannot make a temporary file: " + code.message());
  scope_exit removeScript([&] { (void)fs::remove(script); });
  if (Error error = writeFile(script, versionScript(name)))
    return error;
  std::string options[] = {"-shared",
                           "--soname=lib" + name.str() + ".so",
                           "--version-script=" + std::string(script),
                           "--exclude-libs=ALL",
                           "--gc-sections",
#ifndef TRANSOM_RUNTIME_IS_SANITIZED
                           "--no-undefined",
#endif
                           "--hash-style=gnu",
                           "--eh-frame-hdr",
                           "-z",
                           "relro",
                           "-z",
                           "now",
                           "-z",
                           "noexecstack",
                           "-o",
                           library.str(),
                           "--whole-archive"};
  append_range(*arguments, options);
  append_range(*arguments, objects);
  arguments->push_back("--no-whole-archive");
  // What drives GPUs calls the runtime: before it.
  if (devices)
    arguments->push_back(toolchain.deviceRuntime);
  append_range(*arguments, std::initializer_list<std::string>{toolchain.runtimeArchive, toolchain.builtins});
  append_range(*arguments, systemFolders(target));
  append_range(*arguments, std::initializer_list<std::string>{"--as-needed", "-l:libm.so.6", "-l:libc.so.6"});
  return runLinker(toolchain, *arguments);
}

/// Makes every symbol but NAME_library local.
static Expected<SmallVector<char, 0>> localise(StringRef name, const std::string &path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  auto object = object::ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!object)
    return object.takeError();
  objcopy::ConfigManager config;
  std::string library = (name + "_library").str();
  Error error = config.Common.SymbolsToKeepGlobal.addMatcher(
      objcopy::NameOrPattern::create(library, objcopy::MatchStyle::Literal, [](Error e) { return e; }));
  if (error)
    return error;
  SmallVector<char, 0> result;
  raw_svector_ostream os(result);
  if (Error problem = objcopy::executeObjcopyOnBinary(config, **object, os))
    return problem;
  return result;
}

Error transom::linkStatic(const Toolchain &toolchain, const CPUTarget &target, StringRef name,
                          ArrayRef<std::string> objects, bool devices, StringRef library) {
  auto arguments = commonArguments(target);
  if (!arguments)
    return arguments.takeError();
  std::string joined = (library + ".o").str();
  scope_exit removeJoined([&] { (void)fs::remove(joined); });
  // Without its groups: two models' groups of one name would meet in a program, although their symbols are local.
  append_range(*arguments,
               std::initializer_list<std::string>{"-r", "--force-group-allocation", "-o", joined, "--whole-archive"});
  append_range(*arguments, objects);
  arguments->push_back(toolchain.runtimeArchive);
  if (devices)
    arguments->push_back(toolchain.deviceRuntime);
  append_range(*arguments, std::initializer_list<std::string>{"--no-whole-archive", toolchain.builtins});
  if (Error error = runLinker(toolchain, *arguments))
    return error;
  auto content = localise(name, joined);
  if (!content)
    return content.takeError();
  std::string member = (name + ".o").str();
  NewArchiveMember archived;
  archived.Buf = MemoryBuffer::getMemBuffer(StringRef(content->data(), content->size()), member, false);
  archived.MemberName = member;
  return writeFile(library, [&](raw_pwrite_stream &os) {
    return writeArchiveToStream(os, archived, SymtabWritingMode::NormalSymtab, object::Archive::K_GNU,
                                /*Deterministic=*/true, /*Thin=*/false);
  });
}
