//===- Sampler.cpp - from logits to the next token ------------------------===//

#include "Sampler.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

int64_t Sampler::next(std::span<const float> logits) {
  if (options.temperature <= 0)
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
  std::vector<int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), int64_t(0));
  size_t kept = options.topK > 0 ? std::min(static_cast<size_t>(options.topK), order.size()) : order.size();
  auto likelier = [&](int64_t a, int64_t b) { return logits[a] > logits[b] || (logits[a] == logits[b] && a < b); };
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(kept), order.end(), likelier);
  std::vector<double> weights(kept);
  double total = 0;
  for (size_t i = 0; i < kept; ++i)
    total += weights[i] = std::exp((logits[order[i]] - logits[order[0]]) / options.temperature);
  // The token that crosses the share is still in.
  double share = 0;
  for (size_t i = 0; i < kept; ++i)
    if ((share += weights[i] / total) >= options.topP) {
      weights.resize(i + 1);
      break;
    }
  return order[std::discrete_distribution<size_t>(weights.begin(), weights.end())(random)];
}
