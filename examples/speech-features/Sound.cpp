//===- Sound.cpp - from a recording to a log-mel spectrogram --------------===//

#include "Sound.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>

/// Of the file's bytes, lowest first.
template <typename T> static T numberAt(const std::vector<char> &bytes, size_t at) {
  T number = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    number = static_cast<T>(number | static_cast<T>(static_cast<uint8_t>(bytes[at + i])) << (8 * i));
  return number;
}

std::optional<std::vector<float>> readWav(const std::string &path, std::string &why) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    why = "cannot read '" + path + "'";
    return std::nullopt;
  }
  std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  why = "'" + path + "' is no WAV file of one channel, 16 bits, 16 kHz";
  if (bytes.size() < 12 || std::memcmp(bytes.data(), "RIFF", 4) || std::memcmp(bytes.data() + 8, "WAVE", 4))
    return std::nullopt;
  bool known = false;
  for (size_t at = 12; at + 8 <= bytes.size();) {
    size_t size = numberAt<uint32_t>(bytes, at + 4), body = at + 8;
    size = std::min(size, bytes.size() - body);
    if (!std::memcmp(bytes.data() + at, "fmt ", 4) && size >= 16)
      known = numberAt<uint16_t>(bytes, body) == 1 && numberAt<uint16_t>(bytes, body + 2) == 1 &&
              numberAt<uint32_t>(bytes, body + 4) == sampleRate && numberAt<uint16_t>(bytes, body + 14) == 16;
    if (!std::memcmp(bytes.data() + at, "data", 4)) {
      if (!known)
        return std::nullopt;
      std::vector<float> samples(size / 2);
      for (size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<float>(static_cast<int16_t>(numberAt<uint16_t>(bytes, body + 2 * i))) / 32768.0f;
      return samples;
    }
    at = body + size + size % 2;
  }
  return std::nullopt;
}

/// Slaney's scale: 15 mels a kHz up to 1 kHz, then logarithmic.
static double hertz(double mel) { return mel < 15 ? mel * 200 / 3 : 1000 * std::exp((mel - 15) * std::log(6.4) / 27); }
static double mel(double hertz) {
  return hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * std::log(hertz / 1000) / std::log(6.4);
}

/// [mels, window / 2 + 1]: triangles of one area.
static std::vector<float> bands(int64_t mels) {
  constexpr int64_t bins = window / 2 + 1;
  std::vector<double> edges;
  for (int64_t i = 0; i < mels + 2; ++i)
    edges.push_back(hertz(mel(sampleRate / 2.0) * static_cast<double>(i) / static_cast<double>(mels + 1)));
  std::vector<float> weights(static_cast<size_t>(mels * bins));
  for (int64_t m = 0; m < mels; ++m)
    for (int64_t k = 0; k < bins; ++k) {
      double f = static_cast<double>(k * sampleRate) / window;
      double up = (f - edges[m]) / (edges[m + 1] - edges[m]), down = (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1]);
      weights[static_cast<size_t>(m * bins + k)] =
          static_cast<float>(std::max(0.0, std::min(up, down)) * 2 / (edges[m + 2] - edges[m]));
    }
  return weights;
}

std::vector<float> logMel(std::vector<float> samples, int64_t mels, int64_t frames) {
  constexpr int64_t bins = window / 2 + 1;
  int64_t length = frames * hop;
  samples.resize(static_cast<size_t>(length), 0.0f);
  // The first and the last window reach over the ends: mirrored, without the sample at the end itself.
  auto at = [&](int64_t i) {
    i = i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i;
    return static_cast<double>(samples[static_cast<size_t>(i)]);
  };
  std::vector<double> hann(window), cosine(window), sine(window);
  for (int64_t i = 0; i < window; ++i) {
    double angle = 2 * std::numbers::pi * static_cast<double>(i) / window;
    hann[i] = 0.5 - 0.5 * std::cos(angle);
    cosine[i] = std::cos(angle);
    sine[i] = std::sin(angle);
  }
  std::vector<float> filters = bands(mels), result(static_cast<size_t>(mels * frames));
  std::vector<double> windowed(window), powers(bins);
  float loudest = -1e9f;
  for (int64_t frame = 0; frame < frames; ++frame) {
    for (int64_t i = 0; i < window; ++i)
      windowed[i] = hann[i] * at(frame * hop + i - window / 2);
    for (int64_t k = 0; k < bins; ++k) {
      double real = 0, imaginary = 0;
      for (int64_t i = 0; i < window; ++i) {
        real += windowed[i] * cosine[k * i % window];
        imaginary -= windowed[i] * sine[k * i % window];
      }
      powers[k] = real * real + imaginary * imaginary;
    }
    for (int64_t m = 0; m < mels; ++m) {
      double sum = 0;
      for (int64_t k = 0; k < bins; ++k)
        sum += static_cast<double>(filters[static_cast<size_t>(m * bins + k)]) * powers[k];
      auto level = static_cast<float>(std::log10(std::max(sum, 1e-10)));
      result[static_cast<size_t>(m * frames + frame)] = level;
      loudest = std::max(loudest, level);
    }
  }
  for (float &level : result)
    level = (std::max(level, loudest - 8) + 4) / 4;
  return result;
}
