//===- Image.cpp - from a file to what a vision transformer reads ---------===//

#include "Image.h"
#include <algorithm>
#include <cmath>
#include <fstream>

/// The next number of a PPM's header; comments run to the end of their line.
static int64_t readNumber(std::istream &in) {
  while (in >> std::ws && in.peek() == '#')
    in.ignore(1 << 20, '\n');
  int64_t number = -1;
  in >> number;
  return in ? number : -1;
}

std::optional<Image> readPpm(const std::string &path, std::string &why) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    why = "cannot read '" + path + "'";
    return std::nullopt;
  }
  char magic[2] = {};
  in.read(magic, 2);
  Image image;
  image.width = readNumber(in);
  image.height = readNumber(in);
  int64_t most = readNumber(in);
  constexpr int64_t limit = 1 << 14;
  if (magic[0] != 'P' || magic[1] != '6' || most != 255 || image.width < 1 || image.height < 1 || image.width > limit ||
      image.height > limit) {
    why = "'" + path + "' is no PPM of 8 bits (P6) of at most 16384 x 16384";
    return std::nullopt;
  }
  in.get(); // the one blank before the pixels
  image.pixels.resize(static_cast<size_t>(3 * image.width * image.height));
  in.read(reinterpret_cast<char *>(image.pixels.data()), static_cast<std::streamsize>(image.pixels.size()));
  if (static_cast<size_t>(in.gcount()) != image.pixels.size()) {
    why = "'" + path + "' ends early";
    return std::nullopt;
  }
  return image;
}

namespace {
/// Which pixels of a line become one of the result, and how much of each.
struct Taps {
  int64_t first;
  std::vector<float> shares;
};
} // namespace

static std::vector<Taps> tapsOf(int64_t from, int64_t to) {
  double scale = static_cast<double>(from) / static_cast<double>(to), reach = std::max(scale, 1.0);
  std::vector<Taps> taps;
  for (int64_t i = 0; i < to; ++i) {
    double middle = (static_cast<double>(i) + 0.5) * scale;
    auto first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(middle - reach - 0.5)));
    auto last = std::min(from - 1, static_cast<int64_t>(std::floor(middle + reach - 0.5)));
    Taps own = {first, {}};
    float total = 0;
    for (int64_t x = first; x <= last; ++x) {
      own.shares.push_back(
          static_cast<float>(std::max(0.0, 1 - std::abs(static_cast<double>(x) + 0.5 - middle) / reach)));
      total += own.shares.back();
    }
    for (float &share : own.shares)
      share /= total;
    taps.push_back(std::move(own));
  }
  return taps;
}

std::vector<float> planes(const Image &image, int64_t size) {
  std::vector<Taps> columns = tapsOf(image.width, size), rows = tapsOf(image.height, size);
  // Along the rows first, then down the columns.
  std::vector<float> narrow(static_cast<size_t>(3 * image.height * size));
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < size; ++x)
      for (int64_t c = 0; c < 3; ++c) {
        float sum = 0;
        for (size_t i = 0; i < columns[x].shares.size(); ++i)
          sum +=
              columns[x].shares[i] *
              image.pixels[static_cast<size_t>(3 * (y * image.width + columns[x].first + static_cast<int64_t>(i)) + c)];
        narrow[static_cast<size_t>((c * image.height + y) * size + x)] = sum;
      }
  std::vector<float> result(static_cast<size_t>(3 * size * size));
  for (int64_t c = 0; c < 3; ++c)
    for (int64_t y = 0; y < size; ++y)
      for (int64_t x = 0; x < size; ++x) {
        float sum = 0;
        for (size_t i = 0; i < rows[y].shares.size(); ++i)
          sum += rows[y].shares[i] *
                 narrow[static_cast<size_t>((c * image.height + rows[y].first + static_cast<int64_t>(i)) * size + x)];
        result[static_cast<size_t>((c * size + y) * size + x)] = sum / 127.5f - 1;
      }
  return result;
}
