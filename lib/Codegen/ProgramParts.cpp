//===- ProgramParts.cpp - a program's functions, compiled apart -----------===//
//
// A part is one function of the program: a kernel, or the host's code of an
// entry point. Parts are compiled by themselves, so what comes out of one
// depends on it and the target alone, not on how many threads there are or on
// what else the program has.
//
// In its module a part's function has the name that all have there, and gets its
// own in the object: kernels are numbered, and the cache asks for code alone.
//
//===----------------------------------------------------------------------===//

#include "OptimiseLLVM.h"
#include "Sha256.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace transom;

namespace {

/// Gives the function in an object the name of the part.
Expected<SmallVector<char, 0>> nameObject(ArrayRef<char> object, const std::string &name) {
  auto file = object::ObjectFile::createObjectFile(MemoryBufferRef(StringRef(object.data(), object.size()), name));
  if (!file)
    return file.takeError();
  objcopy::ConfigManager config;
  config.Common.SymbolsToRename[partSymbol] = name;
  SmallVector<char, 0> named;
  raw_svector_ostream os(named);
  if (Error error = objcopy::executeObjcopyOnBinary(config, **file, os))
    return error;
  return named;
}

/// Of all that a part's object depends on.
std::string keyOf(const ProgramPart &part, const CPUTarget &target, StringRef compiler) {
  transom::runtime::Sha256 sha;
  for (StringRef piece : {compiler, StringRef(target.triple), StringRef(target.cpu), StringRef(target.features),
                          StringRef(part.bitcode)}) {
    uint64_t bytes = piece.size();
    sha.update(&bytes, sizeof bytes);
    sha.update(piece.data(), piece.size());
  }
  char hex[65];
  sha.finish(hex);
  return hex;
}

Error compilePart(const ProgramPart &part, const CPUTarget &target, const PartForms &forms,
                  SmallVectorImpl<char> &object, std::string &bitcode) {
  // Threads share nothing of LLVM's.
  LLVMContext context;
  auto module = parseBitcodeFile(MemoryBufferRef(part.bitcode, part.name), context);
  if (!module)
    return module.takeError();
  if (Error error = optimiseForCPU(**module, target))
    return error;
  if (forms.bitcode) {
    raw_string_ostream os(bitcode);
    WriteBitcodeToFile(**module, os);
  }
  if (!forms.object)
    return Error::success();
  raw_svector_ostream os(object);
  return emitObject(**module, target, os);
}

/// Compiles a part, or finds that it was.
Error completePart(const ProgramPart &part, const CPUTarget &target, const PartForms &forms, PartStore *store,
                   StringRef compiler, CompiledPart &compiled) {
  compiled.name = part.name;
  bool isKept = store && forms.object && !forms.bitcode;
  std::string key = isKept ? keyOf(part, target, compiler) : "";
  SmallVector<char, 0> object;
  if (auto found = isKept ? store->find(key) : std::nullopt) {
    object = std::move(*found);
    compiled.isFound = true;
  } else {
    if (Error error = compilePart(part, target, forms, object, compiled.bitcode))
      return error;
    if (isKept)
      store->keep(key, object);
  }
  if (!forms.object)
    return Error::success();
  auto named = nameObject(object, part.name);
  if (!named)
    return named.takeError();
  compiled.object = std::move(*named);
  return Error::success();
}

} // namespace

Expected<std::vector<CompiledPart>> transom::compileParts(ArrayRef<ProgramPart> parts, const CPUTarget &target,
                                                          const PartForms &forms, ThreadPoolInterface &threads,
                                                          PartStore *store) {
  std::string compiler = store ? compilerIdentity() : "";
  std::vector<CompiledPart> compiled(parts.size());
  std::vector<std::string> problems(parts.size());
  // The longest first, so that no thread is left alone with one at the end.
  std::vector<size_t> order(parts.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](size_t a, size_t b) { return parts[a].bitcode.size() > parts[b].bitcode.size(); });
  ThreadPoolTaskGroup group(threads);
  for (size_t i : order)
    group.async([&, i] {
      if (Error error = completePart(parts[i], target, forms, store, compiler, compiled[i]))
        problems[i] = toString(std::move(error));
    });
  group.wait();
  for (auto [part, problem] : llvm::zip(parts, problems))
    if (!problem.empty())
      return createStringError("'" + part.name + "': " + problem);
  return compiled;
}

Expected<std::unique_ptr<Module>> transom::joinParts(ArrayRef<CompiledPart> parts, const Module &constants) {
  auto joined = std::make_unique<Module>(constants.getModuleIdentifier(), constants.getContext());
  joined->setSourceFileName(constants.getSourceFileName());
  Linker linker(*joined);
  for (const CompiledPart &part : parts) {
    auto module = parseBitcodeFile(MemoryBufferRef(part.bitcode, part.name), constants.getContext());
    if (!module)
      return module.takeError();
    (*module)->getFunction(partSymbol)->setName(part.name);
    if (linker.linkInModule(std::move(*module)))
      return createStringError("'" + part.name + "' cannot be joined with the parts before it");
  }
  if (linker.linkInModule(CloneModule(constants)))
    return createStringError("the program's constants cannot be joined with its parts");
  // Nobody else's, as in the library.
  for (Function &function : *joined)
    if (!function.isDeclaration() && function.hasHiddenVisibility()) {
      function.setVisibility(GlobalValue::DefaultVisibility);
      function.setLinkage(GlobalValue::InternalLinkage);
    }
  return joined;
}
