//===- EmitLLVM.cpp - from MLIR to LLVM IR --------------------------------===//
//
// Expects the stage `cpu`. Leaves MLIR: kernels and the host program become
// LLVM functions, each a part by itself, and the signature the `TransomProgram`
// constant. No symbol but NAME_library is seen outside of the library.
//
//===----------------------------------------------------------------------===//

#include "OptimiseLLVM.h"
#include "ProgramParts.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/Passes.h"
#include "transom/program.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace transom;

int32_t transom::typeCodeOf(Type type) {
  if (type.isF32())
    return TRANSOM_F32;
  if (type.isF64())
    return TRANSOM_F64;
  if (type.isF16())
    return TRANSOM_F16;
  if (type.isBF16())
    return TRANSOM_BF16;
  if (isa<Float8E4M3FNType>(type))
    return TRANSOM_F8E4M3FN;
  if (isa<Float8E5M2Type>(type))
    return TRANSOM_F8E5M2;
  if (isa<Float8E4M3FNUZType>(type))
    return TRANSOM_F8E4M3FNUZ;
  if (isa<Float8E5M2FNUZType>(type))
    return TRANSOM_F8E5M2FNUZ;
  if (isa<Float8E8M0FNUType>(type))
    return TRANSOM_F8E8M0FNU;
  if (isa<Float4E2M1FNType>(type))
    return TRANSOM_F4E2M1FN;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return 0;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1: return isUnsigned ? 0 : TRANSOM_BOOL;
  case 2: return isUnsigned ? TRANSOM_U2 : TRANSOM_I2;
  case 4: return isUnsigned ? TRANSOM_U4 : TRANSOM_I4;
  case 8: return isUnsigned ? TRANSOM_U8 : TRANSOM_I8;
  case 16: return isUnsigned ? TRANSOM_U16 : TRANSOM_I16;
  case 32: return isUnsigned ? TRANSOM_U32 : TRANSOM_I32;
  case 64: return isUnsigned ? TRANSOM_U64 : TRANSOM_I64;
  default: return 0;
  }
}

namespace {

/// The CPU that a function is for: the first one's say nothing.
const CPUTarget *cpuOf(func::FuncOp function, llvm::ArrayRef<CPUTarget> targets) {
  auto name = function->getAttrOfType<StringAttr>("transformer.cpu");
  if (!name)
    return &targets.front();
  return llvm::find_if(targets, [&](const CPUTarget &target) { return target.cpu == name.getValue(); });
}

/// The constants of the programs.
class ProgramWriter {
public:
  ProgramWriter(ProgramCode &code, llvm::ArrayRef<CPUTarget> targets, const ProgramOptions &options,
                const WeightImage &weights, llvm::StringRef embedded)
      : module(*code.constants), targets(targets), options(options), weights(weights), context(module.getContext()),
        i32(llvm::Type::getInt32Ty(context)), i64(llvm::Type::getInt64Ty(context)),
        pointer(llvm::PointerType::get(context, 0)), weightBytes(wide(weights.bytes())), image(null()) {
    if (!embedded.empty())
      image = bytes(embedded, 64);
    for (const ProgramPart &part : code.parts)
      functions.insert(part.name);
  }

  /// NAME_library, with the programs of each CPU, of which the first is what opens.
  /// `all`: the host programs of all CPUs and devices; an entry point's places are those of its last one.
  void write(llvm::ArrayRef<func::FuncOp> runs, llvm::ArrayRef<func::FuncOp> all);

private:
  using Constant = llvm::Constant;
  Constant *global(Constant *value, unsigned alignment = 8) {
    auto *variable =
        new llvm::GlobalVariable(module, value->getType(), true, llvm::GlobalValue::InternalLinkage, value);
    variable->setAlignment(llvm::Align(alignment));
    variable->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return variable;
  }
  Constant *text(llvm::StringRef value) { return global(llvm::ConstantDataArray::getString(context, value), 1); }
  Constant *null() { return llvm::ConstantPointerNull::get(pointer); }
  Constant *number(int64_t value) { return llvm::ConstantInt::get(i32, value); }
  Constant *wide(int64_t value) { return llvm::ConstantInt::get(i64, value); }
  Constant *structure(llvm::ArrayRef<Constant *> fields) { return llvm::ConstantStruct::getAnon(context, fields); }
  Constant *array(llvm::Type *type, llvm::ArrayRef<Constant *> values) {
    return values.empty() ? null()
                          : global(llvm::ConstantArray::get(llvm::ArrayType::get(type, values.size()), values));
  }
  Constant *list(llvm::ArrayRef<Constant *> structures) {
    return structures.empty() ? null() : array(structures.front()->getType(), structures);
  }
  /// One that a part defines, or null.
  Constant *function(const std::string &name) {
    if (!functions.contains(name))
      return null();
    auto callee = module.getOrInsertFunction(name, llvm::FunctionType::get(llvm::Type::getVoidTy(context), false));
    auto *declared = llvm::cast<llvm::Function>(callee.getCallee());
    declared->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return declared;
  }
  Constant *bytes(llvm::StringRef data, unsigned alignment) {
    return global(llvm::ConstantDataArray::getRaw(data, data.size(), llvm::Type::getInt8Ty(context)), alignment);
  }
  Constant *valueDesc(DictionaryAttr item);
  std::vector<Constant *> deviceCode(const DeviceCode &code);
  std::vector<Constant *> devicesOf(StringAttr entry, llvm::ArrayRef<func::FuncOp> all);
  Constant *program(const CPUTarget &target, func::FuncOp run, func::FuncOp places, Constant *next,
                    llvm::ArrayRef<Constant *> devices);

  llvm::Module &module;
  llvm::StringSet<> functions;
  llvm::ArrayRef<CPUTarget> targets;
  const ProgramOptions &options;
  const WeightImage &weights;
  llvm::LLVMContext &context;
  llvm::Type *i32, *i64;
  llvm::PointerType *pointer;
  Constant *weightBytes, *image;
  std::vector<std::vector<Constant *>> codes; ///< of the devices, in their order
  Constant *deviceRuntime = nullptr;
};

/// A TransomValueDesc.
llvm::Constant *ProgramWriter::valueDesc(DictionaryAttr item) {
  auto type = cast<RankedTensorType>(item.getAs<TypeAttr>("type").getValue());
  std::vector<Constant *> dims, symbols;
  for (auto [dim, symbol] : llvm::zip(type.getShape(), item.getAs<DenseI64ArrayAttr>("symbols").asArrayRef())) {
    dims.push_back(wide(ShapedType::isDynamic(dim) ? -1 : dim));
    symbols.push_back(number(symbol));
  }
  return structure({text(item.getAs<StringAttr>("name")), number(typeCodeOf(type.getElementType())),
                    number(type.getRank()), array(i64, dims), array(i32, symbols)});
}

int32_t stateKind(StringRef kind) {
  return llvm::StringSwitch<int32_t>(kind)
      .Case("grown", TRANSOM_STATE_GROWN)
      .Case("written", TRANSOM_STATE_WRITTEN)
      .Case("replaced", TRANSOM_STATE_REPLACED)
      .Default(TRANSOM_STATE_KEPT);
}

/// A TransomDeviceWeight.
static std::vector<int64_t> packing(const WeightImage::Entry &entry) {
  auto panels = cast<DenseI64ArrayAttr>(entry.layout);
  RankedTensorType type = entry.type();
  ArrayRef<int64_t> shape = type.getShape();
  int64_t batch = 1;
  for (int64_t dim : shape.drop_back(2))
    batch *= dim;
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  bool transposed = panels[1] != 0;
  return {batch,
          transposed ? columns : rows,
          transposed ? rows : columns,
          panels[0],
          transposed,
          static_cast<int64_t>(type.getElementTypeBitWidth() / 8),
          panels[2]};
}

/// The entry point that a host program is of.
static StringAttr entryOf(func::FuncOp run) { return run->getAttrOfType<StringAttr>("transformer.program"); }

/// The name of a host program's `prepare`.
static std::string prepareOf(func::FuncOp run) {
  std::string name = run.getName().str();
  return name.replace(name.rfind("run"), 3, "prepare");
}

/// The fields of a TransomDeviceProgram that all entry points share.
std::vector<llvm::Constant *> ProgramWriter::deviceCode(const DeviceCode &code) {
  std::vector<Constant *> functions, pieces;
  for (auto item : code.functions.getAsRange<DictionaryAttr>())
    functions.push_back(
        structure({text(item.getAs<StringAttr>("name")), number(item.getAs<IntegerAttr>("threads").getInt()),
                   number(item.getAs<IntegerAttr>("shared").getInt())}));
  for (const WeightImage::DeviceEntry &entry : weights.place(code.weights)) {
    std::vector<int64_t> packed = entry.source->layout ? packing(*entry.source) : std::vector<int64_t>(7);
    pieces.push_back(
        structure({wide(entry.offset), wide(entry.bytes), wide(entry.source->offset), wide(packed[0]), wide(packed[1]),
                   wide(packed[2]), number(packed[3]), number(packed[4]), number(packed[5]), number(packed[6])}));
  }
  const std::string &chip = code.target.chip;
  return {text(chip),
          number(code.target.capability),
          number(code.target.isExact()),
          number(code.target.driver),
          number(functions.size()),
          list(functions),
          list(pieces),
          wide(pieces.size()),
          wide(code.weights.bytes()),
          text(code.ptx),
          wide(code.ptx.size()),
          code.cubin.empty() ? null() : bytes(code.cubin, 16),
          wide(code.cubin.size())};
}

/// The last fields of an entry point's TransomPrograms: its host programs for all chips.
std::vector<llvm::Constant *> ProgramWriter::devicesOf(StringAttr entry, llvm::ArrayRef<func::FuncOp> all) {
  if (options.devices.empty())
    return {null(), null(), number(0), number(0), text("")};
  if (!deviceRuntime) {
    auto *runtime = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context), true,
                                             llvm::GlobalValue::ExternalLinkage, nullptr, "transom_rt_device");
    runtime->setVisibility(llvm::GlobalValue::HiddenVisibility);
    deviceRuntime = runtime;
    for (const DeviceCode &code : options.devices)
      codes.push_back(deviceCode(code));
  }
  std::vector<Constant *> programs;
  std::string chips;
  for (auto [code, shared] : llvm::zip(options.devices, codes)) {
    func::FuncOp run = *llvm::find_if(all, [&](func::FuncOp run) {
      return run->hasAttr("transformer.host") && entryOf(run) == entry &&
             run.getName().ends_with("run_" + code.target.chip);
    });
    std::vector<Constant *> fields = shared;
    fields.push_back(function(prepareOf(run)));
    fields.push_back(function(run.getName().str()));
    programs.push_back(global(structure(fields)));
    chips += (chips.empty() ? "" : ",") + code.target.chip;
  }
  return {deviceRuntime, array(pointer, programs), number(programs.size()), number(0), text(chips)};
}

/// The TransomProgram of one host program; `next` is the one after it.
llvm::Constant *ProgramWriter::program(const CPUTarget &target, func::FuncOp run, func::FuncOp places, Constant *next,
                                       llvm::ArrayRef<Constant *> devices) {
  auto items = [&](StringRef name) { return run->getAttrOfType<ArrayAttr>(name); };
  std::vector<Constant *> inputs, outputs, states, windows, symbols, sites, lengths;
  for (auto item : items("transformer.inputs").getAsRange<DictionaryAttr>())
    inputs.push_back(valueDesc(item));
  for (auto item : items("transformer.outputs").getAsRange<DictionaryAttr>())
    outputs.push_back(valueDesc(item));
  for (auto item : items("transformer.states").getAsRange<DictionaryAttr>()) {
    auto output = item.getAs<StringAttr>("output");
    states.push_back(structure({valueDesc(item), text(output ? output.getValue() : ""),
                                number(stateKind(item.getAs<StringAttr>("kind"))),
                                number(item.getAs<IntegerAttr>("axis").getInt())}));
    auto window = item.getAs<IntegerAttr>("window");
    windows.push_back(wide(window ? window.getInt() : 0));
  }
  for (auto name : items("transformer.symbols").getAsRange<StringAttr>())
    symbols.push_back(text(name));
  for (auto place : places->getAttrOfType<ArrayAttr>("transformer.sites").getAsRange<ArrayAttr>())
    sites.push_back(structure({text(cast<StringAttr>(place[0])), text(cast<StringAttr>(place[1]))}));
  for (int64_t symbol : run->getAttrOfType<DenseI64ArrayAttr>("transformer.lengths").asArrayRef())
    lengths.push_back(number(symbol));
  std::string features = target.features, name = run.getName().str();
  llvm::erase(features, '+');
  std::vector<Constant *> fields = {
      number(TRANSOM_PROGRAM_VERSION), number(sizeof(TransomProgram)), text(options.name), text(target.cpu),
      text(features), number(inputs.size()), number(outputs.size()), number(symbols.size()), number(sites.size()),
      list(inputs), list(outputs), array(pointer, symbols), list(sites), weightBytes, image,
      options.weightsFile.empty() ? null() : text(options.weightsFile), wide(options.weightsOffset),
      options.weightsSha256.empty() ? null() : text(options.weightsSha256), text(options.manifest),
      function(prepareOf(run)),
      // Without code for CPUs the first chip's answers what is asked of the model.
      run->hasAttr("transformer.host") ? null() : function(name), text(entryOf(run)), number(states.size()),
      number(lengths.size()), list(states), array(i64, windows), array(i32, lengths), next};
  llvm::append_range(fields, devices);
  return global(structure(fields));
}

void ProgramWriter::write(llvm::ArrayRef<func::FuncOp> runs, llvm::ArrayRef<func::FuncOp> all) {
  std::vector<Constant *> programs;
  llvm::MapVector<StringAttr, func::FuncOp> places;
  llvm::DenseMap<StringAttr, std::vector<Constant *>> devices;
  for (func::FuncOp run : all)
    places[entryOf(run)] = run;
  for (auto [entry, run] : places)
    devices[entry] = devicesOf(entry, all);
  for (const CPUTarget &target : targets) {
    Constant *first = null();
    for (func::FuncOp run : llvm::reverse(runs))
      if (cpuOf(run, targets) == &target)
        first = program(target, run, places[entryOf(run)], first, devices[entryOf(run)]);
    programs.push_back(first);
  }
  auto *api = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context), true, llvm::GlobalValue::ExternalLinkage,
                                       nullptr, "transom_rt_api");
  api->setVisibility(llvm::GlobalValue::HiddenVisibility);
  Constant *library = global(structure({api, array(pointer, programs), number(programs.size()), number(0)}));
  auto *function = llvm::Function::Create(llvm::FunctionType::get(pointer, false), llvm::GlobalValue::ExternalLinkage,
                                          options.name + "_library", module);
  // Programs under -fsanitize=function read what stands before a function that they call by its address. This one comes
  // first in the library, maybe at the begin of a page with nothing before it.
  function->setPrefixData(llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), 0));
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", function));
  builder.CreateRet(library);
}

/// Functions of the program, by what becomes of them.
struct ProgramFunctions {
  llvm::StringMap<const CPUTarget *> cpus; ///< of all but the host's code of GPUs' programs
  llvm::StringSet<> host;                  ///< host programs
};

/// Removes what LLVM IR has no place for.
ProgramFunctions stripAttributes(ModuleOp module, llvm::ArrayRef<CPUTarget> targets) {
  ProgramFunctions functions;
  module->removeAttr("transformer.weights");
  module.walk([&](func::FuncOp function) {
    bool ofDevice = function->removeAttr("transformer.host") != nullptr;
    if (!ofDevice)
      functions.cpus[function.getName()] = cpuOf(function, targets);
    // `prepare` and `run`, and what an entry point or a CPU puts around these names.
    StringRef own = function.getName().split('.').first;
    if (ofDevice || own.ends_with("run") || own.ends_with("prepare"))
      functions.host.insert(function.getName());
    for (StringRef name : {"transformer.inputs", "transformer.outputs", "transformer.symbols", "transformer.sites",
                           "transformer.states", "transformer.lengths", "transformer.program", "transformer.cpu"})
      function->removeAttr(name);
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      function.removeArgAttr(i, "transformer.panels");
  });
  return functions;
}

/// `any`: for what drives GPUs and what LLVM's dialect brings along, which run beside the kernels of every CPU.
void setAttributes(llvm::Module &module, const CPUTarget &any, const ProgramFunctions &functions) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration()) {
      if (function.getName().starts_with("transom_rt_"))
        function.setVisibility(llvm::GlobalValue::HiddenVisibility);
      continue;
    }
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    // A kernel stays one function, however often it is called.
    function.addFnAttr(llvm::Attribute::NoInline);
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // The host program runs once, through code that grows with the layers.
    if (functions.host.contains(function.getName()))
      function.addFnAttrs(llvm::AttrBuilder(module.getContext())
                              .addAttribute(llvm::Attribute::MinSize)
                              .addAttribute(llvm::Attribute::OptimizeForSize));
    const CPUTarget *own = functions.cpus.lookup(function.getName());
    const CPUTarget &target = own ? *own : any;
    function.addFnAttr("target-cpu", target.instructions);
    if (target.cpu != target.instructions)
      function.addFnAttr("tune-cpu", target.cpu);
    function.addFnAttr("target-features", target.features);
    if (target.vectorBits >= 512)
      function.addFnAttr("prefer-vector-width", "512");
  }
}

} // namespace

llvm::Expected<ProgramCode> transom::emitLLVM(ModuleOp module, llvm::LLVMContext &context,
                                              llvm::ArrayRef<CPUTarget> targets, const ProgramOptions &options,
                                              const WeightImage &weights, llvm::ThreadPoolInterface &threads) {
  std::vector<func::FuncOp> runs, ofDevices;
  for (auto function : module.getOps<func::FuncOp>())
    if (entryOf(function))
      (function->hasAttr("transformer.host") ? ofDevices : runs).push_back(function);
  std::vector<func::FuncOp> all = runs;
  llvm::append_range(all, ofDevices);
  if (runs.empty()) // the first chip's
    llvm::copy_if(ofDevices, std::back_inserter(runs), [&](func::FuncOp run) {
      return run == *llvm::find_if(ofDevices, [&](func::FuncOp other) { return entryOf(other) == entryOf(run); });
    });
  if (runs.empty())
    return llvm::createStringError("the module has no host program: it is not after the stage cpu");
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);

  OwningOpRef<ModuleOp> copy = module.clone();
  ProgramFunctions functions = stripAttributes(*copy, targets);
  CPUTarget any = CPUTarget::common(targets);
  auto machine = targetMachine(any);
  if (!machine)
    return machine.takeError();
  auto setTarget = [&](llvm::Module &part) {
    part.setTargetTriple(llvm::Triple(any.triple));
    part.setDataLayout((*machine)->createDataLayout());
  };
  auto parts = translateParts(*copy, options.lines, [&](llvm::Module &part) {
    setTarget(part);
    setAttributes(part, any, functions);
  });
  if (!parts)
    return parts.takeError();
  copy = {};
  ProgramCode code;
  code.parts = std::move(*parts);
  code.constants = std::make_unique<llvm::Module>(options.name, context);
  setTarget(*code.constants);
  std::string embedded;
  if (options.weightsFile.empty() && weights.bytes()) {
    llvm::raw_string_ostream stream(embedded);
    auto hash = weights.write(stream, threads);
    if (!hash)
      return hash.takeError();
  }
  ProgramWriter(code, targets, options, weights, embedded).write(runs, all);
  optimiseLLVM(*code.constants, **machine, /*vectorisesLoops=*/true, /*vectorisesLines=*/true);
  return code;
}
