//===- WeightImage.cpp - constants in the layout that kernels read --------===//

#include "Sha256.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpDefinition.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/ThreadPool.h"
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

bool WeightImage::isSameAs(const WeightImage &other) const {
  auto placed = [](const Entry &entry) {
    return std::tie(entry.value, entry.parts, entry.axis, entry.layout, entry.rounded, entry.offset, entry.bytes);
  };
  return size == other.size &&
         llvm::equal(entries, other.entries, [&](const Entry &a, const Entry &b) { return placed(a) == placed(b); });
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

/// A weight in panels of columns, as kernels of products read it.
struct Panels {
  Panels(RankedTensorType type, DenseI64ArrayAttr layout)
      : columns(layout[0]), transposed(layout[1] != 0), taps(layout[2]),
        isUnsigned(type.getElementType().isUnsignedInteger()), width(type.getElementTypeBitWidth() / 8) {
    ArrayRef<int64_t> shape = type.getShape();
    k = shape[shape.size() - (transposed ? 1 : 2)];
    n = shape[shape.size() - (transposed ? 2 : 1)];
    for (int64_t dim : shape.drop_back(2))
      batch *= dim;
    ofMatrix = llvm::divideCeil(n, columns);
  }
  int64_t count() const { return batch * ofMatrix; }
  size_t bytes() const {
    return taps > 1 ? columns * (llvm::alignTo(k, taps) + sizeof(int32_t)) : size_t(k) * columns * width;
  }
  /// Writes the panel `index` of the weight `data` to where it goes.
  void pack(int64_t index, ArrayRef<char> data, char *to) const;

private:
  template <typename Element> void packElements(const char *matrix, int64_t first, int64_t present, char *to) const;
  void packBytes(const char *matrix, int64_t first, int64_t present, char *to) const;

  int64_t batch = 1, k, n, columns, ofMatrix;
  bool transposed;
  int64_t taps;
  bool isUnsigned;
  int64_t width;
};

/// [..., K, N] (or [..., N, K] when `transposed`) as [..., panels, K, columns], zero beyond N.
template <typename Element>
void Panels::packElements(const char *matrix, int64_t first, int64_t present, char *to) const {
  if (!transposed) {
    for (int64_t row = 0; row < k; ++row)
      memcpy(to + row * columns * sizeof(Element), matrix + (row * n + first) * sizeof(Element),
             present * sizeof(Element));
    return;
  }
  // A block of rows stays in the nearest cache while all columns go into it.
  constexpr int64_t blockRows = 64 / sizeof(Element);
  for (int64_t block = 0; block < k; block += blockRows)
    for (int64_t column = 0; column < present; ++column)
      for (int64_t row = block, end = std::min(k, block + blockRows); row < end; ++row)
        memcpy(to + (row * columns + column) * sizeof(Element), matrix + ((first + column) * k + row) * sizeof(Element),
               sizeof(Element));
}

/// [K, N] (or [N, K] when `transposed`) of 8-bit numbers as [panels, K / taps, columns, taps], a panel
/// followed by the sums of its columns in i32, as of signed numbers: less 128 where they are unsigned.
void Panels::packBytes(const char *matrix, int64_t first, int64_t present, char *to) const {
  int64_t lines = llvm::alignTo(k, taps);
  for (int64_t column = 0; column < present; ++column) {
    int32_t sum = 0;
    for (int64_t row = 0; row < k; ++row) {
      char number = matrix[transposed ? (first + column) * k + row : row * n + first + column];
      to[(row / taps * columns + column) * taps + row % taps] = number;
      sum += isUnsigned ? int32_t(uint8_t(number)) - 128 : int32_t(int8_t(number));
    }
    memcpy(to + columns * lines + column * sizeof(sum), &sum, sizeof(sum));
  }
}

void Panels::pack(int64_t index, ArrayRef<char> data, char *to) const {
  const char *matrix = data.data() + index / ofMatrix * k * n * width;
  int64_t first = index % ofMatrix * columns, present = std::min(columns, n - first);
  if (present < columns || taps > 1)
    memset(to, 0, bytes());
  if (taps > 1)
    packBytes(matrix, first, present, to);
  else if (width == 1)
    packElements<uint8_t>(matrix, first, present, to);
  else if (width == 2)
    packElements<uint16_t>(matrix, first, present, to);
  else if (width == 4)
    packElements<uint32_t>(matrix, first, present, to);
  else
    packElements<uint64_t>(matrix, first, present, to);
}

/// Packs on all threads and writes in order, with a few pieces under way.
void writePanels(llvm::raw_ostream &os, const Panels &panels, ArrayRef<char> data, llvm::ThreadPoolInterface &threads) {
  constexpr size_t pieceBytes = 2 << 20;
  int64_t ofPiece = std::max<int64_t>(1, pieceBytes / std::max<size_t>(1, panels.bytes()));
  size_t count = llvm::divideCeil(panels.count(), ofPiece);
  struct Piece {
    std::vector<char> bytes;
    std::shared_future<void> packed;
  };
  std::vector<Piece> pieces(std::min<size_t>(count, 2 * threads.getMaxConcurrency()));
  auto start = [&](size_t i) {
    Piece &piece = pieces[i % pieces.size()];
    piece.packed = threads.async([&, i] {
      int64_t first = i * ofPiece, last = std::min(panels.count(), first + ofPiece);
      piece.bytes.resize((last - first) * panels.bytes());
      for (int64_t panel = first; panel < last; ++panel)
        panels.pack(panel, data, piece.bytes.data() + (panel - first) * panels.bytes());
    });
  };
  for (size_t i = 0; i < pieces.size(); ++i)
    start(i);
  for (size_t i = 0; i < count; ++i) {
    Piece &piece = pieces[i % pieces.size()];
    piece.packed.wait();
    os.write(piece.bytes.data(), piece.bytes.size());
    if (i + pieces.size() < count)
      start(i + pieces.size());
  }
}

/// Passes on what is written, and hashes it.
class HashingStream : public llvm::raw_ostream {
public:
  explicit HashingStream(llvm::raw_ostream &os) : raw_ostream(true), os(os) {}
  std::string hash() {
    char hex[65];
    sha.finish(hex);
    return hex;
  }

private:
  void write_impl(const char *data, size_t size) override {
    sha.update(data, size);
    os.write(data, size);
    position += size;
  }
  uint64_t current_pos() const override { return position; }

  llvm::raw_ostream &os;
  runtime::Sha256 sha;
  uint64_t position = 0;
};

} // namespace

/// Parts that are whole matrices, one after the other: they are packed one by one, so that one is in memory at a time.
static bool isOfMatrices(const WeightImage::Entry &entry) {
  return entry.parts.size() > 1 && entry.axis == 0 && entry.type().getRank() > 2;
}

static void release(ElementsAttr constant, llvm::function_ref<void(ArrayRef<char>)> isDone) {
  if (!isDone)
    return;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      isDone(blob->getData());
}

llvm::Expected<std::string> WeightImage::write(llvm::raw_ostream &os, llvm::ThreadPoolInterface &threads,
                                               llvm::function_ref<void(ArrayRef<char>)> isDone) const {
  HashingStream stream(os);
  uint64_t position = 0;
  auto pad = [&](uint64_t to) {
    stream.write_zeros(to - position);
    position = to;
  };
  for (const Entry &entry : entries) {
    auto layout = dyn_cast_if_present<DenseI64ArrayAttr>(entry.layout);
    pad(entry.offset);
    position = entry.offset + entry.bytes;
    if (layout && isOfMatrices(entry)) {
      for (ElementsAttr part : entry.parts) {
        auto contents = Contents::of(part);
        if (!contents)
          return contents.takeError();
        auto type = cast<RankedTensorType>(part.getType());
        if (entry.rounded) {
          contents = contents->rounded(entry.rounded);
          type = type.clone(entry.rounded);
        }
        writePanels(stream, Panels(type, layout), contents->data(), threads);
        release(part, isDone);
      }
      continue;
    }
    auto contents = entry.value ? Contents::of(entry.value) : Contents::of(entry.parts, entry.axis);
    if (!contents)
      return contents.takeError();
    if (entry.rounded)
      contents = contents->rounded(entry.rounded);
    if (layout)
      writePanels(stream, Panels(entry.type(), layout), contents->data(), threads);
    else if (contents->data().size() == entry.bytes)
      stream.write(contents->data().data(), entry.bytes);
    else
      return llvm::createStringError("the weight '" + entry.name + "' has " + llvm::Twine(contents->data().size()) +
                                     " bytes where its type needs " + llvm::Twine(entry.bytes));
    for (ElementsAttr part : entry.value ? ArrayRef(entry.value) : ArrayRef(entry.parts))
      release(part, isDone);
  }
  pad(size);
  return stream.hash();
}
