//===- Driver.h - a model file through the stages ---------------*- C++ -*-===//
//
// The one entry for tools: runs the stages, stops, dumps, collects what goes
// wrong, and leaves a package or nothing.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_DRIVER_DRIVER_H
#define TRANSOM_DRIVER_DRIVER_H

#include "transom/Driver/Report.h"
#include "transom/Package/Package.h"
#include "transom/Pipeline/Pipeline.h"
#include <functional>

namespace transom {

struct Problem {
  enum Severity { Error, Warning, Note } severity;
  std::string message;
};

/// Everything that was said, in order.
struct Problems {
  std::vector<Problem> list;

  void error(const llvm::Twine &message) { list.push_back({Problem::Error, message.str()}); }
  void error(llvm::Error error) { list.push_back({Problem::Error, llvm::toString(std::move(error))}); }
  bool hasErrors() const;
  /// One per line: "error: ...", "warning: ...", "note: ...".
  void print(llvm::raw_ostream &os) const;
};

enum class WeightsPlace { Automatic, Embed, File };

/// The image is embedded up to this size unless the user decides.
constexpr uint64_t embeddedWeightsLimit = 1 << 20;

struct CompileOptions {
  std::string model;              ///< .onnx, or .onnxtxt in ONNX's textual syntax
  std::string name;               ///< of the library, a C identifier; "" is made from the file's name
  std::string target = "cpu";     ///< cpu, nvptx:CHIP, or several of them with commas between
  std::string ptxas;              ///< findPtxas
  bool tf32 = false;              ///< f32 products on GPUs are of 11 bits of each number
  std::vector<std::string> tiles; ///< files of TileFile, for some of the GPUs among the targets
  bool reportTiles = false;       ///< CompileReport::tiles
  std::string cpu = "native";     ///< CPUTarget::resolve
  WeightsPlace weights = WeightsPlace::Automatic;
  States states = States::None; ///< interfaces of models with caches
  bool lastLogits = false;      ///< scores of the last token alone
  std::string weightsType;      ///< "f16" or "bf16": what f32 weights are stored in; "" as they are
  /// How heads are merged. Its report is the driver's own: what was merged and why
  /// not is among the problems, as notes.
  GQAOptions gqa;
  std::string exportOnnx;                      ///< "" or the file for the model after the stage `optimise`, as ONNX
  unsigned jobs = 0;                           ///< threads that compile, 0: one a core; results do not depend on it
  std::string cacheDir;                        ///< "" or where compiled parts are kept between compiles
  uint64_t cacheSize = 1ull << 30;             ///< bytes that it may hold
  bool debugInfo = false;                      ///< code says its lines of NAME.nodes.txt, which is in the package
  std::string dumpDir;                         ///< "" or where NN-STAGE.mlir goes after each stage
  std::string executable;                      ///< Transom's own: where the runtime is looked for
  std::vector<RequiredFusion> requiredFusions; ///< the compile fails where they are not met
  /// Called at the start of each step: "import", ..., "link".
  std::function<void(llvm::StringRef step)> progress;
  /// Called with the folder that the package is written to before it is moved
  /// into place, and with "" after that: what to remove if the process is ended.
  std::function<void(llvm::StringRef folder)> staging;
};

/// Runs the stages up to `last` and prints what is there then; weights elided.
bool emitStage(const CompileOptions &options, Stage last, llvm::raw_ostream &os, Problems &problems);

/// Compiles the model into the package `folder`. Nothing is left of it on failure.
std::optional<Manifest> compileModel(const CompileOptions &options, llvm::StringRef folder, Problems &problems,
                                     CompileReport *report = nullptr);

struct OperatorCount {
  std::string name; ///< of the transformer dialect, without its prefix, and the kind of an elementwise function
  unsigned count = 0;
};

/// A model after the stage `raise`.
struct ModelReport {
  Signature signature;
  std::vector<OperatorCount> operators; ///< most first
  uint64_t parameters = 0;
  uint64_t weightBytes = 0;
  ModelCost cost;
  FusionReport fusions;
};
std::optional<ModelReport> inspectModel(const CompileOptions &options, Problems &problems);

struct OperatorUse; // Import.h, which needs MLIR

/// The ONNX operators of the model and what becomes of their nodes, from all of the compiler that may refuse a model:
/// what stands between this and a library is LLVM. The model compiles unless there are errors among the problems.
/// Nothing, where the file is no model.
std::vector<OperatorUse> findSupport(const CompileOptions &options, Problems &problems);

} // namespace transom

#endif // TRANSOM_DRIVER_DRIVER_H
