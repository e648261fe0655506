//===- CpuFeatures.h - whether this CPU runs a model's code ---------------===//
//
// Compares the features that generated code relies on, by their LLVM names,
// with what the CPU and the operating system offer.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_CPUFEATURES_H
#define TRANSOM_RUNTIME_CPUFEATURES_H

#include <stddef.h>

namespace transom::runtime {

/// True if everything in the comma list is there ("avx2,+fma,-sse4a": a plus is
/// optional, what has a minus is not needed). Else `missing` lists what is not;
/// a name that this runtime cannot check counts as missing.
bool hasFeatures(const char *features, char *missing, size_t bytes);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CPUFEATURES_H
