//===- WeightsInPlace.cpp - what protobuf need not hold of a model --------===//

#include "WeightsInPlace.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <utility>

using namespace llvm;
using namespace transom;

namespace {

/// Below it, a copy costs less than a page that is mapped for it.
constexpr size_t leastBytes = 4096;

enum Wire : unsigned { varint = 0, eightBytes = 1, lengthDelimited = 2, fourBytes = 5 };

// onnx.proto3
constexpr uint64_t graphOfModel = 7, initializerOfGraph = 5;
constexpr uint64_t nameOfTensor = 8, rawDataOfTensor = 9, dataLocationOfTensor = 14;

struct Field {
  uint64_t number;
  Wire wire;
  StringRef whole;   ///< with its key
  StringRef payload; ///< of a length-delimited one
};

std::optional<uint64_t> takeVarint(StringRef &rest) {
  constexpr size_t mostBytes = 10;
  unsigned count = 0;
  const char *error = nullptr;
  uint64_t value = decodeULEB128(rest.bytes_begin(), &count, rest.take_front(mostBytes).bytes_end(), &error);
  if (error)
    return std::nullopt;
  rest = rest.drop_front(count);
  return value;
}

/// The first field of a message; nothing where it is not well-formed.
std::optional<Field> takeField(StringRef &rest) {
  StringRef start = rest;
  std::optional<uint64_t> key = takeVarint(rest), size;
  if (!key)
    return std::nullopt;
  Field field = {*key >> 3, Wire(*key & 7), {}, {}};
  switch (field.wire) {
  case varint: size = takeVarint(rest) ? std::optional<uint64_t>(0) : std::nullopt; break;
  case eightBytes: size = 8; break;
  case fourBytes: size = 4; break;
  case lengthDelimited: size = takeVarint(rest); break;
  default: return std::nullopt; // groups, which ONNX has none of
  }
  if (!size || *size > rest.size())
    return std::nullopt;
  field.payload = rest.take_front(*size);
  rest = rest.drop_front(*size);
  field.whole = start.drop_back(rest.size());
  return field;
}

} // namespace

WeightsInPlace::WeightsInPlace(StringRef file) {
  if (splitModel(file))
    return;
  weights.clear();
  pieces = {file};
}

uint64_t WeightsInPlace::bytes() const {
  uint64_t sum = 0;
  for (StringRef piece : pieces)
    sum += piece.size();
  return sum;
}

void WeightsInPlace::add(StringRef piece) {
  if (piece.empty())
    return;
  if (!pieces.empty() && pieces.back().end() == piece.begin())
    pieces.back() = StringRef(pieces.back().data(), pieces.back().size() + piece.size());
  else
    pieces.push_back(piece);
}

/// Puts the key of a message, and the length of the pieces that make it up, in front of them.
void WeightsInPlace::addLength(uint64_t field, size_t firstPiece) {
  uint64_t length = 0;
  for (StringRef piece : ArrayRef<StringRef>(pieces).drop_front(firstPiece))
    length += piece.size();
  raw_string_ostream os(made.emplace_back());
  encodeULEB128(field << 3 | lengthDelimited, os);
  encodeULEB128(length, os);
  pieces.insert(pieces.begin() + firstPiece, os.str());
}

bool WeightsInPlace::splitModel(StringRef model) {
  bool hasGraph = false;
  while (!model.empty()) {
    std::optional<Field> field = takeField(model);
    if (!field)
      return false;
    if (field->number != graphOfModel || field->wire != lengthDelimited) {
      add(field->whole);
      continue;
    }
    // What comes twice protobuf merges.
    if (std::exchange(hasGraph, true))
      return false;
    size_t first = pieces.size();
    if (!splitGraph(field->payload))
      return false;
    addLength(graphOfModel, first);
  }
  return true;
}

bool WeightsInPlace::splitGraph(StringRef graph) {
  while (!graph.empty()) {
    std::optional<Field> field = takeField(graph);
    if (!field)
      return false;
    if (field->number != initializerOfGraph || field->wire != lengthDelimited || field->payload.size() < leastBytes) {
      add(field->whole);
      continue;
    }
    size_t first = pieces.size();
    if (splitTensor(field->payload)) {
      addLength(initializerOfGraph, first);
    } else {
      pieces.resize(first);
      add(field->whole);
    }
  }
  return true;
}

/// False where the tensor stays as it is; pieces of it may have been added.
bool WeightsInPlace::splitTensor(StringRef tensor) {
  StringRef name;
  std::optional<StringRef> raw;
  while (!tensor.empty()) {
    std::optional<Field> field = takeField(tensor);
    if (!field || field->number == dataLocationOfTensor)
      return false;
    bool isText = field->wire == lengthDelimited;
    if (field->number == rawDataOfTensor && isText) {
      if (raw)
        return false;
      raw = field->payload;
      add(made.emplace_back(std::string{char(rawDataOfTensor << 3 | lengthDelimited), char(standInBytes), '\0'}));
      continue;
    }
    if (field->number == nameOfTensor && isText)
      name = field->payload;
    add(field->whole);
  }
  // Two of one name are an error, which the importer finds.
  return raw && raw->size() >= leastBytes && !name.empty() &&
         weights.try_emplace(name, raw->data(), raw->size()).second;
}
