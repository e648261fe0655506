//===- Decoder.cpp - a decoder and its key/value cache --------------------===//

#include "Decoder.h"
#include <algorithm>

using transom::Error;
using transom::Result;

static Error signature(std::string message) { return {TRANSOM_ERROR_SIGNATURE, std::move(message)}; }

std::optional<Error> Decoder::readSignature(const transom::Model &model) {
  auto inputDescs = model.inputs(), outputDescs = model.outputs();
  for (uint32_t i = 0; i < inputDescs.size(); ++i) {
    std::string name = inputDescs[i].name;
    if (name == "input_ids")
      ids = i;
    else if (name == "attention_mask")
      mask = i;
    else if (name == "position_ids")
      positions = i;
    else if (name.starts_with("past"))
      pastInputs.push_back(i);
    else
      return signature("input '" + name + "' is none that this program knows");
    if (!name.starts_with("past") && inputDescs[i].type != TRANSOM_I64)
      return signature("input '" + name + "' is not of i64");
  }
  auto logitsIndex = model.findOutput("logits");
  if (!ids || !logitsIndex)
    return signature("a decoder has the input input_ids and the output logits");
  logitsOutput = *logitsIndex;
  const TransomValueDesc &logitsDesc = outputDescs[logitsOutput];
  vocabulary = logitsDesc.rank == 3 ? logitsDesc.dims[2] : -1;
  if (logitsDesc.type != TRANSOM_F32 || vocabulary <= 0)
    return signature("the output logits is not f32[batch, sequence, VOCABULARY]");
  for (uint32_t i = 0; i < outputDescs.size(); ++i)
    if (std::string(outputDescs[i].name).starts_with("present"))
      presentOutputs.push_back(i);
  if (presentOutputs.size() != pastInputs.size() || pastInputs.empty())
    return signature("the model has " + std::to_string(pastInputs.size()) + " past inputs and " +
                     std::to_string(presentOutputs.size()) + " present outputs");
  for (uint32_t index : pastInputs) {
    const TransomValueDesc &desc = inputDescs[index];
    std::vector<int64_t> dims(desc.dims, desc.dims + desc.rank);
    // [batch, heads, length, size]: of the two dynamic dims the first is the batch.
    if (desc.type != TRANSOM_F32 || desc.rank != 4 || dims[0] >= 0 || std::count(dims.begin(), dims.end(), -1) != 2)
      return signature("input '" + std::string(desc.name) + "' is not f32[batch, ..., length, ...]");
    dims[0] = 1;
    cacheDims.push_back(std::move(dims));
  }
  return std::nullopt;
}

Result<Decoder> Decoder::create(const transom::Model &model, uint32_t threads, int64_t capacity) {
  transom::ContextOptions options;
  options.threads = threads;
  auto context = model.createContext(options);
  if (!context)
    return context.error();
  Decoder decoder(std::move(*context));
  if (auto error = decoder.readSignature(model))
    return *error;
  decoder.capacity = capacity;
  decoder.inputs.resize(model.inputs().size());
  decoder.outputs.resize(model.outputs().size());
  for (const std::vector<int64_t> &dims : decoder.cacheDims) {
    size_t elements = 1;
    for (int64_t dim : dims)
      elements *= static_cast<size_t>(dim < 0 ? capacity : dim);
    decoder.front.emplace_back(elements);
    decoder.back.emplace_back(elements);
  }
  decoder.maskValues.assign(static_cast<size_t>(capacity), 1);
  return decoder;
}

Result<std::span<const float>> Decoder::step(std::span<const int64_t> tokens) {
  int64_t count = static_cast<int64_t>(tokens.size());
  if (count == 0 || past + count > capacity)
    return signature(std::to_string(past + count) + " tokens where there is room for " + std::to_string(capacity));
  inputs[*ids] = transom::input(tokens, {1, count});
  if (mask)
    inputs[*mask] = transom::input(maskValues, {1, past + count});
  if (positions) {
    positionValues.resize(tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i)
      positionValues[i] = past + static_cast<int64_t>(i);
    inputs[*positions] = transom::input(positionValues, {1, count});
  }
  for (size_t i = 0; i < pastInputs.size(); ++i) {
    std::vector<int64_t> dims = cacheDims[i];
    std::replace(dims.begin(), dims.end(), int64_t(-1), past);
    inputs[pastInputs[i]] = transom::input(front[i], dims);
    outputs[presentOutputs[i]] = transom::output(back[i]);
  }
  logits.resize(static_cast<size_t>(count * vocabulary));
  outputs[logitsOutput] = transom::output(logits);
  if (auto done = context.run(inputs, outputs); !done)
    return done.error();
  front.swap(back);
  past += count;
  return std::span<const float>(logits).last(static_cast<size_t>(vocabulary));
}
