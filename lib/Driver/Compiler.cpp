//===- Compiler.cpp - a model file becomes a package ----------------------===//
//
// The weights are written first: their digest is part of the manifest, which is
// part of the code.
//
//===----------------------------------------------------------------------===//

#include "Compilation.h"
#include "ModelCost.h"
#include "NodeListing.h"
#include "Transformer/IR/Transformer.h"
#include "transom/Package/OutputFile.h"
#include "transom/Package/PartCache.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"

using namespace transom;

static llvm::StringRef weightsOption(WeightsPlace place) {
  switch (place) {
  case WeightsPlace::Automatic: return "auto";
  case WeightsPlace::Embed: return "embed";
  case WeightsPlace::File: return "file";
  }
  llvm_unreachable("no such place");
}

/// Writes header and image into `path`.
static llvm::Expected<std::string> writeWeights(const WeightImage &image, llvm::StringRef header, llvm::StringRef path,
                                                Compilation &compilation) {
  std::string digest;
  llvm::Error error = writeFile(path, [&](llvm::raw_pwrite_stream &os) -> llvm::Error {
    os << header;
    auto written = compilation.write(image, os);
    if (!written)
      return written.takeError();
    digest = std::move(*written);
    return llvm::Error::success();
  });
  if (error)
    return error;
  return digest;
}

/// Fills in what the manifest says of the weights. `folder`, if there is one,
/// receives the file.
static llvm::Error placeWeights(const WeightImage &image, WeightsPlace place, Compilation &compilation,
                                PackageFolder *folder) {
  Manifest &manifest = compilation.manifest;
  manifest.weightsBytes = image.bytes();
  bool embedded = place == WeightsPlace::Embed || !image.bytes() ||
                  (place == WeightsPlace::Automatic && image.bytes() <= embeddedWeightsLimit);
  if (embedded || !folder) {
    llvm::raw_null_ostream nowhere;
    auto digest = compilation.write(image, nowhere);
    if (!digest)
      return digest.takeError();
    manifest.weightsSha256 = std::move(*digest);
  }
  if (embedded)
    return llvm::Error::success();
  auto header = weightsFileHeader(image, manifest.name);
  if (!header)
    return header.takeError();
  manifest.weightsFile = manifest.name + ".weights";
  manifest.weightsOffset = header->size();
  if (!folder)
    return llvm::Error::success();
  auto path = folder->place(manifest.weightsFile);
  if (!path)
    return path.takeError();
  auto digest = writeWeights(image, *header, *path, compilation);
  if (!digest)
    return digest.takeError();
  manifest.weightsSha256 = std::move(*digest);
  return llvm::Error::success();
}

/// The file that debug information speaks of, beside the library.
static std::string listingName(llvm::StringRef name) { return (name + ".nodes.txt").str(); }

namespace {
/// The program in LLVM IR, and what it is in.
struct Emitted {
  llvm::LLVMContext context;
  ProgramCode code;
};
} // namespace

/// The stage `llvm`, and the weights before it.
static bool emit(Compilation &compilation, const CompileOptions &options, PackageFolder *folder, Problems &problems,
                 Emitted &emitted) {
  Manifest &manifest = compilation.manifest;
  manifest.weightsOption = weightsOption(options.weights).str();
  compilation.begin("weights");
  auto image = WeightImage::plan(compilation.module());
  if (!image) {
    problems.error(image.takeError());
    return false;
  }
  for (const DeviceCode &device : compilation.devices)
    image->add(device.weights);
  if (llvm::Error error = placeWeights(*image, options.weights, compilation, folder)) {
    problems.error(std::move(error));
    return false;
  }
  compilation.begin(stageName(Stage::LLVM));
  ProgramOptions program;
  program.name = manifest.name;
  program.weightsFile = manifest.weightsFile;
  program.weightsOffset = manifest.weightsOffset;
  program.weightsSha256 = manifest.weightsSha256;
  program.manifest = manifestText(manifest);
  program.devices = std::move(compilation.devices);
  if (options.debugInfo)
    program.lines = linesOf(compilation.nodes(), listingName(manifest.name));
  auto code =
      emitLLVM(compilation.module(), emitted.context, compilation.cpus(), program, *image, compilation.threads());
  if (!code) {
    problems.error(code.takeError());
    return false;
  }
  emitted.code = std::move(*code);
  return true;
}

/// Compiles the parts that the cache, if there is one, does not have.
static llvm::Expected<std::vector<CompiledPart>> compileOrFind(Compilation &compilation, const CompileOptions &options,
                                                               Problems &problems, const ProgramCode &code,
                                                               const PartForms &forms) {
  std::optional<PartCache> cache;
  if (!options.cacheDir.empty())
    cache.emplace(options.cacheDir, options.cacheSize);
  auto compiled = compileParts(code.parts, CPUTarget::common(compilation.cpus()), forms, compilation.threads(),
                               cache ? &*cache : nullptr);
  if (!compiled)
    return compiled.takeError();
  compilation.facts.parts = compiled->size();
  compilation.facts.cachedParts = llvm::count_if(*compiled, [](const CompiledPart &part) { return part.isFound; });
  if (!cache)
    return compiled;
  cache->trim();
  if (std::string problem = cache->takeProblem(); !problem.empty())
    problems.list.push_back({Problem::Warning, problem});
  return compiled;
}

/// The parts, compiled; and the dump of the stage `llvm`, after which `use`, if there is one, gets the program as one
/// module.
static std::optional<std::vector<CompiledPart>> compileCode(Compilation &compilation, const CompileOptions &options,
                                                            Problems &problems, const ProgramCode &code,
                                                            llvm::function_ref<llvm::Error(llvm::Module &)> use = {}) {
  PartForms forms;
  forms.object = !use;
  forms.bitcode = use || !options.dumpDir.empty();
  auto compiled = compileOrFind(compilation, options, problems, code, forms);
  if (!compiled) {
    problems.error(compiled.takeError());
    return std::nullopt;
  }
  if (!forms.bitcode)
    return std::move(*compiled);
  auto joined = joinParts(*compiled, *code.constants);
  if (!joined) {
    problems.error(joined.takeError());
    return std::nullopt;
  }
  if (!compilation.dump(Stage::LLVM, [&](llvm::raw_ostream &os) { (*joined)->print(os, nullptr); }))
    return std::nullopt;
  if (!use)
    return std::move(*compiled);
  if (llvm::Error error = use(**joined)) {
    problems.error(std::move(error));
    return std::nullopt;
  }
  return std::move(*compiled);
}

/// The program as the stage has it: LLVM IR, assembly or an object.
static llvm::Error printProgram(llvm::Module &program, Stage stage, const CPUTarget &target, llvm::raw_ostream &os) {
  if (stage == Stage::LLVM) {
    program.print(os, nullptr);
    return llvm::Error::success();
  }
  llvm::SmallVector<char, 0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::Error error = stage == Stage::Asm ? emitAssembly(program, target, stream) : emitObject(program, target, stream);
  os << stream.str();
  return error;
}

bool transom::emitStage(const CompileOptions &options, Stage last, llvm::raw_ostream &os, Problems &problems) {
  Compilation compilation(options, problems);
  if (!compilation.run(last))
    return false;
  if (last == Stage::PTX) {
    compilation.begin(stageName(Stage::PTX));
    auto text = emitPTX(compilation.module(), *compilation.device());
    if (!text) {
      problems.error(text.takeError());
      return false;
    }
    os << *text;
    return compilation.dump(Stage::PTX, [&](llvm::raw_ostream &file) { file << *text; });
  }
  if (last != Stage::LLVM && last != Stage::Asm && last != Stage::Object) {
    printModule(compilation.module(), os);
    return true;
  }
  Emitted emitted;
  if (!emit(compilation, options, /*folder=*/nullptr, problems, emitted))
    return false;
  return compileCode(compilation, options, problems, emitted.code,
                     [&](llvm::Module &program) { return printProgram(program, last, compilation.target(), os); })
      .has_value();
}

/// Objects, libraries and everything beside them; the weights are there.
static llvm::Error writePackage(Compilation &compilation, const Toolchain &toolchain, PackageFolder &folder,
                                ProgramCode &code, std::vector<CompiledPart> parts, bool debugInfo) {
  const Manifest &manifest = compilation.manifest;
  // Weights inside the library go from LLVM IR straight to the file: they may be large.
  std::string objects[] = {folder.staging() + "/" + manifest.name + ".o",
                           folder.staging() + "/" + manifest.name + ".parts.a"};
  llvm::scope_exit removeObjects([&] {
    for (const std::string &file : objects)
      (void)llvm::sys::fs::remove(file);
  });
  llvm::Error written = writeFile(objects[0], [&](llvm::raw_pwrite_stream &os) {
    return emitObject(*code.constants, CPUTarget::common(compilation.cpus()), os);
  });
  code.constants.reset();
  if (!written)
    written = writeObjects(parts, objects[1]);
  if (written)
    return written;
  parts.clear();
  compilation.begin("link");
  for (auto [suffix, link] : {std::pair(".so", &linkShared), {".a", &linkStatic}}) {
    auto library = folder.place("lib" + manifest.name + suffix);
    if (!library)
      return library.takeError();
    if (llvm::Error error =
            link(toolchain, compilation.target(), manifest.name, objects, !manifest.devices.empty(), *library))
      return error;
  }
  if (llvm::Error error = folder.write(manifest.name + ".h", headerText(manifest.name, manifest.entries)))
    return error;
  if (llvm::Error error = folder.write(manifest.name + ".json", manifestText(manifest)))
    return error;
  if (debugInfo)
    if (llvm::Error error = folder.write(listingName(manifest.name), listingText(compilation.nodes())))
      return error;
  return writeBuildFiles(folder, toolchain, manifest);
}

std::optional<Manifest> transom::compileModel(const CompileOptions &options, llvm::StringRef target, Problems &problems,
                                              CompileReport *report) {
  // What needs no model is checked first: nobody waits for a compile that cannot end well.
  auto toolchain = Toolchain::find(options.executable, cpuTripleOf(options.target));
  if (!toolchain)
    problems.error(toolchain.takeError());
  auto folder = PackageFolder::create(target, modelName(options));
  if (!folder)
    problems.error(folder.takeError());
  if (problems.hasErrors())
    return std::nullopt;
  if (options.staging)
    options.staging(folder->staging());
  llvm::scope_exit forget([&] {
    if (options.staging)
      options.staging("");
  });

  Compilation compilation(options, problems);
  Emitted emitted;
  std::optional<std::vector<CompiledPart>> parts;
  if (compilation.runAll() && emit(compilation, options, &*folder, problems, emitted)) {
    compilation.begin("object");
    parts = compileCode(compilation, options, problems, emitted.code);
  }
  if (!parts) {
    folder->discard();
    return std::nullopt;
  }
  llvm::Error error =
      writePackage(compilation, *toolchain, *folder, emitted.code, std::move(*parts), options.debugInfo);
  if (!error)
    error = folder->commit();
  if (error) {
    problems.error(std::move(error));
    folder->discard();
    return std::nullopt;
  }
  if (report)
    *report = std::move(compilation.facts);
  return compilation.manifest;
}

std::optional<ModelReport> transom::inspectModel(const CompileOptions &options, Problems &problems) {
  Compilation compilation(options, problems);
  if (!compilation.run(Stage::Raise))
    return std::nullopt;
  auto signature = Signature::of(compilation.module());
  if (!signature) {
    problems.error(signature.takeError());
    return std::nullopt;
  }
  ModelReport report;
  report.signature = std::move(*signature);
  WeightTotals weights = weightsOf(compilation.module());
  report.parameters = weights.elements;
  report.weightBytes = weights.bytes;
  report.cost = compilation.manifest.cost;
  report.fusions = std::move(compilation.facts.fusions);
  llvm::StringMap<unsigned> counts;
  compilation.module().walk([&](mlir::Operation *op) {
    if (!mlir::isa_and_nonnull<transformer::TransformerDialect>(op->getDialect()) ||
        mlir::isa<transformer::ConstantOp, transformer::YieldOp>(op))
      return;
    std::string name = op->getName().stripDialect().str();
    if (auto unary = mlir::dyn_cast<transformer::UnaryOp>(op))
      name = stringifyUnaryKind(unary.getKind()).str();
    else if (auto binary = mlir::dyn_cast<transformer::BinaryOp>(op))
      name = stringifyBinaryKind(binary.getKind()).str();
    ++counts[name];
  });
  for (const auto &entry : counts)
    report.operators.push_back({entry.getKey().str(), entry.getValue()});
  llvm::sort(report.operators, [](const OperatorCount &a, const OperatorCount &b) {
    return std::tie(b.count, a.name) < std::tie(a.count, b.name);
  });
  return report;
}

std::vector<OperatorUse> transom::findSupport(const CompileOptions &options, Problems &problems) {
  Compilation compilation(options, problems);
  (void)compilation.run(Stage::CPU);
  return std::move(compilation.operators);
}
