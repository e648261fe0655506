//===- WeightImage.cpp - constants in the layout that kernels read --------===//

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpDefinition.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace transom;

llvm::Expected<WeightImage> WeightImage::plan(ModuleOp module) {
  WeightImage image;
  auto list = module->getAttrOfType<ArrayAttr>("transformer.weights");
  if (!list)
    return llvm::createStringError("the module has no transformer.weights: it is not after the stage cpu");
  unsigned unnamed = 0;
  for (auto item : list.getAsRange<DictionaryAttr>()) {
    Entry entry;
    entry.value = item.getAs<ElementsAttr>("value");
    if (auto panels = item.getAs<DenseI64ArrayAttr>("layout"))
      entry.layout = panels;
    entry.offset = item.getAs<IntegerAttr>("offset").getInt();
    entry.bytes = item.getAs<IntegerAttr>("bytes").getInt();
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(entry.value))
      entry.name = resource.getRawHandle().getKey().str();
    else
      entry.name = "constant_" + std::to_string(unnamed++);
    image.size = std::max<uint64_t>(image.size, llvm::alignTo(entry.offset + entry.bytes, 64));
    image.entries.push_back(std::move(entry));
  }
  return image;
}

namespace {

/// The bytes of a constant, row-major; i1 a byte, 4-bit two to a byte.
class Contents {
public:
  static llvm::Expected<Contents> of(ElementsAttr value) {
    Contents contents;
    Type element = value.getElementType();
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
      AsmResourceBlob *blob = resource.getRawHandle().getBlob();
      if (!blob)
        return llvm::createStringError("the weight '" + resource.getRawHandle().getKey() + "' has no data");
      contents.bytes = blob->getData();
      return contents;
    }
    auto dense = cast<DenseElementsAttr>(value);
    unsigned bits = element.getIntOrFloatBitWidth();
    auto add = [&](const APInt &number) {
      for (unsigned i = 0; i < std::max(1u, bits / 8); ++i)
        contents.owned.push_back(
            char(number.extractBitsAsZExtValue(std::min(8u, bits - std::min(bits - 1, 8 * i)), 8 * i)));
    };
    if (isa<FloatType>(element)) {
      for (const APFloat &number : dense.getValues<APFloat>())
        add(number.bitcastToAPInt());
    } else if (bits == 4) {
      unsigned count = 0;
      for (const APInt &number : dense.getValues<APInt>()) {
        if (count++ % 2 == 0)
          contents.owned.push_back(char(number.getZExtValue() & 15));
        else
          contents.owned.back() |= char((number.getZExtValue() & 15) << 4);
      }
    } else {
      for (const APInt &number : dense.getValues<APInt>())
        add(bits < 8 ? number.zext(8) : number);
    }
    return contents;
  }
  ArrayRef<char> data() const { return owned.empty() ? bytes : ArrayRef<char>(owned); }

private:
  ArrayRef<char> bytes;
  std::vector<char> owned;
};

/// [..., K, N] (or [..., N, K] when `transposed`) as [..., panels, K, columns],
/// zero beyond N; a panel at a time.
void writePanels(llvm::raw_ostream &os, ArrayRef<char> data, ArrayRef<int64_t> shape, int64_t width, int64_t columns,
                 bool transposed) {
  size_t rank = shape.size();
  int64_t k = shape[rank - (transposed ? 1 : 2)], n = shape[rank - (transposed ? 2 : 1)], batch = 1;
  for (int64_t dim : shape.drop_back(2))
    batch *= dim;
  std::vector<char> panel(k * columns * width);
  for (int64_t m = 0; m < batch; ++m) {
    const char *matrix = data.data() + m * k * n * width;
    for (int64_t first = 0; first < n; first += columns) {
      int64_t count = std::min(columns, n - first);
      if (count < columns)
        std::fill(panel.begin(), panel.end(), 0);
      if (!transposed) {
        for (int64_t row = 0; row < k; ++row)
          memcpy(&panel[row * columns * width], matrix + (row * n + first) * width, count * width);
      } else {
        for (int64_t column = 0; column < count; ++column)
          for (int64_t row = 0; row < k; ++row)
            memcpy(&panel[(row * columns + column) * width], matrix + ((first + column) * k + row) * width, width);
      }
      os.write(panel.data(), panel.size());
    }
  }
}

/// Passes on what is written, and hashes it.
class HashingStream : public llvm::raw_ostream {
public:
  explicit HashingStream(llvm::raw_ostream &os) : raw_ostream(true), os(os) {}
  std::string hash() {
    auto digest = sha.final();
    return llvm::toHex(ArrayRef<uint8_t>(digest.data(), digest.size()), /*LowerCase=*/true);
  }

private:
  void write_impl(const char *data, size_t size) override {
    sha.update(ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(data), size));
    os.write(data, size);
    position += size;
  }
  uint64_t current_pos() const override { return position; }

  llvm::raw_ostream &os;
  llvm::SHA256 sha;
  uint64_t position = 0;
};

} // namespace

llvm::Expected<std::string> WeightImage::write(llvm::raw_ostream &os) const {
  HashingStream stream(os);
  uint64_t position = 0;
  auto pad = [&](uint64_t to) {
    stream.write_zeros(to - position);
    position = to;
  };
  for (const Entry &entry : entries) {
    auto contents = Contents::of(entry.value);
    if (!contents)
      return contents.takeError();
    pad(entry.offset);
    auto type = cast<RankedTensorType>(entry.value.getType());
    if (auto panels = dyn_cast_if_present<DenseI64ArrayAttr>(entry.layout)) {
      writePanels(stream, contents->data(), type.getShape(), type.getElementType().getIntOrFloatBitWidth() / 8,
                  panels[0], panels[1]);
    } else {
      if (contents->data().size() != entry.bytes)
        return llvm::createStringError("the weight '" + entry.name + "' has " + llvm::Twine(contents->data().size()) +
                                       " bytes where its type needs " + llvm::Twine(entry.bytes));
      stream.write(contents->data().data(), entry.bytes);
    }
    position = entry.offset + entry.bytes;
  }
  pad(size);
  return stream.hash();
}
