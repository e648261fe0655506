//===- Compilation.cpp - one model on its way through the stages ----------===//

#include "Compilation.h"
#include "Dialects.h"
#include "ModelCost.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
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
    : options(options), problems(problems), context(allDialects()),
      handler(&context, [this](Diagnostic &diagnostic) { report(diagnostic); }) {
  pipeline.optimise.gqa = options.gqa;
  pipeline.optimise.gqa.report = &headConversions;
}

/// The ONNX node or value that a location speaks of, or "".
static std::string placeOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc)) {
    if (auto op = dyn_cast<NameLoc>(name.getChildLoc()))
      return "node '" + name.getName().str() + "' (" + op.getName().str() + ")";
    return "'" + name.getName().str() + "'";
  }
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string place = placeOf(part); !place.empty())
        return place;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return placeOf(call.getCallee());
  return "";
}

static std::string messageOf(Diagnostic &diagnostic) {
  std::string place = placeOf(diagnostic.getLocation());
  return place.empty() ? diagnostic.str() : place + ": " + diagnostic.str();
}

void Compilation::report(Diagnostic &diagnostic) {
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error: problems.list.push_back({Problem::Error, messageOf(diagnostic)}); break;
  case DiagnosticSeverity::Warning: problems.list.push_back({Problem::Warning, messageOf(diagnostic)}); break;
  // Remarks are for those who work on passes.
  case DiagnosticSeverity::Remark: return;
  case DiagnosticSeverity::Note: problems.list.push_back({Problem::Note, messageOf(diagnostic)}); break;
  }
  for (Diagnostic &note : diagnostic.getNotes())
    problems.list.push_back({Problem::Note, messageOf(note)});
}

void Compilation::begin(StringRef step) {
  if (options.progress)
    options.progress(step);
}

bool Compilation::dump(Stage stage, llvm::function_ref<void(llvm::raw_ostream &)> print) {
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
                                 << (stage == Stage::LLVM ? ".ll" : ".mlir");
  if (file[0] == ' ')
    file[0] = '0';
  llvm::sys::path::append(path, file);
  llvm::raw_fd_ostream os(path, code);
  if (!code) {
    print(os);
    os.close();
    code = os.error();
    os.clear_error();
  }
  if (code)
    problems.error("cannot write '" + path + "': " + code.message());
  return !code;
}

bool Compilation::import() {
  ImportOptions importing;
  importing.text = StringRef(options.model).ends_with(".onnxtxt");
  auto imported = importModel(options.model, context, importing);
  if (failed(imported))
    return false;
  model = std::move(*imported);
  return true;
}

static std::vector<KernelUse> kernelsOf(ModuleOp module) {
  llvm::StringMap<unsigned> launches;
  module.walk([&](transformer::LaunchOp launch) { ++launches[launch.getKernel()]; });
  std::vector<KernelUse> kernels;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr("transformer.kernel"))
      kernels.push_back({function.getName().str(), launches.lookup(function.getName())});
  return kernels;
}

/// What became of key/value heads: merged ones always, the others where the user
/// asked for them to merge.
void Compilation::reportHeads() {
  bool asked = options.gqa.changeSignature || options.gqa.groups, merged = false;
  int64_t before = 0, after = 0;
  // A compile for calibration; the one that converts all of them says it.
  if (llvm::any_of(headConversions, [](const HeadConversion &conversion) { return conversion.isPending; }))
    return;
  for (const HeadConversion &conversion : headConversions) {
    std::string place = placeOf(conversion.loc);
    place += place.empty() ? "attention: " : ": ";
    merged |= conversion.merged;
    before += conversion.before;
    after += conversion.after;
    if (conversion.merged)
      problems.list.push_back({Problem::Note, place + conversion.text()});
    else if (asked)
      problems.list.push_back({Problem::Note, place + "key/value heads stay as they are: " + conversion.reason});
  }
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
    PassManager passes(&context);
    buildStage(stage, passes, pipeline);
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
  if (stage == Stage::Optimise)
    reportHeads();
  if (stage == Stage::Raise || stage == Stage::Optimise)
    manifest.cost = costOf(*model.module);
  if (stage == Stage::Kernels) {
    manifest.kernels = kernelsOf(*model.module);
    auto signature = Signature::of(*model.module);
    if (!signature) {
      problems.error("'" + Twine(options.model) + "': " + llvm::toString(signature.takeError()));
      return false;
    }
    manifest.signature = std::move(*signature);
  }
  return dump(stage, [&](llvm::raw_ostream &os) { printModule(*model.module, os); });
}

bool Compilation::run(Stage last) {
  manifest.name = modelName(options);
  manifest.model = llvm::sys::path::filename(options.model).str();
  manifest.cpuOption = options.cpu;
  bool valid = true;
  if (!isIdentifier(manifest.name)) {
    problems.error("the name '" + manifest.name + "' is no C identifier; " + identifier(manifest.name) + " would be");
    valid = false;
  }
  auto target = CPUTarget::resolve(options.cpu);
  if (target) {
    manifest.target = pipeline.target = std::move(*target);
  } else {
    problems.error(target.takeError());
    valid = false;
  }
  if (!valid)
    return false;
  for (Stage stage : stages())
    if (stage <= last && stage != Stage::LLVM && !runStage(stage))
      return false;
  return true;
}
