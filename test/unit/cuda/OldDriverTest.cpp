//===- OldDriverTest.cpp - a driver without the newer functions of graphs -===//
#include "DevicePrograms.h"

namespace transom::test {
namespace {

class OldDriver : public DeviceTest {};

TEST_F(OldDriver, LaunchesKernelsOneByOneAndSaysSo) {
  Said said;
  Step step(8, "cuda:0", deviceStepProgram(), &said.options);
  EXPECT_EQ(said.count("model \"cache\": the driver is of CUDA 12.4, without cuStreamGetCaptureInfo_v2: kernels are "
                       "launched one by one, not as graphs"),
            1);
  EXPECT_EQ(step.add(1), 4 + 4) << step.error();
  EXPECT_EQ(step.add(1), 8 + 6);
  EXPECT_EQ(step.add(1), 12 + 7);
  EXPECT_EQ(driver().launches.size(), 9u);
  EXPECT_EQ(count("cuStreamBeginCapture") + count("cuGraphLaunch"), 0u);
}

} // namespace
} // namespace transom::test
