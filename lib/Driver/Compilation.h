//===- Compilation.h - one model on its way through the stages --*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_COMPILATION_H
#define TRANSOM_LIB_DRIVER_COMPILATION_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "transom/Codegen/TileFile.h"
#include "transom/Driver/Driver.h"
#include "transom/Import/Import.h"
#include "llvm/Support/ThreadPool.h"

namespace transom {

/// The triple of a list of targets' `cpu:TRIPLE`, or "" for the host's.
std::string cpuTripleOf(llvm::StringRef targets);

class Compilation {
public:
  Compilation(const CompileOptions &options, Problems &problems);

  /// Runs the stages up to `last` that lie in MLIR, and writes the dumps; false,
  /// with the reasons among the problems, if one fails.
  bool run(Stage last);

  /// Facts that later stages no longer show are read in between; see Manifest.
  /// Valid after the stages that have them: signature and kernels after `kernels`.
  Manifest manifest;
  /// Called with the passes of a stage before they run.
  std::function<void(Stage, mlir::PassManager &)> preparePasses;
  std::vector<OperatorUse> operators; ///< of the model's file, after `import`, whether that fails or not
  CompileReport facts; ///< fusions and layers after `raise`, kernels after `kernels`, workspace after `cpu`

  /// Runs all stages of all targets; afterwards the module has the host's side of
  /// all of them.
  bool runAll();

  mlir::ModuleOp module() { return *model.module; }
  llvm::ArrayRef<ImportedNode> nodes() const { return model.nodes; }
  /// After runAll: code for GPUs.
  std::vector<DeviceCode> devices;
  /// For what is done in parallel.
  llvm::ThreadPoolInterface &threads() { return pool; }
  const CPUTarget &target() const { return pipeline.target; }
  /// Those that the code is for; the host's of GPUs where there are no others.
  llvm::ArrayRef<CPUTarget> cpus() const {
    return manifest.hasCPU() ? llvm::ArrayRef(manifest.cpus) : llvm::ArrayRef(pipeline.target);
  }
  const std::optional<NVPTXTarget> &device() const { return pipeline.device; }

  /// Streams the image and gives back the memory of the model's files that it is read from; gives its SHA-256.
  llvm::Expected<std::string> write(const WeightImage &image, llvm::raw_ostream &os);

  void begin(llvm::StringRef step);
  /// NN-STAGE[-CHIP].mlir, .ll or .ptx of the dump folder.
  bool dump(Stage stage, llvm::function_ref<void(llvm::raw_ostream &)> print, llvm::StringRef chip = "");

private:
  bool readTargets();
  bool readTiles();
  void setTiles(mlir::ModuleOp on, llvm::StringRef chip);
  void findTiles(mlir::ModuleOp device, llvm::StringRef chip);
  bool prepareRun();
  bool runStage(Stage stage);
  bool compileCPU(const CPUTarget &target, mlir::ModuleOp variant);
  void setPlaces(mlir::ModuleOp next);
  bool compileDevice(const NVPTXTarget &target, mlir::ModuleOp device);
  bool runPasses(mlir::ModuleOp on, llvm::StringRef name, llvm::function_ref<void(mlir::OpPassManager &)> build);
  bool import();
  void reportHeads();
  bool raised();
  void report(mlir::Diagnostic &diagnostic);

  const CompileOptions &options;
  Problems &problems;
  llvm::DefaultThreadPool pool; // before the context, which uses it
  mlir::MLIRContext context;
  mlir::ScopedDiagnosticHandler handler;
  PipelineOptions pipeline;
  bool hasCPU = false;  ///< of the targets
  bool repeats = false; ///< what is said now has been said of the first CPU
  std::vector<NVPTXTarget> chips;
  struct Tiles {
    std::string path;
    TileFile file;
  };
  std::map<std::string, Tiles> tiles; ///< by chip
  std::string ptxas;
  std::vector<HeadConversion> headConversions;
  std::vector<NearMiss> nearMisses;
  ImportedModel model; // its module goes before the files that it points into
};

/// The module as text, weights elided.
void printModule(mlir::ModuleOp module, llvm::raw_ostream &os);

/// "name" made from the model's file name where the user gives none.
std::string modelName(const CompileOptions &options);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_COMPILATION_H
