//===- Machine.h - what this machine can do at best -------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_MACHINE_H
#define TRANSOM_TOOLS_TRANSOM_MACHINE_H

#include "llvm/Support/Error.h"

namespace transom::cli {

struct MachinePeaks {
  double flops = 0;         ///< f32 multiplications and additions a second, by FMA on registers
  double bytes = 0;         ///< bytes a second, read from memory
  const char *vectors = ""; ///< "AVX-512", ...
};

/// Measured with so many threads at once; takes about two seconds and 1 GiB.
llvm::Expected<MachinePeaks> measureMachine(unsigned threads);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_MACHINE_H
