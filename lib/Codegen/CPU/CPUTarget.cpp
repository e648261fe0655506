//===- CPUTarget.cpp - the CPU's options and the order of its passes ------===//

#include "KernelBuilder.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/Passes.h"
#include "transom/Transforms/Passes.h"
#include "llvm/TargetParser/AArch64TargetParser.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace transom;

/// What generated code may use of what a CPU has; the runtime checks for these.
static bool isCodegenFeature(StringRef name, llvm::Triple::ArchType arch) {
  static constexpr StringLiteral x86[] = {"sse3",         "ssse3",          "sse4.1",     "sse4.2",     "popcnt",
                                          "avx",          "avx2",           "fma",        "f16c",       "bmi",
                                          "bmi2",         "lzcnt",          "movbe",      "avx512f",    "avx512bw",
                                          "avx512cd",     "avx512dq",       "avx512vl",   "avx512vnni", "avx512bf16",
                                          "avx512fp16",   "avxvnni",        "avx512ifma", "avx512vbmi", "avx512vbmi2",
                                          "avx512bitalg", "avx512vpopcntdq"};
  static constexpr StringLiteral aarch64[] = {"fp-armv8", "neon", "lse", "rdm", "fullfp16", "dotprod", "i8mm"};
  return arch == llvm::Triple::aarch64 ? llvm::is_contained(aarch64, name) : llvm::is_contained(x86, name);
}

/// Of the CPUs `valid` of `arch`, or `instead` where the host's own is unknown.
static llvm::Expected<std::string> cpuAmong(ArrayRef<StringRef> valid, StringRef name, llvm::Triple::ArchType arch,
                                            StringRef own, StringRef instead, StringRef examples) {
  if (name == "native")
    return llvm::is_contained(valid, own) ? own.str() : instead.str();
  if (llvm::is_contained(valid, name))
    return name.str();
  llvm::Triple::ArchType other = llvm::AArch64::parseCpu(name)                         ? llvm::Triple::aarch64
                                 : llvm::X86::parseArchX86(name) != llvm::X86::CK_None ? llvm::Triple::x86_64
                                                                                       : arch;
  if (other != arch)
    return llvm::createStringError("--cpu=" + name + ": a CPU of " + llvm::Triple::getArchTypeName(other) +
                                   ", where the code is for " + llvm::Triple::getArchTypeName(arch) +
                                   "; --target=cpu:" + llvm::Triple::getArchTypeName(other) +
                                   "-linux-gnu would make code for it");
  return llvm::createStringError("--cpu=" + name + ": no such CPU; " + examples +
                                 " or one of: " + llvm::join(valid, ", "));
}

using FeatureNames = std::vector<std::string>;

static FeatureNames featuresOfHost(llvm::Triple::ArchType arch) {
  FeatureNames result;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.second && isCodegenFeature(feature.first(), arch))
      result.push_back(feature.first().str());
  return result;
}

/// CPU and features of an x86-64.
static llvm::Expected<FeatureNames> resolveX86(CPUTarget &target, StringRef name) {
  SmallVector<StringRef> valid;
  llvm::X86::fillValidCPUArchList(valid, /*Only64Bit=*/true);
  auto cpu = cpuAmong(valid, name, llvm::Triple::x86_64, llvm::sys::getHostCPUName(), "x86-64",
                      "native, x86-64-v3, x86-64-v4");
  if (!cpu)
    return cpu.takeError();
  target.cpu = *cpu;
  // A CPU's name would bring what the runtime does not check for: SSE4A with znver3, GFNI with alderlake.
  target.instructions = "x86-64";
  FeatureNames kept;
  if (name == "native") {
    kept = featuresOfHost(llvm::Triple::x86_64);
  } else {
    SmallVector<StringRef> features;
    llvm::X86::getFeaturesForCPU(target.cpu, features);
    for (StringRef feature : features)
      if (isCodegenFeature(feature, llvm::Triple::x86_64))
        kept.push_back(feature.str());
  }
  // The list of a named CPU leaves out what others of its features imply.
  bool wide = llvm::any_of(kept, [](StringRef feature) { return feature.starts_with("avx512"); });
  bool hasAVX2 = wide || llvm::is_contained(kept, "avxvnni");
  for (auto [implied, isImplied] : {std::pair(StringRef("avx"), true), {"avx2", hasAVX2}, {"avx512f", wide}})
    if (isImplied && !llvm::is_contained(kept, implied))
      kept.push_back(implied.str());
  for (StringRef needed : {"avx2", "fma", "f16c"})
    if (!llvm::is_contained(kept, needed))
      return llvm::createStringError("--cpu=" + name + " has no " + needed +
                                     ", which kernels need; x86-64-v3 is the least that works");
  target.vectorBits = llvm::is_contained(kept, "avx512f") ? 512 : 256;
  target.hasByteDots = llvm::is_contained(kept, target.vectorBits == 512 ? "avx512vnni" : "avxvnni");
  return kept;
}

/// CPU and features of an AArch64; `native` is ARMv8.0 where the host is no AArch64.
static llvm::Expected<FeatureNames> resolveAArch64(CPUTarget &target, StringRef name) {
  bool isHost = llvm::Triple(llvm::sys::getDefaultTargetTriple()).isAArch64();
  SmallVector<StringRef> valid = {"generic"};
  llvm::AArch64::fillValidCPUArchList(valid);
  auto cpu = cpuAmong(valid, name, llvm::Triple::aarch64, isHost ? llvm::sys::getHostCPUName() : "generic", "generic",
                      "generic (ARMv8.0), neoverse-n1, neoverse-v1");
  if (!cpu)
    return cpu.takeError();
  target.cpu = *cpu;
  // A CPU's name would bring what the runtime does not check for: SVE, say.
  target.instructions = "generic";
  target.vectorBits = 128;
  FeatureNames kept;
  if (name == "native" && isHost) {
    kept = featuresOfHost(llvm::Triple::aarch64);
  } else if (auto known = llvm::AArch64::parseCpu(target.cpu)) {
    std::vector<StringRef> features;
    llvm::AArch64::getExtensionFeatures(known->getImpliedExtensions(), features);
    for (StringRef feature : features)
      if (feature.consume_front("+") && isCodegenFeature(feature, llvm::Triple::aarch64))
        kept.push_back(feature.str());
  }
  for (StringRef base : {"fp-armv8", "neon"})
    if (!llvm::is_contained(kept, base))
      kept.push_back(base.str());
  target.hasByteDots = llvm::is_contained(kept, "i8mm");
  return kept;
}

llvm::Expected<CPUTarget> CPUTarget::resolve(StringRef name, StringRef triple) {
  CPUTarget target;
  target.triple = triple.empty() ? llvm::sys::getDefaultTargetTriple() : llvm::Triple::normalize(triple);
  llvm::Triple parsed(target.triple);
  if ((parsed.getArch() != llvm::Triple::x86_64 && parsed.getArch() != llvm::Triple::aarch64) || !parsed.isOSLinux())
    return llvm::createStringError("--target=cpu:" + target.triple + ": no code is made for that; there are " +
                                   "x86_64-linux-gnu and aarch64-linux-gnu");
  auto features = parsed.isAArch64() ? resolveAArch64(target, name) : resolveX86(target, name);
  if (!features)
    return features.takeError();
  llvm::sort(*features);
  for (const std::string &feature : *features)
    target.features += (target.features.empty() ? "+" : ",+") + feature;
  return target;
}

static cpu::CPUShape shapeOf(const CPUTarget &target) { return {target.vectorBits, target.hasByteDots}; }

llvm::Expected<std::vector<CPUTarget>> CPUTarget::resolveAll(StringRef names, StringRef triple) {
  SmallVector<StringRef> listed;
  names.split(listed, ',');
  std::vector<CPUTarget> targets;
  int64_t widest = 0;
  for (StringRef name : listed) {
    llvm::Expected<CPUTarget> target = resolve(name, triple);
    if (!target)
      return target.takeError();
    for (auto [before, other] : llvm::zip(listed, targets)) {
      if (other.cpu == target->cpu)
        return llvm::createStringError("--cpu=" + names + ": " + name +
                                       (before == name ? " is named twice" : " is " + before + " once more"));
      // One of them would never be chosen.
      if (other.features == target->features)
        return llvm::createStringError("--cpu=" + names + ": " + name + " and " + before +
                                       " have the same instructions for kernels; one of them is enough");
    }
    widest = std::max(widest, shapeOf(*target).panelColumns());
    targets.push_back(std::move(*target));
  }
  if (targets.size() > 1)
    for (CPUTarget &target : targets)
      target.weightColumns = widest;
  // A CPU with all that another has, and more, comes before it.
  auto rank = [](const CPUTarget &target) {
    return std::tuple(target.vectorBits, target.hasByteDots, StringRef(target.features).count(','));
  };
  llvm::stable_sort(targets, [&](const CPUTarget &a, const CPUTarget &b) { return rank(a) > rank(b); });
  return targets;
}

CPUTarget CPUTarget::common(llvm::ArrayRef<CPUTarget> targets) {
  CPUTarget target = targets.front();
  if (targets.size() == 1)
    return target;
  bool isX86 = llvm::Triple(target.triple).isX86();
  target.cpu = target.instructions = isX86 ? "x86-64" : "generic";
  target.vectorBits = isX86 ? 256 : 128;
  target.hasByteDots = false;
  SmallVector<StringRef> features, kept;
  StringRef(target.features).split(features, ',');
  llvm::copy_if(features, std::back_inserter(kept), [&](StringRef feature) {
    return llvm::all_of(targets, [&](const CPUTarget &other) {
      SmallVector<StringRef> own;
      StringRef(other.features).split(own, ',');
      return llvm::is_contained(own, feature);
    });
  });
  target.features = llvm::join(kept, ",");
  return target;
}

void transom::buildStatesPipeline(OpPassManager &passes, States states) {
  if (states == States::None)
    return;
  KeepStatesOptions keeping;
  keeping.only = states == States::Only;
  passes.addPass(createKeepStates(keeping));
}

void transom::buildKernelsPipeline(OpPassManager &passes, const CPUTarget &target, States states) {
  buildStatesPipeline(passes, states);
  passes.addNestedPass<func::FuncOp>(createLowerRoundedAttention());
  passes.addNestedPass<func::FuncOp>(createFuseIntegerProducts());
  passes.addPass(createCSEPass()); // several products of one input
  OutlineKernelsOptions options;
  cpu::CPUShape shape = shapeOf(target);
  options.weightColumns = target.weightColumns;
  options.panelColumns = shape.panelColumns();
  options.stagedBytes = shape.stagedBytes();
  passes.addPass(createOutlineKernels(options));
  passes.addPass(createCSEPass());
}

void transom::buildCPUPipeline(OpPassManager &passes, const CPUTarget &target) {
  LowerKernelsToCPUOptions options;
  options.vectorBits = target.vectorBits;
  options.hasByteDots = target.hasByteDots;
  passes.addPass(createLowerKernelsToCPU(options));
  passes.addPass(createLowerHostProgram());
  passes.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  passes.addNestedPass<func::FuncOp>(createCSEPass());
  passes.addNestedPass<func::FuncOp>(createLoopInvariantCodeMotionPass());
}

void transom::registerCodegenPipelines() {
  static const CPUTarget plain = [] {
    llvm::Expected<CPUTarget> target = CPUTarget::resolve("x86-64-v3");
    return target ? *target : (llvm::consumeError(target.takeError()), CPUTarget());
  }();
  PassPipelineRegistration<>("kernels", "the stage `kernels`, for x86-64-v3",
                             [](OpPassManager &passes) { buildKernelsPipeline(passes, plain); });
  PassPipelineRegistration<>("cpu", "the stage `cpu`, for x86-64-v3",
                             [](OpPassManager &passes) { buildCPUPipeline(passes, plain); });
}
