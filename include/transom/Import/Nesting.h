//===- Nesting.h - how deep brackets of a text lie in each other -*- C++ -*-===//
#ifndef TRANSOM_IMPORT_NESTING_H
#define TRANSOM_IMPORT_NESTING_H

#include "llvm/ADT/StringRef.h"
#include <algorithm>

namespace transom {

/// Levels of brackets outside of "strings", as far as one beyond `most`: parsers
/// call themselves for each.
inline int nestingOf(llvm::StringRef text, llvm::StringRef opening, llvm::StringRef closing, int most) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size() && deepest <= most; ++i) {
    char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && opening.contains(c))
      deepest = std::max(deepest, ++depth);
    else if (!quoted && closing.contains(c))
      --depth;
  }
  return deepest;
}

} // namespace transom

#endif // TRANSOM_IMPORT_NESTING_H
