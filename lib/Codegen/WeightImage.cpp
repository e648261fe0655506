//===- WeightImage.cpp - constants in the layout that kernels read --------===//

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpDefinition.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"
#include <cmath>

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
    if (auto parts = item.getAs<ArrayAttr>("parts")) {
      for (auto part : parts.getAsRange<ElementsAttr>())
        entry.parts.push_back(part);
      entry.axis = item.getAs<IntegerAttr>("axis").getInt();
    }
    if (auto panels = item.getAs<DenseI64ArrayAttr>("layout"))
      entry.layout = panels;
    if (auto rounded = item.getAs<TypeAttr>("rounded"))
      entry.rounded = rounded.getValue();
    entry.offset = item.getAs<IntegerAttr>("offset").getInt();
    entry.bytes = item.getAs<IntegerAttr>("bytes").getInt();
    std::vector<std::string> names;
    for (ElementsAttr part : entry.value ? std::vector<ElementsAttr>{entry.value} : entry.parts)
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(part))
        names.push_back(resource.getRawHandle().getKey().str());
    entry.name = names.empty() ? "constant_" + std::to_string(unnamed++) : llvm::join(names, "+");
    image.size = std::max<uint64_t>(image.size, llvm::alignTo(entry.offset + entry.bytes, 64));
    image.entries.push_back(std::move(entry));
  }
  return image;
}

RankedTensorType WeightImage::Entry::type() const {
  auto first = cast<RankedTensorType>((value ? value : parts.front()).getType());
  SmallVector<int64_t> shape(first.getShape());
  for (size_t i = 1; i < parts.size(); ++i)
    shape[axis] += cast<RankedTensorType>(parts[i].getType()).getDimSize(axis);
  return RankedTensorType::get(shape, rounded ? rounded : first.getElementType());
}

namespace {

/// The bytes of a constant, row-major; i1 a byte, elements of 4 and 2 bits packed.
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
    // Elements that share a byte, the first one in its low bits.
    unsigned filled = 8;
    auto pack = [&](const APInt &number) {
      if (filled == 8) {
        contents.owned.push_back(0);
        filled = 0;
      }
      contents.owned.back() |= char(number.getZExtValue() << filled);
      filled += bits;
    };
    if (bits < 8 && bits > 1) {
      if (isa<FloatType>(element))
        for (const APFloat &number : dense.getValues<APFloat>())
          pack(number.bitcastToAPInt());
      else
        for (const APInt &number : dense.getValues<APInt>())
          pack(number);
    } else if (isa<FloatType>(element)) {
      for (const APFloat &number : dense.getValues<APFloat>())
        add(number.bitcastToAPInt());
    } else {
      for (const APInt &number : dense.getValues<APInt>())
        add(bits < 8 ? number.zext(8) : number);
    }
    return contents;
  }
  /// Constants joined along an axis; at least a byte an element.
  static llvm::Expected<Contents> of(ArrayRef<ElementsAttr> parts, int64_t axis) {
    SmallVector<Contents> read;
    SmallVector<int64_t> chunks; ///< bytes of each part for one index of the dims before the axis
    int64_t outer = 1;
    for (ElementsAttr part : parts) {
      auto contents = of(part);
      if (!contents)
        return contents.takeError();
      read.push_back(std::move(*contents));
      auto type = cast<RankedTensorType>(part.getType());
      outer = 1;
      for (int64_t dim : type.getShape().take_front(axis))
        outer *= dim;
      chunks.push_back(outer ? read.back().data().size() / outer : 0);
    }
    Contents joined;
    for (int64_t i = 0; i < outer; ++i)
      for (auto [contents, chunk] : llvm::zip(read, chunks))
        joined.owned.insert(joined.owned.end(), contents.data().begin() + i * chunk,
                            contents.data().begin() + (i + 1) * chunk);
    return joined;
  }
  /// f32 numbers as f16 or bf16, rounded to nearest even; what is beyond f16 becomes infinite.
  Contents rounded(Type to) const {
    Contents narrow;
    size_t count = data().size() / sizeof(float);
    narrow.owned.resize(count * sizeof(uint16_t));
    for (size_t i = 0; i < count; ++i) {
      float number;
      memcpy(&number, data().data() + i * sizeof(float), sizeof(float));
      uint16_t bits;
      if (to.isF16()) {
        bits = llvm::bit_cast<uint16_t>(static_cast<_Float16>(number));
      } else {
        uint32_t wide = llvm::bit_cast<uint32_t>(number);
        // A NaN's payload must not be rounded away.
        bits = std::isnan(number) ? (wide >> 16) | 0x40 : (wide + 0x7fff + (wide >> 16 & 1)) >> 16;
      }
      memcpy(&narrow.owned[i * sizeof(bits)], &bits, sizeof(bits));
    }
    return narrow;
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

/// [K, N] (or [N, K] when `transposed`) of 8-bit numbers as [panels, K / taps, columns, taps], a panel
/// followed by the sums of its columns in i32, as of signed numbers: less 128 where they are unsigned.
void writeIntegerPanels(llvm::raw_ostream &os, ArrayRef<char> data, ArrayRef<int64_t> shape, bool isUnsigned,
                        int64_t columns, bool transposed, int64_t taps) {
  int64_t k = shape[transposed ? 1 : 0], n = shape[transposed ? 0 : 1];
  int64_t lines = llvm::alignTo(k, taps);
  std::vector<char> panel(columns * (lines + sizeof(int32_t)));
  for (int64_t first = 0; first < n; first += columns) {
    std::fill(panel.begin(), panel.end(), 0);
    for (int64_t column = 0; column < std::min(columns, n - first); ++column) {
      int32_t sum = 0;
      for (int64_t row = 0; row < k; ++row) {
        char number = data[transposed ? (first + column) * k + row : row * n + first + column];
        panel[(row / taps * columns + column) * taps + row % taps] = number;
        sum += isUnsigned ? int32_t(uint8_t(number)) - 128 : int32_t(int8_t(number));
      }
      memcpy(&panel[columns * lines + column * sizeof(sum)], &sum, sizeof(sum));
    }
    os.write(panel.data(), panel.size());
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
    auto contents = entry.value ? Contents::of(entry.value) : Contents::of(entry.parts, entry.axis);
    if (!contents)
      return contents.takeError();
    if (entry.rounded)
      contents = contents->rounded(entry.rounded);
    pad(entry.offset);
    RankedTensorType type = entry.type();
    if (auto panels = dyn_cast_if_present<DenseI64ArrayAttr>(entry.layout)) {
      if (panels[2] > 1)
        writeIntegerPanels(stream, contents->data(), type.getShape(), type.getElementType().isUnsignedInteger(),
                           panels[0], panels[1], panels[2]);
      else
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
