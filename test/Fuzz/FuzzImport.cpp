//===- FuzzImport.cpp - models through the importer -----------------------===//
//
// Whatever the bytes are: the importer gives a module that is valid, or says what
// is wrong with the model. An invalid module, a refusal without a reason, or a
// diagnostic of the compiler's own IR is a finding.
//
//===----------------------------------------------------------------------===//

#include "ModelMutator.h"
#include "Scratch.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "transom/Import/Import.h"
#include "llvm/ADT/ScopeExit.h"
#include <cstdlib>

using namespace transom;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);

/// A context grows with all types that it ever held.
static mlir::MLIRContext &context() {
  static std::unique_ptr<mlir::MLIRContext> current;
  static int uses = 0;
  if (uses++ % 500 == 0) {
    current = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
    current->printOpOnDiagnostic(false);
  }
  return *current;
}

static void import(const fuzz::Scratch &file) {
  std::vector<std::string> errors;
  mlir::ScopedDiagnosticHandler handler(&context(), [&](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      errors.push_back(diagnostic.str());
    return mlir::success();
  });
  auto model = importModel(file.path(), context());
  bool failed = mlir::failed(model);
  for (const std::string &error : errors) {
    llvm::StringRef text = error;
    if (text.starts_with("cannot import '") || text.starts_with("'" + file.path()) || text.starts_with("cannot "))
      continue;
    fprintf(stderr, "not of the model, but of the IR: %s\n", error.c_str());
    abort();
  }
  if (failed != !errors.empty()) {
    fprintf(stderr, "%s\n", failed ? "refused without a reason" : "imported with errors");
    abort();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::Scratch file("model.onnx");
  file.write(data, size);
  import(file);
  return 0;
}

static size_t written(const onnx::ModelProto &model, uint8_t *data, size_t size, size_t limit) {
  size_t bytes = model.ByteSizeLong();
  if (bytes > limit || !model.SerializeToArray(data, static_cast<int>(bytes)))
    return size;
  return bytes;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed) {
  onnx::ModelProto model;
  if (seed % 16 == 0 || !model.ParseFromArray(data, static_cast<int>(size)))
    return LLVMFuzzerMutate(data, size, limit);
  fuzz::ModelMutator(model, seed).mutate();
  return written(model, data, size, limit);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
                                            uint8_t *out, size_t limit, unsigned seed) {
  onnx::ModelProto model, other;
  if (!model.ParseFromArray(data1, static_cast<int>(size1)) || !other.ParseFromArray(data2, static_cast<int>(size2)))
    return 0;
  fuzz::ModelMutator(model, seed).graft(other);
  return written(model, out, 0, limit);
}
