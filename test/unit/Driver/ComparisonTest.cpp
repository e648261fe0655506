//===- ComparisonTest.cpp - a result against what is expected -------------===//

#include "Comparison.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace transom;

namespace {
template <typename T>
cli::Comparison compare(int32_t type, std::vector<T> result, std::vector<T> expected,
                        cli::Tolerance tolerance = {1e-4, 1e-3}) {
  cli::Tensor want;
  want.type = type;
  want.shape = {static_cast<int64_t>(expected.size())};
  const char *bytes = reinterpret_cast<const char *>(expected.data());
  want.data.assign(bytes, bytes + expected.size() * sizeof(T));
  TransomTensor got = {};
  got.data = result.data();
  got.type = type;
  got.rank = 1;
  got.shape[0] = static_cast<int64_t>(result.size());
  return cli::compare(got, want, tolerance);
}
constexpr float infinity = std::numeric_limits<float>::infinity();
const float notANumber = std::nanf("");
} // namespace

TEST(Comparison, FloatsWithinTheTolerance) {
  cli::Comparison same = compare<float>(TRANSOM_F32, {1, 2}, {1, 2.001f});
  EXPECT_TRUE(same.agrees);
  EXPECT_NEAR(same.absolute, 1e-3, 1e-6);
  EXPECT_NEAR(same.relative, 5e-4, 1e-6);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {1, 2}, {1, 2.003f}).agrees);
}

TEST(Comparison, FindsTheWorst) {
  cli::Comparison differs = compare<float>(TRANSOM_F32, {1, 0, 100, 5}, {1, 0.01f, 101, 5}, {1e-4, 1e-3});
  EXPECT_FALSE(differs.agrees);
  EXPECT_EQ(differs.beyond, 2);
  EXPECT_EQ(differs.worst, std::vector<int64_t>{1}); // 90 times what is allowed, not 10
  EXPECT_EQ(differs.absolute, 1);
}

TEST(Comparison, WholeNumbersAreExact) {
  EXPECT_TRUE(compare<int64_t>(TRANSOM_I64, {50000}, {50000}).agrees);
  EXPECT_FALSE(compare<int64_t>(TRANSOM_I64, {50000}, {50001}).agrees);
  // As doubles these are equal.
  EXPECT_FALSE(compare<int64_t>(TRANSOM_I64, {(1LL << 60) + 1}, {1LL << 60}).agrees);
  EXPECT_FALSE(compare<uint8_t>(TRANSOM_BOOL, {1}, {0}).agrees);
}

TEST(Comparison, SpecialValues) {
  EXPECT_TRUE(compare<float>(TRANSOM_F32, {notANumber, infinity, -infinity}, {notANumber, infinity, -infinity}).agrees);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {notANumber}, {1}).agrees);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {1}, {notANumber}).agrees);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {1}, {infinity}).agrees);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {infinity}, {-infinity}).agrees);
  EXPECT_FALSE(compare<float>(TRANSOM_F32, {infinity}, {1}).agrees);
}

TEST(Comparison, ShapesAndTypes) {
  cli::Comparison differs = compare<float>(TRANSOM_F32, {1, 2}, {1});
  EXPECT_FALSE(differs.agrees);
  EXPECT_EQ(differs.text(), "the model gives f32[2]");
  EXPECT_TRUE(compare<float>(TRANSOM_F32, {}, {}).agrees);
}
