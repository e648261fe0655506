//===- transom-translate.cpp - into MLIR and out of it --------------------===//
//
// mlir-translate for Transom: `transom-translate --import-onnx model.onnx` gives
// the transformer dialect (a file that ends in .onnxtxt is read as ONNX's textual
// syntax), `transom-translate --emit-ptx=sm_80 kernels.mlir` the PTX of a module
// after the stage `nvptx`, `transom-translate --emit-llvm=x86-64-v3 program.mlir`
// the LLVM IR of one after the stage `cpu`, with its weights inside, `transom-translate
// --export-onnx=text raised.mlir` a module before the stage `kernels` as ONNX: its
// textual syntax, or with a file's name the model.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/NVPTX.h"
#include "transom/Export/Export.h"
#include "transom/Import/Import.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ThreadPool.h"

using namespace mlir;

static int report(llvm::Error error) {
  llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
  return 1;
}

/// The PTX of the module in a file.
static int emitPTX(StringRef input, StringRef chip, MLIRContext &context) {
  llvm::Expected<transom::NVPTXTarget> target = transom::NVPTXTarget::resolve(chip);
  if (!target)
    return report(target.takeError());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  llvm::Expected<std::string> text = transom::emitPTX(*module, *target);
  if (!text)
    return report(text.takeError());
  llvm::outs() << *text;
  return 0;
}

/// The LLVM IR of the module in a file, as a library called `program`.
static int emitLLVM(StringRef input, StringRef cpu, MLIRContext &context) {
  llvm::Expected<transom::CPUTarget> target = transom::CPUTarget::resolve(cpu);
  if (!target)
    return report(target.takeError());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  llvm::Expected<transom::WeightImage> weights = transom::WeightImage::plan(*module);
  if (!weights)
    return report(weights.takeError());
  transom::ProgramOptions options;
  options.name = "program";
  llvm::LLVMContext llvmContext;
  llvm::DefaultThreadPool threads;
  auto emitted = transom::emitLLVM(*module, llvmContext, *target, options, *weights, threads);
  if (!emitted)
    return report(emitted.takeError());
  auto compiled = transom::compileParts(emitted->parts, *target, {/*object=*/false, /*bitcode=*/true}, threads);
  if (!compiled)
    return report(compiled.takeError());
  auto joined = transom::joinParts(*compiled, *emitted->constants);
  if (!joined)
    return report(joined.takeError());
  (*joined)->print(llvm::outs(), nullptr);
  return 0;
}

/// The module in a file as ONNX: printed, or written to `output`.
static int exportOnnx(StringRef input, StringRef output, uint64_t largestInside, MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  if (output != "text") {
    llvm::Error error = transom::exportOnnx(*module, output, {largestInside});
    return error ? report(std::move(error)) : 0;
  }
  llvm::Expected<std::string> text = transom::exportOnnxText(*module);
  if (!text)
    return report(text.takeError());
  llvm::outs() << *text << "\n";
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::opt<bool> import("import-onnx", llvm::cl::desc("Import an ONNX model (the default)"));
  llvm::cl::opt<std::string> input(llvm::cl::Positional, llvm::cl::desc("<file>"), llvm::cl::Required);
  llvm::cl::opt<bool> weights("weights", llvm::cl::desc("Print weights in full, so that the text is the whole model"));
  llvm::cl::opt<std::string> chip("emit-ptx", llvm::cl::desc("Print the PTX of a module after the stage nvptx"),
                                  llvm::cl::value_desc("CHIP"));
  llvm::cl::opt<std::string> cpu("emit-llvm", llvm::cl::desc("Print the LLVM IR of a module after the stage cpu"),
                                 llvm::cl::value_desc("CPU"));
  llvm::cl::opt<std::string> onnx("export-onnx", llvm::cl::desc("Write a module before the stage kernels as ONNX"),
                                  llvm::cl::value_desc("FILE|text"));
  llvm::cl::opt<uint64_t> inside("weights-inside", llvm::cl::desc("Above so many bytes, weights go into a file beside"),
                                 llvm::cl::init(transom::ExportOptions().largestInside));
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
  if (!cpu.empty())
    return emitLLVM(input, cpu, context);
  if (!onnx.empty())
    return exportOnnx(input, onnx, inside, context);
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
