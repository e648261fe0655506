//===- NpyFile.cpp - numpy's files ----------------------------------------===//
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: a
// magic, the length of a Python dictionary, the dictionary, the elements. An
// .npz is a zip of such files.
//
//===----------------------------------------------------------------------===//

#include "Tensor.h"
#include "transom/transom.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace transom;
using support::endian::read16le, support::endian::read32le;

static constexpr std::pair<StringRef, int32_t> codes[] = {
    {"<f4", TRANSOM_F32}, {"<f8", TRANSOM_F64}, {"<f2", TRANSOM_F16}, {"<i8", TRANSOM_I64},
    {"<i4", TRANSOM_I32}, {"<i2", TRANSOM_I16}, {"|i1", TRANSOM_I8},  {"<u8", TRANSOM_U64},
    {"<u4", TRANSOM_U32}, {"<u2", TRANSOM_U16}, {"|u1", TRANSOM_U8},  {"|b1", TRANSOM_BOOL}};

/// The text behind 'key': in numpy's dictionary, which has no nesting but the shape's tuple.
static std::optional<StringRef> entry(StringRef dictionary, StringRef key) {
  size_t at = dictionary.find(("'" + key + "':").str());
  if (at == StringRef::npos)
    return std::nullopt;
  return dictionary.substr(at + key.size() + 3).ltrim();
}

Expected<cli::Tensor> cli::parseNpy(StringRef content, const Twine &where, int32_t wanted) {
  auto failure = [&](const Twine &why) { return createStringError(where + ": " + why); };
  if (!content.consume_front("\x93NUMPY") || content.size() < 4)
    return failure("not a .npy file");
  unsigned version = static_cast<unsigned char>(content[0]);
  size_t lengthBytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 || content.size() < 2 + lengthBytes)
    return failure(".npy version " + Twine(version) + " is not known");
  size_t length = version == 1 ? read16le(content.data() + 2) : read32le(content.data() + 2);
  content = content.drop_front(2 + lengthBytes);
  if (content.size() < length)
    return failure("the .npy header is truncated");
  StringRef dictionary = content.take_front(length), elements = content.drop_front(length);
  auto descr = entry(dictionary, "descr"), order = entry(dictionary, "fortran_order"),
       shape = entry(dictionary, "shape");
  if (!descr || !order || !shape || !descr->consume_front("'") || !shape->consume_front("("))
    return failure("the .npy header '" + dictionary.trim() + "' is not understood");
  if (order->starts_with("True"))
    return failure("the array is in Fortran's order; save numpy.ascontiguousarray of it");

  Tensor tensor;
  StringRef code = descr->split('\'').first;
  for (auto [known, type] : codes)
    if (code == known)
      tensor.type = type;
  // Raw elements, as ml_dtypes are saved.
  if (!tensor.type && (code == "|V2" || code == "<V2") && wanted == TRANSOM_BF16)
    tensor.type = wanted;
  bool isF8 = (wanted >= TRANSOM_F8E4M3FN && wanted <= TRANSOM_F8E5M2FNUZ) || wanted == TRANSOM_F8E8M0FNU;
  if (!tensor.type && (code == "|V1" || code == "<V1") && isF8)
    tensor.type = wanted;
  if (!tensor.type)
    return failure("the element type '" + code + "' is not supported");
  for (StringRef part : split(shape->split(')').first, ',')) {
    int64_t dim;
    if (part.trim().empty())
      continue;
    if (part.trim().getAsInteger(10, dim) || dim < 0)
      return failure("the shape in the .npy header has the dim '" + part.trim() + "'");
    tensor.shape.push_back(dim);
  }
  auto bytes = denseBytes(tensor.type, tensor.shape);
  if (!bytes)
    return failure(toString(bytes.takeError()));
  if (elements.size() != *bytes)
    return failure("has " + Twine(elements.size()) + " bytes of elements where " + tensor.text() + " takes " +
                   Twine(*bytes));
  tensor.data.assign(elements.begin(), elements.end());
  return tensor;
}

static Expected<std::unique_ptr<MemoryBuffer>> open(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  return std::move(*buffer);
}

Expected<cli::Tensor> cli::readNpy(StringRef path, int32_t wanted) {
  auto buffer = open(path);
  if (!buffer)
    return buffer.takeError();
  return parseNpy((*buffer)->getBuffer(), "'" + path + "'", wanted);
}

std::string cli::npyText(int32_t type, ArrayRef<int64_t> shape, StringRef data) {
  std::string code = transom_type_bits(type) == 16 ? "|V2" : "|V1";
  for (auto [known, knownType] : codes)
    if (type == knownType)
      code = known.str();
  std::string header = "{'descr': '" + code + "', 'fortran_order': False, 'shape': (";
  for (int64_t dim : shape)
    header += std::to_string(dim) + ",";
  header += "), }";
  // The elements start at a multiple of 64.
  constexpr size_t prefix = 10;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 255);
  text += static_cast<char>(header.size() >> 8);
  return text + header + data.str();
}

Expected<std::vector<cli::Tensor>> cli::readNpz(StringRef path) {
  auto buffer = open(path);
  if (!buffer)
    return buffer.takeError();
  StringRef content = (*buffer)->getBuffer();
  auto failure = [&](const Twine &why) { return createStringError("'" + path + "': " + why); };
  // The directory's end comes last, before a comment of at most 64 KiB.
  size_t end = content.rfind(StringRef("PK\x05\x06", 4));
  if (end == StringRef::npos || content.size() - end < 22)
    return failure("not a .npz file");
  unsigned count = read16le(content.data() + end + 10);
  uint64_t at = read32le(content.data() + end + 16);
  std::vector<Tensor> tensors;
  for (unsigned i = 0; i < count; ++i) {
    if (at + 46 > content.size() || !content.substr(at).starts_with(StringRef("PK\x01\x02", 4)))
      return failure("the directory of the .npz file is damaged");
    const char *record = content.data() + at;
    unsigned method = read16le(record + 10), nameBytes = read16le(record + 28);
    uint64_t size = read32le(record + 24), local = read32le(record + 42);
    StringRef name = content.substr(at + 46, nameBytes);
    at += 46 + nameBytes + read16le(record + 30) + read16le(record + 32);
    if (method != 0)
      return failure("member '" + name + "' is compressed; write it with numpy.savez");
    if (size == UINT32_MAX || local == UINT32_MAX)
      return failure("member '" + name + "' is larger than 4 GiB; save it as .npy");
    if (local + 30 > content.size())
      return failure("member '" + name + "' is damaged");
    uint64_t start = local + 30 + read16le(content.data() + local + 26) + read16le(content.data() + local + 28);
    if (start > content.size() || size > content.size() - start)
      return failure("member '" + name + "' is truncated");
    auto tensor = parseNpy(content.substr(start, size), "'" + path + "', member '" + name + "'");
    if (!tensor)
      return tensor.takeError();
    name.consume_back(".npy");
    tensor->name = name.str();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}
