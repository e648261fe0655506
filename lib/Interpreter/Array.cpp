//===- Array.cpp - tensors of the interpreter -----------------------------===//

#include "Meaning.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace transom;

int64_t transom::elementsOf(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

Array Array::make(Type element, ArrayRef<int64_t> shape) {
  Array array{element, {shape.begin(), shape.end()}, {}, {}};
  if (array.isFloat())
    array.reals.resize(elementsOf(shape));
  else
    array.integers.resize(elementsOf(shape));
  return array;
}

int64_t Array::size() const { return elementsOf(shape); }

std::string Array::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << element << '[';
  llvm::interleaveComma(shape, os);
  os << ']';
  return text;
}

double transom::roundTo(double value, Type element) {
  if (element.isF64())
    return value;
  if (element.isF32())
    return static_cast<float>(value);
  llvm::APFloat number(value);
  bool lost;
  number.convert(cast<FloatType>(element).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

int64_t transom::wrapTo(int64_t value, Type element) {
  auto integer = dyn_cast<IntegerType>(element);
  unsigned width = integer ? integer.getWidth() : 64;
  if (width >= 64)
    return value;
  uint64_t kept = static_cast<uint64_t>(value) & llvm::maskTrailingOnes<uint64_t>(width);
  return integer.isUnsigned() || width == 1 ? static_cast<int64_t>(kept) : llvm::SignExtend64(kept, width);
}

/// One element from its bits, in the low end.
static void readElement(Array &array, int64_t i, uint64_t bits) {
  if (auto real = dyn_cast<FloatType>(array.element))
    array.reals[i] =
        llvm::APFloat(real.getFloatSemantics(), llvm::APInt(real.getWidth(), bits, false, true)).convertToDouble();
  else
    array.integers[i] = wrapTo(static_cast<int64_t>(bits), array.element);
}

llvm::Expected<Array> transom::arrayOf(ElementsAttr attribute) {
  auto type = cast<RankedTensorType>(attribute.getShapedType());
  Array array = Array::make(type.getElementType(), type.getShape());
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    int64_t i = 0;
    if (array.isFloat())
      for (const APFloat &value : dense.getValues<APFloat>())
        array.reals[i++] = value.convertToDouble();
    else
      for (const APInt &value : dense.getValues<APInt>())
        array.integers[i++] = wrapTo(static_cast<int64_t>(value.getZExtValue()), array.element);
    return array;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob)
    return problem("the weight has no data");
  ArrayRef<char> data = blob->getData();
  unsigned width = type.getElementTypeBitWidth();
  int64_t count = array.size(), bytes = std::max<int64_t>(width / 8, 1);
  // Elements that share a byte; bools do where MLIR has written them.
  if (width < 8 && (width > 1 || static_cast<int64_t>(data.size()) < count)) {
    if (static_cast<uint64_t>(data.size()) != llvm::divideCeil(count * width, 8))
      return problem("the weight '" + resource.getRawHandle().getKey() + "' has " + Twine(data.size()) +
                     " bytes where " + Twine(llvm::divideCeil(count * width, 8)) + " are needed");
    for (int64_t i = 0; i < count; ++i) {
      uint8_t byte = static_cast<uint8_t>(data[i * width / 8]);
      readElement(array, i, byte >> (i * width % 8) & ((1u << width) - 1));
    }
    return array;
  }
  // One element stands for all.
  bool isSplat = static_cast<int64_t>(data.size()) == bytes;
  if (!isSplat && static_cast<int64_t>(data.size()) < count * bytes)
    return problem("the weight '" + resource.getRawHandle().getKey() + "' has " + Twine(data.size()) + " bytes where " +
                   Twine(count * bytes) + " are needed");
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = 0;
    for (int64_t k = 0; k < bytes; ++k)
      bits |= static_cast<uint64_t>(static_cast<uint8_t>(data[(isSplat ? 0 : i * bytes) + k])) << (8 * k);
    readElement(array, i, bits);
  }
  return array;
}

void Positions::next() {
  ++flat;
  for (size_t axis = at.size(); axis-- > 0;) {
    if (++at[axis] < shape[axis])
      return;
    at[axis] = 0;
  }
  ended = true;
}

int64_t transom::flatten(ArrayRef<int64_t> indices, ArrayRef<int64_t> shape) {
  int64_t flat = 0;
  for (auto [index, dim] : llvm::zip_equal(indices, shape))
    flat = flat * dim + index;
  return flat;
}

int64_t transom::broadcastPosition(ArrayRef<int64_t> at, ArrayRef<int64_t> shape) {
  int64_t flat = 0;
  for (auto [index, dim] : llvm::zip_equal(at.take_back(shape.size()), shape))
    flat = flat * dim + (dim == 1 ? 0 : index);
  return flat;
}

llvm::Expected<Shape> transom::broadcastShape(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (size_t i = 1; i <= shape.size(); ++i) {
    int64_t left = i <= a.size() ? a[a.size() - i] : 1, right = i <= b.size() ? b[b.size() - i] : 1;
    if (left != right && left != 1 && right != 1)
      return problem("sizes " + Twine(left) + " and " + Twine(right) + " do not broadcast");
    shape[shape.size() - i] = left == 1 ? right : left;
  }
  return shape;
}

Array transom::pick(const Array &source, ArrayRef<int64_t> from, ArrayRef<int64_t> shape, const Array *fill) {
  Array result = Array::make(source.element, shape);
  for (auto [i, position] : llvm::enumerate(from)) {
    if (position < 0 && !fill)
      continue;
    const Array &array = position < 0 ? *fill : source;
    if (result.isFloat())
      result.reals[i] = array.reals[position < 0 ? 0 : position];
    else
      result.integers[i] = array.integers[position < 0 ? 0 : position];
  }
  return result;
}

Shape Operands::shape(Value result, ValueRange sizes) const {
  Shape shape(cast<RankedTensorType>(result.getType()).getShape());
  unsigned next = 0;
  for (int64_t &dim : shape)
    if (ShapedType::isDynamic(dim))
      dim = size(sizes[next++]);
  return shape;
}

llvm::Error transom::problem(const Twine &message) { return llvm::createStringError(message); }
