//===- Comparison.cpp - a result against what is expected -----------------===//

#include "Comparison.h"
#include "transom/Package/Signature.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace transom;

static bool isExact(int32_t type) {
  switch (type) {
  case TRANSOM_F64:
  case TRANSOM_F32:
  case TRANSOM_F16:
  case TRANSOM_BF16:
  case TRANSOM_F8E4M3FN:
  case TRANSOM_F8E4M3FNUZ:
  case TRANSOM_F8E5M2FNUZ:
  case TRANSOM_F8E8M0FNU:
  case TRANSOM_F4E2M1FN:
  case TRANSOM_F8E5M2: return false;
  default: return true;
  }
}

static std::vector<int64_t> positionOf(int64_t index, ArrayRef<int64_t> shape) {
  std::vector<int64_t> position(shape.size());
  for (size_t d = shape.size(); d-- > 0; index /= shape[d])
    position[d] = index % shape[d];
  return position;
}

cli::Comparison cli::compare(const TransomTensor &result, const Tensor &expected, const Tolerance &tolerance) {
  Comparison comparison;
  Tensor shape;
  shape.type = result.type;
  shape.shape.assign(result.shape, result.shape + result.rank);
  if (result.type != expected.type || shape.shape != expected.shape) {
    comparison.mismatch = "the model gives " + shape.text();
    return comparison;
  }
  bool exact = isExact(result.type);
  double worst = -1;
  for (int64_t i = 0, count = expected.elements(); i < count; ++i) {
    double got = elementAt(result.type, result.data, i), want = elementAt(result.type, expected.data.data(), i);
    bool same = exact && transom_type_bits(result.type) == 64
                    ? std::memcmp(static_cast<const char *>(result.data) + 8 * i, expected.data.data() + 8 * i, 8) == 0
                    : got == want || (std::isnan(got) && std::isnan(want));
    if (same)
      continue;
    // 64-bit integers may differ by less than doubles show.
    double error = exact ? std::max(std::abs(got - want), 1.0) : std::abs(got - want);
    if (std::isnan(error))
      error = std::numeric_limits<double>::infinity();
    comparison.absolute = std::max(comparison.absolute, error);
    if (std::abs(want) > tolerance.absolute)
      comparison.relative = std::max(comparison.relative, error / std::abs(want));
    double allowed = exact ? 0 : tolerance.absolute + tolerance.relative * std::abs(want);
    // An infinite `allowed` allows nothing: the other one is no infinity.
    bool agrees = error <= allowed && !std::isinf(want);
    comparison.beyond += !agrees;
    double share = allowed > 0 && !std::isinf(want) ? error / allowed : std::numeric_limits<double>::infinity();
    if (share > worst) {
      worst = share;
      comparison.worst = positionOf(i, expected.shape);
      comparison.result = got;
      comparison.expected = want;
    }
  }
  comparison.agrees = comparison.beyond == 0;
  return comparison;
}

std::string cli::Comparison::text() const {
  if (!mismatch.empty())
    return mismatch;
  std::string text;
  raw_string_ostream os(text);
  os << "largest error " << format("%.3g", absolute) << " absolute, " << format("%.3g", relative) << " relative";
  if (agrees)
    return text;
  os << "; " << beyond << " beyond the tolerance, the worst at [";
  interleaveComma(worst, os);
  os << "]: " << format("%.9g", result) << " where " << format("%.9g", expected) << " is expected";
  return text;
}
