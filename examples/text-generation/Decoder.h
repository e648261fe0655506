//===- Decoder.h - a decoder and its key/value cache ------------*- C++ -*-===//
//
// Knows the inputs and outputs by the names that exporters give them: input_ids,
// attention_mask, position_ids; past_key_values.* with present.* in the same
// order. The cache is two sets of buffers: a run reads one and writes the other.
//
//===----------------------------------------------------------------------===//
#ifndef TEXT_GENERATION_DECODER_H
#define TEXT_GENERATION_DECODER_H

#include <transom/transom.hpp>

class Decoder {
public:
  static transom::Result<Decoder> create(const transom::Model &model, uint32_t threads, int64_t capacity);

  /// Runs `tokens` behind what the cache holds; the logits of the last one, valid until the next step.
  transom::Result<std::span<const float>> step(std::span<const int64_t> tokens);

  int64_t length() const { return past; }

private:
  explicit Decoder(transom::Context context) : context(std::move(context)) {}
  std::optional<transom::Error> readSignature(const transom::Model &model);

  transom::Context context;
  int64_t capacity = 0, past = 0, vocabulary = 0;
  std::optional<uint32_t> ids, mask, positions;
  std::vector<uint32_t> pastInputs, presentOutputs;
  uint32_t logitsOutput = 0;
  std::vector<TransomTensor> inputs, outputs;
  std::vector<std::vector<int64_t>> cacheDims; ///< of each cache, -1 where its length goes; the batch is 1
  std::vector<std::vector<float>> front, back;
  std::vector<int64_t> maskValues, positionValues;
  std::vector<float> logits;
};

#endif // TEXT_GENERATION_DECODER_H
