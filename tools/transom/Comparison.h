//===- Comparison.h - a result against what is expected ---------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_COMPARISON_H
#define TRANSOM_TOOLS_TRANSOM_COMPARISON_H

#include "Tensor.h"
#include "transom/transom.h"

namespace transom::cli {

struct Tolerance {
  double absolute = 1e-4, relative = 1e-3;
};

struct Comparison {
  bool agrees = false;
  std::string mismatch; ///< type or shape differ: nothing was compared
  double absolute = 0;  ///< largest |result - expected|
  double relative = 0;  ///< largest |result - expected| / |expected| where |expected| is above the tolerance
  int64_t beyond = 0;   ///< elements that do not agree
  std::vector<int64_t> worst;
  double result = 0, expected = 0; ///< at `worst`

  std::string text() const;
};

/// Whole numbers and bools have to be equal. Two NaNs agree, and equal infinities.
Comparison compare(const TransomTensor &result, const Tensor &expected, const Tolerance &tolerance);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_COMPARISON_H
