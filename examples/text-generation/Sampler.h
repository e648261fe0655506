//===- Sampler.h - from logits to the next token ----------------*- C++ -*-===//
#ifndef TEXT_GENERATION_SAMPLER_H
#define TEXT_GENERATION_SAMPLER_H

#include <cstdint>
#include <random>
#include <span>

struct SamplerOptions {
  double temperature = 0; ///< 0: the likeliest token, always
  int64_t topK = 0;       ///< 0: all
  double topP = 1;        ///< the likeliest tokens that make up this share
  uint64_t seed = 0;
};

class Sampler {
public:
  explicit Sampler(const SamplerOptions &options) : options(options), random(options.seed) {}
  int64_t next(std::span<const float> logits);

private:
  SamplerOptions options;
  std::mt19937_64 random;
};

#endif // TEXT_GENERATION_SAMPLER_H
