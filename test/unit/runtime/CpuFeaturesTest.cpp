//===- CpuFeaturesTest.cpp - features against the kernel's list -----------===//
#include "CpuFeatures.h"

#include "gtest/gtest.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace {

using transom::runtime::hasFeatures;

std::string missing(const char *features) {
  char text[256];
  bool all = hasFeatures(features, text, sizeof text);
  EXPECT_EQ(all, text[0] == '\0');
  return text;
}

TEST(CpuFeatures, NothingAskedForIsThere) {
  EXPECT_EQ(missing(nullptr), "");
  EXPECT_EQ(missing(""), "");
  EXPECT_EQ(missing("-everything, -anything,"), "");
}

TEST(CpuFeatures, UnknownOnesAreMissing) {
  EXPECT_EQ(missing("a,+b, c"), "a, b, c");
  EXPECT_EQ(missing("avx2x"), "avx2x"); // no prefix of it counts
}

TEST(CpuFeatures, ALongListIsCutOff) {
  std::string many = "first";
  for (int i = 0; i < 100; ++i)
    many += ",feature" + std::to_string(i);
  char text[64];
  EXPECT_FALSE(hasFeatures(many.c_str(), text, sizeof text));
  EXPECT_EQ(std::string(text).substr(0, 23), "first, feature0, featur");
  EXPECT_LT(strlen(text), sizeof text);
}

#ifdef __x86_64__
TEST(CpuFeatures, AgreesWithTheKernel) {
  std::set<std::string> flags;
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line) && flags.empty();)
    if (line.starts_with("flags")) {
      std::istringstream words(line.substr(line.find(':') + 1));
      for (std::string word; words >> word;)
        flags.insert(word);
    }
  if (flags.empty())
    GTEST_SKIP() << "/proc/cpuinfo lists no flags";
  const char *names[][2] = {{"sse2", "sse2"},         {"ssse3", "ssse3"},
                            {"sse4.2", "sse4_2"},     {"avx", "avx"},
                            {"avx2", "avx2"},         {"fma", "fma"},
                            {"f16c", "f16c"},         {"bmi2", "bmi2"},
                            {"avx512f", "avx512f"},   {"avx512bw", "avx512bw"},
                            {"avx512vl", "avx512vl"}, {"avx512vnni", "avx512_vnni"},
                            {"popcnt", "popcnt"},     {"avx512bf16", "avx512_bf16"}};
  for (auto [ours, kernels] : names)
    EXPECT_EQ(missing(ours) == "", flags.contains(kernels)) << ours;
}
#endif

} // namespace
