//===- classify.cpp - what is in these images -----------------------------===//
//
//   classify [--labels FILE] [--top N] IMAGE.ppm...
//
// Runs all images as one batch and prints for each the likeliest labels with
// their probabilities. The image's size comes from the model's signature.
//
//===----------------------------------------------------------------------===//

#include "Image.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <numeric>
#include <transom/transom.hpp>
#include <utility>

extern "C" const TransomLibrary *MODEL_LIBRARY(void);

static int complain(const std::string &message, int status = 1) {
  std::fprintf(stderr, "classify: %s\n", message.c_str());
  return status;
}

static void print(const std::string &path, std::span<const float> logits, const std::vector<std::string> &labels,
                  size_t top) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return std::pair(-logits[a], a) < std::pair(-logits[b], b); });
  double total = 0;
  for (float logit : logits)
    total += std::exp(static_cast<double>(logit - logits[order.front()]));
  std::printf("%s\n", path.c_str());
  for (size_t label : std::span(order).first(std::min(top, order.size()))) {
    std::string name = label < labels.size() ? labels[label] : "label " + std::to_string(label);
    std::printf("  %5.1f%%  %s\n", 100 * std::exp(static_cast<double>(logits[label] - logits[order.front()])) / total,
                name.c_str());
  }
}

int main(int argc, char **argv) {
  std::vector<std::string> paths, labels;
  size_t top = 3;
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--labels") {
      std::ifstream file(value);
      if (!file)
        return complain("cannot read the labels '" + std::string(value) + "'");
      for (std::string line; std::getline(file, line);)
        labels.push_back(line);
      ++i;
    } else if (flag == "--top") {
      if (std::from_chars(value, value + std::strlen(value), top).ec != std::errc() || top < 1)
        return complain("--top takes a number", 2);
      ++i;
    } else {
      paths.push_back(flag);
    }
  }
  if (paths.empty())
    return complain("usage: classify [--labels FILE] [--top N] IMAGE.ppm...", 2);

  auto model = transom::Model::open(MODEL_LIBRARY());
  if (!model)
    return complain(model.error().message);
  const TransomValueDesc &pixels = model->inputs()[0], &scores = model->outputs()[0];
  if (model->inputs().size() != 1 || pixels.type != TRANSOM_F32 || pixels.rank != 4 || pixels.dims[1] != 3 ||
      pixels.dims[2] < 1 || pixels.dims[2] != pixels.dims[3] || scores.type != TRANSOM_F32 || scores.rank != 2)
    return complain("the model is not f32[batch, 3, SIZE, SIZE] to f32[batch, LABELS]");
  int64_t size = pixels.dims[2];
  std::vector<float> batch;
  for (const std::string &path : paths) {
    std::string why;
    auto image = readPpm(path, why);
    if (!image)
      return complain(why);
    std::vector<float> own = planes(*image, size);
    batch.insert(batch.end(), own.begin(), own.end());
  }

  auto context = model->createContext();
  if (!context)
    return complain(context.error().message);
  auto count = static_cast<int64_t>(paths.size());
  TransomTensor inputs[] = {transom::input(batch, {count, 3, size, size})};
  TransomTensor outputs[] = {TransomTensor{}}; // in the context's memory
  if (auto done = context->run(inputs, outputs); !done)
    return complain(done.error().message);
  std::span<const float> logits = *transom::values<const float>(outputs[0]);
  size_t each = logits.size() / paths.size();
  for (size_t i = 0; i < paths.size(); ++i)
    print(paths[i], logits.subspan(i * each, each), labels, top);
}
