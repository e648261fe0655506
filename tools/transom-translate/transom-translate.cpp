//===- transom-translate.cpp - ONNX in, transformer dialect out -----------===//
//
// mlir-translate for Transom: `transom-translate --import-onnx model.onnx`. A
// file that ends in .onnxtxt is read as ONNX's textual syntax.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "transom/Import/Import.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::opt<bool> import("import-onnx", llvm::cl::desc("Import an ONNX model (the default)"));
  llvm::cl::opt<std::string> input(llvm::cl::Positional, llvm::cl::desc("<model.onnx>"), llvm::cl::Required);
  llvm::cl::opt<bool> weights("weights", llvm::cl::desc("Print weights in full, so that the text is the whole model"));
  llvm::cl::ParseCommandLineOptions(argc, argv, "Transom's importer\n");
  MLIRContext context;
  ScopedDiagnosticHandler handler(&context, [](Diagnostic &diagnostic) {
    const char *severity = diagnostic.getSeverity() == DiagnosticSeverity::Error ? "error: " : "warning: ";
    llvm::errs() << severity << diagnostic.str() << "\n";
    for (Diagnostic &note : diagnostic.getNotes())
      llvm::errs() << "note: " << note.str() << "\n";
  });
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
