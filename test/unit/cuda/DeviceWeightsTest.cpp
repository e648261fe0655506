//===- DeviceWeightsTest.cpp - weights on their way to a GPU --------------===//
#include "DevicePrograms.h"

#include <cstring>
#include <thread>

namespace transom::test {
namespace {

class DeviceWeights : public DeviceTest {
protected:
  /// Has the program read the device's image with these pieces, and gives what lies there.
  std::vector<uint8_t> upload(const std::vector<uint8_t> &image, const std::vector<TransomDeviceWeight> &pieces,
                              size_t deviceBytes) {
    TransomProgram program = affineProgram();
    TransomDeviceProgram device = *program.devices[0];
    const TransomDeviceProgram *const devices[] = {&device};
    device.weights = pieces.data();
    device.num_weights = pieces.size();
    device.weights_bytes = deviceBytes;
    program.devices = devices;
    program.num_devices = 1;
    std::vector<uint8_t> room(image.size() + 64);
    uint8_t *aligned = room.data() + -reinterpret_cast<uintptr_t>(room.data()) % 64;
    std::copy(image.begin(), image.end(), aligned);
    program.weights = aligned;
    program.weights_bytes = image.size();
    std::vector<uint8_t> seen(deviceBytes);
    auto before = driver().kernel;
    driver().kernel = [&](const FakeLaunch &launch) {
      if (launch.function == "add")
        memcpy(seen.data(), reinterpret_cast<void *>(launch.arguments[2]), deviceBytes);
    };
    Session session(program, onDevice("cuda:0"));
    Affine affine;
    EXPECT_EQ(affine.run(session), TRANSOM_OK) << session.error();
    driver().kernel = before;
    return seen;
  }

  static std::vector<uint8_t> bytes(size_t count) {
    std::vector<uint8_t> made(count);
    for (size_t i = 0; i < count; ++i)
      made[i] = uint8_t(i * 2654435761u >> 13);
    return made;
  }
};

TEST_F(DeviceWeights, OncePerModel) {
  Library library(affineProgram());
  TransomModel *model = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
  ASSERT_EQ(transom_open(library, nullptr, &model, why, sizeof why), TRANSOM_OK) << why;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      TransomContextOptions options = onDevice("cuda:0");
      TransomContext *context = nullptr;
      char reason[TRANSOM_ERROR_BYTES] = "";
      ASSERT_EQ(transom_context_create(model, &options, &context, reason, sizeof reason), TRANSOM_OK) << reason;
      Affine affine;
      for (int run = 0; run < 20; ++run) {
        std::fill(affine.y.begin(), affine.y.end(), 0.f);
        ASSERT_EQ(transom_run(context, affine.inputs, 2, affine.outputs, 1), TRANSOM_OK) << transom_error(context);
        ASSERT_EQ(affine.y, Affine::expected());
      }
      transom_context_destroy(context);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(count("cuModuleLoadDataEx"), 1u);
  EXPECT_EQ(driver().deviceBytes, 16u); // the weights stay
  transom_close(model);
}

TEST_F(DeviceWeights, AsTheyAre) {
  // Two neighbours with a gap, and one that is elsewhere in the library.
  std::vector<uint8_t> image = bytes(400);
  std::vector<uint8_t> seen =
      upload(image, {{0, 100, 256, 0, 0, 0, 0, 0, 0, 0}, {128, 60, 0, 0, 0, 0, 0, 0, 0, 0}}, 192);
  EXPECT_EQ(memcmp(seen.data(), &image[256], 100), 0);
  EXPECT_EQ(memcmp(&seen[128], &image[0], 60), 0);
}

TEST_F(DeviceWeights, LargerThanStaging) {
  size_t count = (size_t(20) << 20) + 12345;
  std::vector<uint8_t> image = bytes(count);
  EXPECT_EQ(upload(image, {{0, count, 0, 0, 0, 0, 0, 0, 0, 0}}, count), image);
  // Two halves by turns, and never one that is still being copied.
  EXPECT_EQ(count / (size_t(8) << 20) + 1, 3u);
}

/// [batch, k, n] packed in panels and back.
void checkPanels(int64_t batch, int64_t k, int64_t n, uint32_t columns, bool transposed, uint32_t width,
                 const std::function<std::vector<uint8_t>(const std::vector<uint8_t> &, const TransomDeviceWeight &,
                                                          size_t)> &upload,
                 const std::vector<uint8_t> &plain) {
  int64_t panels = (n + columns - 1) / columns;
  std::vector<uint8_t> packed(size_t(batch * panels * k * columns * width), 0xee);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < k; ++i)
      for (int64_t j = 0; j < n; ++j) {
        int64_t from = transposed ? (b * n + j) * k + i : (b * k + i) * n + j;
        int64_t to = ((b * panels + j / columns) * k + i) * columns + j % columns;
        memcpy(&packed[size_t(to * width)], &plain[size_t(from * width)], width);
      }
  TransomDeviceWeight piece = {0, plain.size(), 0, batch, k, n, columns, transposed, width, 0};
  EXPECT_EQ(upload(packed, piece, plain.size()), plain);
}

TEST_F(DeviceWeights, FoursOfTapsAreUnpacked) {
  // Sums of columns, here 0xee, lie behind each panel.
  constexpr int64_t taps = 4, columns = 16;
  for (bool transposed : {false, true})
    for (int64_t k : {1, 4, 7})
      for (int64_t n : {1, 16, 37}) {
        SCOPED_TRACE(std::to_string(transposed) + " " + std::to_string(k) + " " + std::to_string(n));
        std::vector<uint8_t> plain = bytes(size_t(k * n));
        int64_t panels = (n + columns - 1) / columns, panelBytes = ((k + taps - 1) / taps + 1) * taps * columns;
        std::vector<uint8_t> packed(size_t(panels * panelBytes), 0xee);
        for (int64_t i = 0; i < k; ++i)
          for (int64_t j = 0; j < n; ++j)
            packed[size_t(j / columns * panelBytes + (i / taps * columns + j % columns) * taps + i % taps)] =
                plain[size_t(transposed ? j * k + i : i * n + j)];
        TransomDeviceWeight piece = {0, plain.size(), 0, 1, k, n, columns, transposed, 1, taps};
        EXPECT_EQ(upload(packed, {piece}, plain.size()), plain);
      }
}

TEST_F(DeviceWeights, PanelsAreUnpacked) {
  auto by = [&](const std::vector<uint8_t> &image, const TransomDeviceWeight &piece, size_t count) {
    return upload(image, {piece}, count);
  };
  for (bool transposed : {false, true})
    for (uint32_t width : {1u, 2u, 4u})
      for (int64_t n : {1, 16, 37}) {
        SCOPED_TRACE(std::to_string(transposed) + " " + std::to_string(width) + " " + std::to_string(n));
        checkPanels(2, 5, n, 16, transposed, width, by, bytes(size_t(2 * 5 * n * width)));
      }
  // More than the staging holds.
  checkPanels(1, 1024, 2500, 32, false, 4, by, bytes(size_t(1024) * 2500 * 4));
  checkPanels(1, 2500, 1024, 32, true, 4, by, bytes(size_t(1024) * 2500 * 4));
}

} // namespace
} // namespace transom::test
