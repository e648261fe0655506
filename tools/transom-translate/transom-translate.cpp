//===- transom-translate.cpp - into MLIR and out of it --------------------===//
//
// mlir-translate for Transom: `transom-translate --import-onnx model.onnx` gives
// the transformer dialect (a file that ends in .onnxtxt is read as ONNX's textual
// syntax), `transom-translate --emit-ptx=sm_80 kernels.mlir` the PTX of a module
// after the stage `nvptx`.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "transom/Codegen/NVPTX.h"
#include "transom/Import/Import.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;

/// The PTX of the module in a file.
static int emitPTX(StringRef input, StringRef chip, MLIRContext &context) {
  llvm::Expected<transom::NVPTXTarget> target = transom::NVPTXTarget::resolve(chip);
  if (!target) {
    llvm::errs() << "error: " << llvm::toString(target.takeError()) << "\n";
    return 1;
  }
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  llvm::Expected<std::string> text = transom::emitPTX(*module, *target);
  if (!text) {
    llvm::errs() << "error: " << llvm::toString(text.takeError()) << "\n";
    return 1;
  }
  llvm::outs() << *text;
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::opt<bool> import("import-onnx", llvm::cl::desc("Import an ONNX model (the default)"));
  llvm::cl::opt<std::string> input(llvm::cl::Positional, llvm::cl::desc("<file>"), llvm::cl::Required);
  llvm::cl::opt<bool> weights("weights", llvm::cl::desc("Print weights in full, so that the text is the whole model"));
  llvm::cl::opt<std::string> chip("emit-ptx", llvm::cl::desc("Print the PTX of a module after the stage nvptx"),
                                  llvm::cl::value_desc("CHIP"));
  llvm::cl::ParseCommandLineOptions(argc, argv, "Into MLIR and out of it\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<transom::transformer::TransformerDialect>();
  MLIRContext context(registry);
  ScopedDiagnosticHandler handler(&context, [](Diagnostic &diagnostic) {
    const char *severity = diagnostic.getSeverity() == DiagnosticSeverity::Error ? "error: " : "warning: ";
    llvm::errs() << severity << diagnostic.str() << "\n";
    for (Diagnostic &note : diagnostic.getNotes())
      llvm::errs() << "note: " << note.str() << "\n";
  });
  if (!chip.empty())
    return emitPTX(input, chip, context);
  transom::ImportOptions options;
  options.text = StringRef(input).ends_with(".onnxtxt");
  auto model = transom::importModel(input, context, options);
  if (failed(model))
    return 1;
  OpPrintingFlags flags;
  if (!weights)
    flags.elideLargeElementsAttrs(64).elideLargeResourceString(0);
  model->module->print(llvm::outs(), flags);
  return 0;
}
