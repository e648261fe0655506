//===- Compilation.cpp - one model on its way through the stages ----------===//

#include "Compilation.h"
#include "Dialects.h"
#include "FusionReport.h"
#include "ModelCost.h"
#include "ModelNodes.h"
#include "TileUses.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "transom/Export/Export.h"
#include "transom/Package/OutputFile.h"
#include "transom/Transforms/States.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace transom;

void transom::printModule(ModuleOp module, llvm::raw_ostream &os) {
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(64).elideLargeResourceString(0);
  module->print(os, flags);
  os << '\n';
}

std::string transom::modelName(const CompileOptions &options) {
  return options.name.empty() ? identifier(llvm::sys::path::stem(options.model)) : options.name;
}

static DialectRegistry allDialects() {
  DialectRegistry registry;
  registerDialects(registry);
  return registry;
}

Compilation::Compilation(const CompileOptions &options, Problems &problems)
    : options(options), problems(problems), pool(llvm::hardware_concurrency(options.jobs)),
      context(allDialects(), MLIRContext::Threading::DISABLED),
      handler(&context, [this](Diagnostic &diagnostic) { report(diagnostic); }) {
  if (pool.getMaxConcurrency() > 1)
    context.setThreadPool(pool);
  pipeline.optimise.gqa = options.gqa;
  pipeline.optimise.gqa.report = &headConversions;
  pipeline.optimise.gqa.forStates = options.states != States::None;
  pipeline.optimise.lastLogits = options.lastLogits;
  pipeline.optimise.weightsType = options.weightsType;
}

static std::string messageOf(Diagnostic &diagnostic) {
  std::string place = placeOf(diagnostic.getLocation());
  return place.empty() ? diagnostic.str() : place + ": " + diagnostic.str();
}

void Compilation::report(Diagnostic &diagnostic) {
  if (repeats && diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return;
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error: problems.list.push_back({Problem::Error, messageOf(diagnostic)}); break;
  case DiagnosticSeverity::Warning: problems.list.push_back({Problem::Warning, messageOf(diagnostic)}); break;
  // What stayed in pieces; other remarks are for those who work on passes.
  case DiagnosticSeverity::Remark: {
    std::string text = diagnostic.str();
    auto [kind, reason] = StringRef(text).split(nearMissMark);
    std::vector<ModelNode> nodes = nodesOf(diagnostic.getLocation());
    if (StringRef(text).starts_with(userMark))
      problems.list.push_back({Problem::Note, messageOf(diagnostic)});
    if (!reason.empty())
      nearMisses.push_back({kind.str(), nodes.empty() ? ModelNode() : nodes.front(), reason.str()});
    return;
  }
  case DiagnosticSeverity::Note: problems.list.push_back({Problem::Note, messageOf(diagnostic)}); break;
  }
  for (Diagnostic &note : diagnostic.getNotes())
    problems.list.push_back({Problem::Note, messageOf(note)});
}

llvm::Expected<std::string> Compilation::write(const WeightImage &image, llvm::raw_ostream &os) {
  return image.write(os, pool, [&](ArrayRef<char> bytes) { model.files->release(bytes); });
}

void Compilation::begin(StringRef step) {
  if (options.progress)
    options.progress(step);
}

bool Compilation::dump(Stage stage, llvm::function_ref<void(llvm::raw_ostream &)> print, StringRef chip) {
  if (options.dumpDir.empty())
    return true;
  SmallString<256> path(options.dumpDir);
  std::error_code code = llvm::sys::fs::create_directories(path);
  if (code) {
    problems.error("cannot make the folder '" + path + "': " + code.message());
    return false;
  }
  std::string file;
  llvm::raw_string_ostream(file) << llvm::format_decimal(static_cast<int>(stage), 2) << '-' << stageName(stage)
                                 << (chip.empty() ? "" : "-" + chip.str())
                                 << (stage == Stage::LLVM  ? ".ll"
                                     : stage == Stage::PTX ? ".ptx"
                                                           : ".mlir");
  if (file[0] == ' ')
    file[0] = '0';
  llvm::sys::path::append(path, file);
  llvm::Error error = writeFile(path, [&](llvm::raw_pwrite_stream &os) {
    print(os);
    return llvm::Error::success();
  });
  if (!error)
    return true;
  problems.error(std::move(error));
  return false;
}

bool Compilation::import() {
  ImportOptions importing;
  importing.text = StringRef(options.model).ends_with(".onnxtxt");
  importing.operators = &operators;
  auto imported = importModel(options.model, context, importing);
  if (failed(imported))
    return false;
  model = std::move(*imported);
  return true;
}

/// What was fused is read, and compared with what has to be.
bool Compilation::raised() {
  manifest.cost = costOf(*model.module);
  if (auto entry = dyn_cast_or_null<func::FuncOp>(entryFunction(*model.module))) {
    explainStates(entry);
    explainProjections(entry);
  }
  facts.fusions = fusionsOf(*model.module, nearMisses);
  facts.layers = layersOf(*model.module);
  llvm::Error error = checkFusions(facts.fusions, options.requiredFusions);
  if (!error)
    return true;
  problems.error("'" + Twine(options.model) + "': " + llvm::toString(std::move(error)));
  return false;
}

/// What became of key/value heads: merged ones always, the others where the user
/// asked for them to merge.
void Compilation::reportHeads() {
  bool asked = options.gqa.changeSignature, merged = false;
  int64_t before = 0, after = 0;
  // A compile for calibration; the one that converts all of them says it.
  if (llvm::any_of(headConversions, [](const HeadConversion &conversion) { return conversion.isPending; }))
    return;
  for (const HeadConversion &conversion : headConversions) {
    std::string place = placeOf(conversion.loc);
    place += place.empty() ? "attention: " : ": ";
    merged |= conversion.merged;
    // The states' copy of the same attentions says what becomes of their heads.
    if (!conversion.ofStates && llvm::any_of(headConversions, [](const HeadConversion &c) { return c.ofStates; }))
      continue;
    before += conversion.before;
    after += conversion.after;
    std::vector<ModelNode> nodes = nodesOf(conversion.loc);
    facts.heads.attentions.push_back({nodes.empty() ? ModelNode() : nodes.front(), conversion.before, conversion.after,
                                      conversion.groups, conversion.keyResidual, conversion.valueResidual,
                                      conversion.residualBeforeFit, conversion.residualAfterFit, std::nullopt,
                                      conversion.before * conversion.headBytes, conversion.after * conversion.headBytes,
                                      conversion.merged ? "" : conversion.reason});
    if (conversion.merged)
      problems.list.push_back({Problem::Note, place + conversion.text()});
    else if (asked)
      problems.list.push_back({Problem::Note, place + "key/value heads stay as they are: " + conversion.reason});
  }
  if (!merged && !asked)
    facts.heads.attentions.clear();
  if (merged)
    problems.list.push_back({Problem::Note, llvm::formatv("key/value heads of all attentions: {0}, {1} before; what a "
                                                          "token takes in the cache shrinks alike",
                                                          after, before)});
  else if (asked)
    problems.list.push_back({Problem::Warning, "no key/value heads were merged"});
}

bool Compilation::runStage(Stage stage) {
  begin(stageName(stage));
  if (stage == Stage::Import) {
    if (!import())
      return false;
  } else {
    if (stage == Stage::Kernels && pipeline.device)
      setTiles(module(), pipeline.device->chip);
    PassManager passes(&context);
    buildStage(stage, passes, pipeline);
    if (preparePasses)
      preparePasses(stage, passes);
    size_t before = problems.list.size();
    if (failed(passes.run(*model.module))) {
      if (problems.list.size() == before)
        problems.error("the stage '" + stageName(stage) + "' failed on '" + options.model + "' and does not say why");
      return false;
    }
  }
  if (stage == Stage::Import) {
    WeightTotals weights = weightsOf(*model.module);
    manifest.parameters = weights.elements;
  }
  if (stage == Stage::Raise && !raised())
    return false;
  if (stage == Stage::Optimise) {
    reportHeads();
    manifest.cost = costOf(*model.module);
    if (!options.exportOnnx.empty())
      if (llvm::Error error = exportOnnx(module(), options.exportOnnx)) {
        problems.error("--export-onnx: " + llvm::toString(std::move(error)));
        return false;
      }
  }
  if (stage == Stage::CPU)
    facts.workspace = workspaceFormula(*model.module, manifest.signature);
  if (stage == Stage::Kernels) {
    facts.kernels = kernelsOf(*model.module);
    manifest.places = placeCosts(*model.module);
    for (const KernelReport &kernel : facts.kernels)
      manifest.kernels.push_back({kernel.name, static_cast<unsigned>(kernel.launches.size())});
    auto entries = Signature::all(*model.module);
    if (!entries) {
      problems.error("'" + Twine(options.model) + "': " + llvm::toString(entries.takeError()));
      return false;
    }
    manifest.entries = std::move(*entries);
    manifest.signature = manifest.entries.front();
  }
  return dump(stage, [&](llvm::raw_ostream &os) { printModule(*model.module, os); });
}

static const char *stateOption(States states) {
  switch (states) {
  case States::None: return "none";
  case States::Only: return "only";
  case States::Both: return "both";
  }
  llvm_unreachable("no such interface");
}

std::string transom::cpuTripleOf(StringRef targets) {
  SmallVector<StringRef> names;
  targets.split(names, ',');
  for (StringRef name : names)
    if (name.consume_front("cpu:"))
      return name.str();
  return "";
}

/// --target: "cpu" or "cpu:TRIPLE", "nvptx:CHIP", or several.
bool Compilation::readTargets() {
  SmallVector<StringRef> names;
  StringRef(options.target).split(names, ',');
  bool valid = true;
  for (StringRef name : names) {
    if (name == "cpu" || name.starts_with("cpu:")) {
      if (hasCPU) {
        problems.error("--target=" + Twine(options.target) + ": a library has the code of one kind of CPU");
        valid = false;
      }
      hasCPU = true;
      continue;
    }
    StringRef chip = name;
    if (!chip.consume_front("nvptx:")) {
      problems.error("--target=" + Twine(name) +
                     ": no such target; there are cpu, cpu:aarch64-linux-gnu and nvptx:CHIP");
      valid = false;
      continue;
    }
    auto device = NVPTXTarget::resolve(chip);
    if (!device) {
      problems.error(device.takeError());
      valid = false;
    } else if (llvm::none_of(chips, [&](const NVPTXTarget &other) { return other.chip == device->chip; })) {
      device->tf32 = options.tf32;
      chips.push_back(std::move(*device));
    }
  }
  // The runtime takes the first that a GPU runs.
  llvm::stable_sort(chips, [](const NVPTXTarget &a, const NVPTXTarget &b) { return a.capability > b.capability; });
  if (!chips.empty()) {
    auto found = findPtxas(options.ptxas);
    if (!found) {
      problems.error(found.takeError());
      return false;
    }
    ptxas = std::move(*found);
  }
  return valid;
}

/// --tiles: files that were measured, of chips among the targets.
bool Compilation::readTiles() {
  bool valid = true;
  for (const std::string &path : options.tiles) {
    auto file = TileFile::read(path);
    if (!file) {
      problems.error("--tiles: " + llvm::toString(file.takeError()));
      valid = false;
    } else if (chips.empty()) {
      problems.error("--tiles=" + path + ": tiles are of GPUs, and there is none among the targets: " + options.target);
      valid = false;
    } else if (llvm::none_of(chips, [&](const NVPTXTarget &target) { return target.chip == file->chip; })) {
      problems.list.push_back({Problem::Warning, "--tiles=" + path + ": they were measured on " + file->chip +
                                                     ", which is not among the targets: they are not used"});
    } else if (auto [other, isNew] = tiles.try_emplace(file->chip); !isNew) {
      problems.error("--tiles=" + path + ": '" + other->second.path + "' has tiles of " + file->chip + ", too");
      valid = false;
    } else {
      other->second = {path, std::move(*file)};
    }
  }
  return valid;
}

/// What was measured on the chip goes before the compiler's own table.
void Compilation::setTiles(ModuleOp on, StringRef chip) {
  if (auto found = tiles.find(chip.str()); found != tiles.end())
    on->setAttr("transformer.tiles", found->second.file.attribute(&context));
}

/// A file of another model has no tile for this one: that is said.
void Compilation::findTiles(ModuleOp device, StringRef chip) {
  if (options.reportTiles)
    facts.tiles = tileUses(device);
  auto found = tiles.find(chip.str());
  if (found == tiles.end() || found->second.file.tiles.empty())
    return;
  const TileFile &file = found->second.file;
  WalkResult used = device.walk([&](func::FuncOp function) {
    auto tile = function->getAttrOfType<ArrayAttr>("transformer.tile");
    return tile && file.tiles.count(cast<StringAttr>(tile[0]).getValue().str()) ? WalkResult::interrupt()
                                                                                : WalkResult::advance();
  });
  if (!used.wasInterrupted())
    problems.list.push_back({Problem::Warning, "--tiles=" + found->second.path + ": the model has none of its " +
                                                   std::to_string(file.tiles.size()) + " products; the first is '" +
                                                   file.tiles.begin()->first + "'"});
}

/// What is wrong with the options is said before anything runs.
bool Compilation::prepareRun() {
  manifest.name = modelName(options);
  manifest.model = llvm::sys::path::filename(options.model).str();
  facts.model = manifest.model;
  manifest.cpuOption = options.cpu;
  manifest.stateOption = stateOption(options.states);
  pipeline.states = options.states;
  pipeline.raise.remarks = true;
  bool valid = true;
  if (!isIdentifier(manifest.name)) {
    problems.error("the name '" + manifest.name + "' is no C identifier; " + identifier(manifest.name) + " would be");
    valid = false;
  }
  auto cpus = CPUTarget::resolveAll(options.cpu, cpuTripleOf(options.target));
  if (cpus) {
    manifest.target = pipeline.target = cpus->front();
    manifest.cpus = std::move(*cpus);
  } else {
    problems.error(cpus.takeError());
    valid = false;
  }
  if (options.gqa.budget && !options.gqa.calibration) {
    problems.error("--gqa=budget=X: the error is measured on calibration inputs; give them with "
                   "'transom compile --calibrate'");
    valid = false;
  }
  valid = readTargets() && readTiles() && valid;
  if (valid && !hasCPU) {
    if (manifest.cpus.size() > 1) {
      problems.error("--cpu=" + options.cpu + ": kernels for several CPUs need cpu among the targets; there is " +
                     options.target);
      valid = false;
    }
    manifest.cpus.clear();
  }
  return valid;
}

bool Compilation::run(Stage last) {
  if (!prepareRun())
    return false;
  if (!hasCPU) {
    if (chips.size() > 1) {
      problems.error("--target=" + Twine(options.target) + ": a stage is of one chip at a time");
      return false;
    }
    pipeline.device = chips.front();
  }
  if (manifest.cpus.size() > 1 && last >= Stage::Kernels) {
    std::string names =
        llvm::join(llvm::map_range(manifest.cpus, [](const CPUTarget &target) { return target.cpu; }), " or --cpu=");
    problems.error("--cpu=" + options.cpu + ": the stage '" + stageName(last) +
                   "' is of one CPU at a time: --cpu=" + names);
    return false;
  }
  ArrayRef<Stage> wanted = pipeline.device ? stagesOfNVPTX() : stagesOfCPU();
  if (!llvm::is_contained(wanted, last)) {
    problems.error("the target '" + Twine(options.target) + "' has no stage '" + stageName(last) + "'; it has " +
                   llvm::join(llvm::map_range(wanted, stageName), ", "));
    return false;
  }
  for (Stage stage : wanted)
    if (stage <= last && (stage <= Stage::CPU || stage == Stage::NVPTX) && !runStage(stage))
      return false;
  return true;
}

bool Compilation::runPasses(ModuleOp on, StringRef name, llvm::function_ref<void(OpPassManager &)> build) {
  PassManager passes(&context);
  build(passes);
  size_t before = problems.list.size();
  if (succeeded(passes.run(on)))
    return true;
  if (problems.list.size() == before)
    problems.error("the stage '" + Twine(name) + "' failed on '" + options.model + "' and does not say why");
  return false;
}

/// From the stage `optimise` to kernels for another CPU, which read the first one's weights.
bool Compilation::compileCPU(const CPUTarget &target, ModuleOp variant) {
  begin(target.cpu);
  repeats = true;
  llvm::scope_exit again([&] { repeats = false; });
  setPlaces(variant);
  if (!runPasses(variant, stageName(Stage::CPU), [&](OpPassManager &passes) {
        buildKernelsPipeline(passes, target, options.states);
        buildCPUPipeline(passes, target);
      }))
    return false;
  if (!dump(Stage::CPU, [&](llvm::raw_ostream &os) { printModule(variant, os); }, target.cpu))
    return false;
  auto first = WeightImage::plan(module()), own = WeightImage::plan(variant);
  for (auto *image : {&first, &own})
    if (!*image) {
      problems.error(image->takeError());
      return false;
    }
  if (!first->isSameAs(*own)) {
    problems.error("'" + Twine(options.model) + "': kernels for " + target.cpu +
                   " do not read the weights as those for " + manifest.target.cpu + " do");
    return false;
  }
  facts.otherWorkspaces.emplace_back(target.cpu, workspaceFormula(variant, manifest.signature));
  addCPU(module(), variant, target.cpu);
  return true;
}

/// Places of the model are numbered across all programs of an entry point: the last one has those of all before it.
void Compilation::setPlaces(ModuleOp next) {
  NamedAttrList places;
  for (auto run : module().getOps<func::FuncOp>())
    if (auto entry = run->getAttrOfType<StringAttr>("transformer.program"))
      places.set(entry, run->getAttr("transformer.sites"));
  next->setAttr("transformer.sites", places.getDictionary(&context));
}

/// From the stage `optimise` to PTX and the host's side.
bool Compilation::compileDevice(const NVPTXTarget &target, ModuleOp device) {
  begin(target.chip);
  setPlaces(device);
  setTiles(device, target.chip);
  if (!runPasses(device, stageName(Stage::NVPTX), [&](OpPassManager &passes) {
        buildNVPTXKernelsPipeline(passes, target, options.states);
        buildNVPTXPipeline(passes, target);
      }))
    return false;
  findTiles(device, target.chip);
  if (!dump(Stage::NVPTX, [&](llvm::raw_ostream &os) { printModule(device, os); }, target.chip))
    return false;
  DeviceCode code;
  code.target = target;
  auto text = emitPTX(device, target);
  if (!text) {
    problems.error(text.takeError());
    return false;
  }
  code.ptx = std::move(*text);
  if (!dump(Stage::PTX, [&](llvm::raw_ostream &os) { os << code.ptx; }, target.chip))
    return false;
  if (!ptxas.empty()) {
    auto cubin = assemblePTX(ptxas, code.ptx, target);
    if (!cubin) {
      problems.error(cubin.takeError());
      return false;
    }
    code.cubin = std::move(*cubin);
  }
  if (!runPasses(device, "nvptx-host", buildNVPTXHostPipeline))
    return false;
  auto weights = WeightImage::plan(device);
  if (!weights) {
    problems.error(weights.takeError());
    return false;
  }
  code.weights = std::move(*weights);
  code.functions = device->getAttrOfType<ArrayAttr>("transformer.functions");
  if (!hasCPU && devices.empty())
    facts.workspace = workspaceFormula(device, manifest.signature);
  addDeviceHost(module(), device, target.chip);
  manifest.devices.push_back({target.chip, code.ptx.size(), code.cubin.size(), code.weights.bytes(),
                              static_cast<unsigned>(code.functions.size())});
  devices.push_back(std::move(code));
  return true;
}

bool Compilation::runAll() {
  if (!prepareRun())
    return false;
  for (Stage stage : {Stage::Import, Stage::Raise, Stage::Optimise})
    if (!runStage(stage))
      return false;
  auto otherCPUs = ArrayRef(manifest.cpus).drop_front(hasCPU);
  std::vector<OwningOpRef<ModuleOp>> variants, copies;
  for (size_t i = 0; i < otherCPUs.size(); ++i)
    variants.push_back(model.module->clone());
  for (size_t i = 0; i < chips.size(); ++i)
    copies.push_back(model.module->clone());
  if (!hasCPU)
    pipeline.device = chips.front();
  if (!runStage(Stage::Kernels) || (hasCPU && !runStage(Stage::CPU)))
    return false;
  // Without code for CPUs the host's side of the first chip takes the place of theirs.
  if (!hasCPU) {
    model.module = ModuleOp::create(model.module->getLoc());
    module()->setAttr("transformer.weights", ArrayAttr::get(&context, {}));
  }
  for (auto [target, variant] : llvm::zip(otherCPUs, variants))
    if (!compileCPU(target, *variant))
      return false;
  for (auto [target, copy] : llvm::zip(chips, copies))
    if (!compileDevice(target, *copy))
      return false;
  return true;
}
