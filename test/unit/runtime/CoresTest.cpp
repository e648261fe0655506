//===- CoresTest.cpp - how many threads are worth starting ----------------===//
#include "Cores.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sched.h>

namespace transom::runtime {
namespace {

namespace fs = std::filesystem;

struct Quota : testing::Test {
  fs::path mount;
  Quota() {
    std::string pattern = testing::TempDir() + "transom-cgroup-XXXXXX";
    mount = mkdtemp(pattern.data());
    fs::create_directories(mount / "service/job");
  }
  ~Quota() override { fs::remove_all(mount); }
  void set(const char *group, const char *text) { std::ofstream(mount / group / "cpu.max") << text; }
  uint32_t quota(const char *group) { return quotaCpus(mount.c_str(), group); }
};

TEST_F(Quota, NoneIsSet) {
  EXPECT_EQ(quota("/"), 0u);
  EXPECT_EQ(quota("/service/job"), 0u);
  EXPECT_EQ(quota("/not/there"), 0u);
  set("service/job", "max 100000\n");
  set("service", "");
  EXPECT_EQ(quota("/service/job"), 0u);
}

TEST_F(Quota, IsRoundedUp) {
  set("service", "150000 100000\n");
  EXPECT_EQ(quota("/service"), 2u);
  set("service", "100000 100000\n");
  EXPECT_EQ(quota("/service"), 1u);
  set("service", "1000 100000\n");
  EXPECT_EQ(quota("/service"), 1u);
}

TEST_F(Quota, OfTheGroupsAroundItCountsToo) {
  set("service", "300000 100000\n");
  EXPECT_EQ(quota("/service/job"), 3u);
  set("service/job", "200000 100000\n");
  EXPECT_EQ(quota("/service/job"), 2u);
  set("service/job", "900000 100000\n");
  EXPECT_EQ(quota("/service/job"), 3u);
  set(".", "100000 100000\n"); // as a container sees its own group
  EXPECT_EQ(quota("/service/job"), 1u);
  EXPECT_EQ(quota("/"), 1u);
}

TEST(Cores, AreThoseOfTheMask) {
  cpu_set_t mask;
  ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  EXPECT_EQ(availableCpus(), uint32_t(CPU_COUNT(&mask)));
  EXPECT_GE(availableCores(), 1u);
  EXPECT_LE(availableCores(), availableCpus());
}

} // namespace
} // namespace transom::runtime
