//===- ModelCosts.h - sizes of dims and what they cost ----------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_MODELCOSTS_H
#define TRANSOM_TOOLS_TRANSOM_MODELCOSTS_H

#include "transom/Package/Package.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <optional>

namespace transom::cli {

using DimSizes = std::map<std::string, int64_t>;

/// Reads NAME=SIZE of --dim. NAME is one of `symbols`, or the start of exactly one.
llvm::Expected<DimSizes> readDims(llvm::ArrayRef<std::string> texts, llvm::ArrayRef<std::string> symbols);

/// Nothing where a dim has no size.
std::optional<double> evaluate(llvm::ArrayRef<CostTerm> terms, const DimSizes &sizes);

/// "2359296*batch*sequence + 3072*batch*sequence*sequence"
std::string costText(const ModelCost &cost);

/// "flops" and "flops_omitted" of NAME.json.
std::optional<ModelCost> readCost(const llvm::json::Object &manifest);

/// "places" of an entry point in NAME.json.
std::vector<PlaceCost> readPlaces(const llvm::json::Object &manifest, llvm::StringRef entry);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_MODELCOSTS_H
