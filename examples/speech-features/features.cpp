//===- features.cpp - what a Whisper encoder makes of recordings ----------===//
//
//   features [--output FILE.npy] RECORDING.wav...
//
// Each recording becomes a log-mel spectrogram as long as the model's signature
// names, all of them one batch. Prints the states' shape and norms; --output
// writes them as NumPy's array.
//
//===----------------------------------------------------------------------===//

#include "Sound.h"
#include <cmath>
#include <cstdio>
#include <fstream>
#include <transom/transom.hpp>

extern "C" const TransomLibrary *MODEL_LIBRARY(void);

static int complain(const std::string &message, int status = 1) {
  std::fprintf(stderr, "features: %s\n", message.c_str());
  return status;
}

/// NumPy's format 1.0.
static bool writeNpy(const std::string &path, const TransomTensor &tensor, std::span<const float> values) {
  std::string shape;
  for (int32_t d = 0; d < tensor.rank; ++d)
    shape += std::to_string(tensor.shape[d]) + ", ";
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize((header.size() + 10) / 64 * 64 + 53, ' ');
  header += '\n';
  std::ofstream out(path, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  char size[] = {static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  out.write(size, 2);
  out << header;
  out.write(reinterpret_cast<const char *>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
  return static_cast<bool>(out.flush());
}

int main(int argc, char **argv) {
  std::vector<std::string> paths;
  std::string output;
  for (int i = 1; i < argc; ++i)
    if (std::string(argv[i]) == "--output" && i + 1 < argc)
      output = argv[++i];
    else
      paths.push_back(argv[i]);
  if (paths.empty())
    return complain("usage: features [--output FILE.npy] RECORDING.wav...", 2);

  auto model = transom::Model::open(MODEL_LIBRARY());
  if (!model)
    return complain(model.error().message);
  const TransomValueDesc &spectrogram = model->inputs()[0];
  if (model->inputs().size() != 1 || spectrogram.type != TRANSOM_F32 || spectrogram.rank != 3 ||
      spectrogram.dims[1] < 1 || spectrogram.dims[2] < 1 || model->outputs()[0].type != TRANSOM_F32)
    return complain("the model does not take f32[batch, MELS, FRAMES]");
  int64_t mels = spectrogram.dims[1], frames = spectrogram.dims[2], count = static_cast<int64_t>(paths.size());
  std::vector<float> batch;
  for (const std::string &path : paths) {
    std::string why;
    auto samples = readWav(path, why);
    if (!samples)
      return complain(why);
    std::vector<float> own = logMel(std::move(*samples), mels, frames);
    batch.insert(batch.end(), own.begin(), own.end());
  }

  auto context = model->createContext();
  if (!context)
    return complain(context.error().message);
  TransomTensor inputs[] = {transom::input(batch, {count, mels, frames})};
  TransomTensor outputs[] = {TransomTensor{}};
  if (auto done = context->run(inputs, outputs); !done)
    return complain(done.error().message);
  std::span<const float> states = *transom::values<const float>(outputs[0]);
  size_t each = states.size() / paths.size();
  for (size_t i = 0; i < paths.size(); ++i) {
    double square = 0;
    for (float x : states.subspan(i * each, each))
      square += static_cast<double>(x) * x;
    std::printf("%s: %lld x %lld, root mean square %.6f\n", paths[i].c_str(),
                static_cast<long long>(outputs[0].shape[1]), static_cast<long long>(outputs[0].shape[2]),
                std::sqrt(square / static_cast<double>(each)));
  }
  if (!output.empty() && !writeNpy(output, outputs[0], states))
    return complain("cannot write '" + output + "'");
}
