//===- BenchProfile.h - a profile beside what the machine can do *- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_BENCHPROFILE_H
#define TRANSOM_TOOLS_TRANSOM_BENCHPROFILE_H

#include "Machine.h"
#include "ModelCosts.h"
#include "transom/transom.h"
#include "llvm/Support/JSON.h"

namespace transom::cli {

/// null where there is no number.
void writeOptional(llvm::json::OStream &out, llvm::StringRef key, std::optional<double> value);

/// A place of the model in a profile: means of a run.
struct ProfileLine {
  std::string node, op;
  double microseconds = 0, calls = 0;
  /// What its kernels compute, and their operands and results once each; nothing where sizes depend on data.
  std::optional<double> flops, bytes;

  /// The least that the machine needs where all bytes come from memory: what is in caches may be faster.
  std::optional<double> predicted(const std::optional<MachinePeaks> &peaks) const;
};

/// Reads the context's profile of so many runs, most time first.
std::vector<ProfileLine> readProfile(const TransomContext *context, unsigned runs, llvm::ArrayRef<PlaceCost> costs,
                                     const DimSizes &sizes);

void printProfile(llvm::ArrayRef<ProfileLine> lines, const std::optional<MachinePeaks> &peaks);
void writeProfile(llvm::json::OStream &out, llvm::ArrayRef<ProfileLine> lines,
                  const std::optional<MachinePeaks> &peaks);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_BENCHPROFILE_H
