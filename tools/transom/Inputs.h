//===- Inputs.h - what a model is run on ------------------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_INPUTS_H
#define TRANSOM_TOOLS_TRANSOM_INPUTS_H

#include "ModelCosts.h"
#include "Tensor.h"
#include "transom/transom.h"
#include <CLI/CLI.hpp>

namespace transom::cli {

struct InputOptions {
  std::vector<std::string> inputs; ///< NAME=SPEC, FILE.npz or a folder of input_K.pb
  std::vector<std::string> dims;   ///< NAME=SIZE
  uint64_t seed = 0;
};

/// --input, --dim, --seed.
void addInputOptions(CLI::App &command, InputOptions &options);
/// What --input takes: for helps.
extern const char *const inputHelp;

/// Tensors for all inputs, in the signature's order. Sizes come from files, then
/// from --dim; every dim that nobody gives is in the error.
llvm::Expected<std::vector<Tensor>> makeInputs(const TransomModelInfo &info, const InputOptions &options);

/// What a run on states starts from: tensors for all states, as many rows as --dim
/// gives to the dim that says how many there were (past_sequence_length=128), and
/// room for so many. `inputs` say the rest.
struct StateTensors {
  std::vector<Tensor> tensors;
  DimSizes sizes; ///< of all symbols
  int64_t rows = 0, capacity = 0;
};
llvm::Expected<StateTensors> makeStates(const TransomModelInfo &info, llvm::ArrayRef<Tensor> inputs,
                                        const InputOptions &options);

/// input_0.pb, input_1.pb, ... of a folder (or output_...), in that order.
llvm::Expected<std::vector<Tensor>> readDataSet(llvm::StringRef folder, llvm::StringRef prefix);

/// Brings tensors into the order of `values`: by name where every tensor has
/// the name of one, else as they are.
void orderByName(std::vector<Tensor> &tensors, llvm::ArrayRef<TransomValueDesc> values);

/// The sizes that inputs give to the named dims.
DimSizes dimsOf(const TransomModelInfo &info, llvm::ArrayRef<Tensor> inputs);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_INPUTS_H
