//===- Image.h - from a file to what a vision transformer reads -*- C++ -*-===//
#ifndef IMAGE_CLASSIFICATION_IMAGE_H
#define IMAGE_CLASSIFICATION_IMAGE_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct Image {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> pixels; ///< rows from the top, three bytes each: red, green, blue
};

/// A binary PPM (P6, 8 bits); nothing, with the reason in `why`, where it is none.
std::optional<Image> readPpm(const std::string &path, std::string &why);

/// [3, size, size]: scaled with the weights of a triangle as wide as a pixel of the result (bilinear, smoothed where it
/// shrinks), then from 0 ... 1 to -1 ... 1, as ViT's preprocessing has it.
std::vector<float> planes(const Image &image, int64_t size);

#endif // IMAGE_CLASSIFICATION_IMAGE_H
