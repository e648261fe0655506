//===- Problems.cpp - everything that went wrong --------------------------===//

#include "transom/Driver/Driver.h"
#include "llvm/ADT/STLExtras.h"

using namespace transom;

bool Problems::hasErrors() const {
  return llvm::any_of(list, [](const Problem &problem) { return problem.severity == Problem::Error; });
}

void Problems::print(llvm::raw_ostream &os) const {
  for (const Problem &problem : list) {
    switch (problem.severity) {
    case Problem::Error: os << "error: "; break;
    case Problem::Warning: os << "warning: "; break;
    case Problem::Note: os << "note: "; break;
    }
    os << problem.message << '\n';
  }
}
