//===- LoadedModel.h - a compiled model in this process ---------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_LOADEDMODEL_H
#define TRANSOM_TOOLS_TRANSOM_LOADEDMODEL_H

#include "Inputs.h"
#include "ModelPackage.h"
#include "Tensor.h"
#include "transom/transom.h"

namespace transom::cli {

class LoadedModel {
public:
  /// Opens the library, the model, or another entry point of it, and one context, on
  /// `device` as the runtime reads it; "" is its default. The library stays loaded
  /// until the process ends.
  static llvm::Expected<std::unique_ptr<LoadedModel>> open(const ModelPackage &package, uint32_t threads,
                                                           const std::string &entry = "", llvm::StringRef device = "");
  ~LoadedModel();

  const TransomModelInfo &info() const { return *transom_info(model); }
  TransomContext *context() const { return handle; }
  std::vector<std::string> symbols() const;

  /// Inputs in the signature's order; they are read in place by run().
  void bind(std::vector<Tensor> inputs);
  /// From here on runs start on this state, each on the same.
  llvm::Error useStates(const StateTensors &states);
  llvm::Error run();
  /// The last run's, in the context's memory.
  llvm::ArrayRef<TransomTensor> outputs() const { return results; }
  const std::vector<Tensor> &inputs() const { return bound; }

private:
  LoadedModel() = default;
  TransomModel *model = nullptr;
  TransomContext *handle = nullptr;
  TransomState *state = nullptr;
  int64_t rows = 0; ///< that the state has before each run
  std::string name;
  std::vector<Tensor> bound;
  std::vector<TransomTensor> arguments, results;
};

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_LOADEDMODEL_H
