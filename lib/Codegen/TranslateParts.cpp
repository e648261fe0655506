//===- TranslateParts.cpp - a program's functions to LLVM IR, apart -------===//
//
// Each function becomes a module of its own, with declarations of what it calls.
// From there to LLVM IR every thread has its own, and what LLVM's dialect brings
// along, such as integer powers, comes into every part that calls it.
//
//===----------------------------------------------------------------------===//

#include "ProgramParts.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/Threading.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace transom;

namespace {

struct Part {
  std::string name;
  ModuleOp module;
};

/// Puts into the module what its function calls: declarations of parts and of the runtime's functions, and copies of
/// others.
void addCalled(ModuleOp module, func::FuncOp function, const SymbolTable &symbols, const llvm::StringSet<> &parts) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  llvm::SetVector<StringAttr> called;
  auto addFrom = [&](Operation *op) {
    std::optional<SymbolTable::UseRange> uses = SymbolTable::getSymbolUses(op);
    assert(uses && "functions hold no unknown ops");
    for (SymbolTable::SymbolUse use : *uses)
      called.insert(use.getSymbolRef().getRootReference());
  };
  addFrom(function);
  for (size_t i = 0; i < called.size(); ++i) {
    auto other = dyn_cast<func::FuncOp>(symbols.lookup(called[i]));
    if (other && !parts.contains(other.getName())) {
      builder.clone(*other);
      addFrom(other);
      continue;
    }
    Operation *declaration = builder.insert(symbols.lookup(called[i])->cloneWithoutRegions());
    if (other)
      cast<func::FuncOp>(declaration).setPrivate();
  }
}

/// Moves the functions `names` of the program into modules inside of it.
std::vector<Part> cutApart(ModuleOp program, const llvm::StringSet<> &names) {
  SymbolTable symbols(program);
  OpBuilder builder(program.getContext());
  std::vector<Part> parts;
  for (func::FuncOp function : llvm::to_vector(program.getOps<func::FuncOp>())) {
    if (!names.contains(function.getName()))
      continue;
    builder.setInsertionPointToEnd(program.getBody());
    auto module = ModuleOp::create(builder, function.getLoc());
    addCalled(module, function, symbols, names);
    function->moveBefore(module.getBody(), module.getBody()->end());
    parts.push_back({function.getName().str(), module});
  }
  return parts;
}

/// Integer powers and the like become functions. Of the whole program: the pass remembers those that it has made.
LogicalResult makeFunctions(ModuleOp program) {
  PassManager passes(program.getContext());
  passes.addPass(createConvertMathToFuncs());
  return passes.run(program);
}

LogicalResult convertToLLVMDialect(ModuleOp program) {
  PassManager passes(program.getContext());
  OpPassManager &part = passes.nest<ModuleOp>();
  part.addPass(createSCFToControlFlowPass());
  part.addPass(createConvertVectorToLLVMPass());
  part.addPass(createConvertMathToLLVMPass());
  part.addPass(createConvertMathToLibmPass());
  part.addPass(createArithToLLVMConversionPass());
  part.addPass(createConvertControlFlowToLLVMPass());
  part.addPass(createConvertFuncToLLVMPass());
  part.addPass(createReconcileUnrealizedCastsPass());
  part.addPass(createCanonicalizerPass());
  return passes.run(program);
}

} // namespace

llvm::Expected<std::vector<ProgramPart>> transom::translateParts(ModuleOp program, const LineTable &lines,
                                                                 llvm::function_ref<void(llvm::Module &)> prepare) {
  llvm::StringSet<> names;
  for (auto function : program.getOps<func::FuncOp>())
    if (!function.isDeclaration())
      names.insert(function.getName());
  if (failed(makeFunctions(program)))
    return llvm::createStringError("lowering to the LLVM dialect failed");
  std::vector<Part> parts = cutApart(program, names);
  if (failed(convertToLLVMDialect(program)))
    return llvm::createStringError("lowering to the LLVM dialect failed");
  if (!lines.file.empty())
    addLines(program, lines);
  std::vector<ProgramPart> result(parts.size());
  auto translate = [&](size_t i) -> LogicalResult {
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(parts[i].module, context, partSymbol);
    if (!module)
      return failure();
    prepare(*module);
    for (llvm::Function &function : *module)
      if (names.contains(function.getName())) {
        function.setLinkage(llvm::GlobalValue::ExternalLinkage);
        function.setVisibility(llvm::GlobalValue::HiddenVisibility);
      }
    module->getFunction(parts[i].name)->setName(partSymbol);
    result[i].name = parts[i].name;
    llvm::raw_string_ostream os(result[i].bitcode);
    llvm::WriteBitcodeToFile(*module, os);
    return success();
  };
  if (failed(failableParallelForEachN(program.getContext(), 0, parts.size(), translate)))
    return llvm::createStringError("translation to LLVM IR failed");
  return result;
}
