//===- WeightsFile.cpp - the sidecar as a safetensors file ----------------===//
//
// Eight bytes of length, a JSON header padded with spaces up to a page, the
// weight image. Readers of safetensors insist that tensors follow each other
// without gaps, so what aligns the image's entries is named as well.
//
//===----------------------------------------------------------------------===//

#include "transom/Package/Package.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace transom;

namespace {
constexpr uint64_t pageBytes = 4096;

struct Tensor {
  std::string type = "U8";
  std::vector<int64_t> shape;
};

/// Unpacked weights keep their type and shape; what is packed is bytes.
Tensor describe(const WeightImage::Entry &entry) {
  if (!entry.layout && entry.value) {
    mlir::RankedTensorType shaped = entry.type();
    ElementType type = elementTypeOf(shaped.getElementType());
    if (*type.safetensors && entry.bytes == static_cast<uint64_t>(shaped.getNumElements()) * type.bits / 8)
      return {type.safetensors, shaped.getShape().vec()};
  }
  return {"U8", {static_cast<int64_t>(entry.bytes)}};
}
} // namespace

Expected<std::string> transom::weightsFileHeader(const WeightImage &image, StringRef name) {
  std::vector<const WeightImage::Entry *> order;
  for (const WeightImage::Entry &entry : image.entries)
    if (entry.bytes)
      order.push_back(&entry);
  llvm::sort(order, [](auto *a, auto *b) { return std::tie(a->offset, a) < std::tie(b->offset, b); });

  std::string header;
  raw_string_ostream os(header);
  json::OStream out(os);
  StringSet<> names;
  names.insert("__metadata__");
  uint64_t end = 0;
  auto write = [&](StringRef wanted, const Tensor &tensor, uint64_t from, uint64_t to) {
    std::string base = json::isUTF8(wanted) ? wanted.str() : json::fixUTF8(wanted);
    if (base.empty())
      base = "constant";
    std::string unique = base;
    for (unsigned i = 2; !names.insert(unique).second; ++i)
      unique = base + "." + std::to_string(i);
    out.attributeObject(unique, [&] {
      out.attribute("dtype", tensor.type);
      out.attributeArray("shape", [&] {
        for (int64_t dim : tensor.shape)
          out.value(dim);
      });
      out.attributeArray("data_offsets", [&] {
        out.value(from);
        out.value(to);
      });
    });
  };
  auto fill = [&](uint64_t from, uint64_t to) {
    if (from < to)
      write("__padding__", {"U8", {static_cast<int64_t>(to - from)}}, from, to);
  };
  std::string overlap;
  out.object([&] {
    out.attributeObject("__metadata__", [&] {
      out.attribute("format", "transom");
      out.attribute("model", name);
      out.attribute("version", version);
    });
    const WeightImage::Entry *last = nullptr;
    for (const WeightImage::Entry *entry : order) {
      // Equal weights are there once; the first one names them.
      if (last && entry->offset == last->offset && entry->bytes == last->bytes)
        continue;
      if (entry->offset < end) {
        overlap = entry->name;
        return;
      }
      fill(end, entry->offset);
      write(entry->name, describe(*entry), entry->offset, entry->offset + entry->bytes);
      end = entry->offset + entry->bytes;
      last = entry;
    }
    fill(end, image.bytes());
  });
  if (!overlap.empty() || end > image.bytes())
    return createStringError("the weight image is inconsistent at '" + overlap + "'");
  header.append(alignTo(header.size() + 8, pageBytes) - header.size() - 8, ' ');
  std::string result(8, '\0');
  support::endian::write64le(result.data(), header.size());
  return result + header;
}
