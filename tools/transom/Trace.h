//===- Trace.h - a run as Chrome and Perfetto show it -----------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_TRACE_H
#define TRANSOM_TOOLS_TRANSOM_TRACE_H

#include "LoadedModel.h"
#include "ModelCosts.h"

namespace transom::cli {

/// What --trace takes.
inline constexpr const char *traceHelp =
    "File for a trace of the run, by thread and node of the model: for chrome://tracing or ui.perfetto.dev";

/// Runs the model with tracing on, and writes the trace; "-" is stdout.
llvm::Error traceRun(LoadedModel &model, llvm::ArrayRef<PlaceCost> costs, const DimSizes &sizes, llvm::StringRef path);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_TRACE_H
