//===- Tensor.cpp - elements and sizes ------------------------------------===//

#include "Tensor.h"
#include "transom/Package/Signature.h"
#include "transom/transom.h"
#include "llvm/ADT/APFloat.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace llvm;
using namespace transom;

int64_t cli::Tensor::elements() const {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

static std::string shapeText(int32_t type, ArrayRef<int64_t> shape) {
  std::string text = elementTypeOf(type).name;
  text += '[';
  for (auto [i, dim] : enumerate(shape))
    text += (i ? ", " : "") + std::to_string(dim);
  return text + ']';
}

std::string cli::Tensor::text() const { return shapeText(type, shape); }

Expected<size_t> cli::denseBytes(int32_t type, ArrayRef<int64_t> shape) {
  int64_t bits = transom_type_bits(type);
  for (int64_t dim : shape)
    if (bits < 0 || dim < 0 || __builtin_mul_overflow(bits, dim, &bits))
      return createStringError(shapeText(type, shape) + " is no possible size");
  return static_cast<size_t>(bits / 8 + (bits % 8 != 0));
}

template <typename T> static T load(const void *data, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char *>(data) + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}

template <typename T> static void store(void *data, int64_t index, double number) {
  T value = static_cast<T>(number);
  std::memcpy(static_cast<char *>(data) + index * static_cast<int64_t>(sizeof(T)), &value, sizeof(T));
}

static const fltSemantics &semanticsOf(int32_t type) {
  switch (type) {
  case TRANSOM_F16: return APFloat::IEEEhalf();
  case TRANSOM_BF16: return APFloat::BFloat();
  case TRANSOM_F8E5M2: return APFloat::Float8E5M2();
  case TRANSOM_F8E4M3FNUZ: return APFloat::Float8E4M3FNUZ();
  case TRANSOM_F8E5M2FNUZ: return APFloat::Float8E5M2FNUZ();
  case TRANSOM_F8E8M0FNU: return APFloat::Float8E8M0FNU();
  case TRANSOM_F4E2M1FN: return APFloat::Float4E2M1FN();
  default: return APFloat::Float8E4M3FN();
  }
}

static double decode(int32_t type, uint64_t bits, unsigned width) {
  bool lost;
  APFloat value(semanticsOf(type), APInt(width, bits));
  (void)value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return value.convertToDouble();
}

static uint64_t encode(int32_t type, double number) {
  bool lost;
  // Powers of two have neither sign nor zero.
  APFloat value(type == TRANSOM_F8E8M0FNU ? std::max(std::abs(number), 0x1p-127) : number);
  (void)value.convert(semanticsOf(type), APFloat::rmNearestTiesToEven, &lost);
  return value.bitcastToAPInt().getZExtValue();
}

double cli::elementAt(int32_t type, const void *data, int64_t index) {
  switch (type) {
  case TRANSOM_F32: return load<float>(data, index);
  case TRANSOM_F64: return load<double>(data, index);
  case TRANSOM_U8:
  case TRANSOM_BOOL: return load<uint8_t>(data, index);
  case TRANSOM_I8: return load<int8_t>(data, index);
  case TRANSOM_U16: return load<uint16_t>(data, index);
  case TRANSOM_I16: return load<int16_t>(data, index);
  case TRANSOM_U32: return load<uint32_t>(data, index);
  case TRANSOM_I32: return load<int32_t>(data, index);
  case TRANSOM_U64: return static_cast<double>(load<uint64_t>(data, index));
  case TRANSOM_I64: return static_cast<double>(load<int64_t>(data, index));
  case TRANSOM_F16:
  case TRANSOM_BF16: return decode(type, load<uint16_t>(data, index), 16);
  case TRANSOM_F8E4M3FN:
  case TRANSOM_F8E4M3FNUZ:
  case TRANSOM_F8E5M2FNUZ:
  case TRANSOM_F8E8M0FNU:
  case TRANSOM_F8E5M2: return decode(type, load<uint8_t>(data, index), 8);
  case TRANSOM_U2:
  case TRANSOM_I2:
  case TRANSOM_U4:
  case TRANSOM_I4:
  case TRANSOM_F4E2M1FN: {
    // The first of those that share a byte lies in its low bits.
    int64_t bits = transom_type_bits(type);
    int code = load<uint8_t>(data, index * bits / 8) >> (index * bits % 8) & ((1 << bits) - 1);
    if (type == TRANSOM_F4E2M1FN)
      return decode(type, static_cast<uint64_t>(code), 4);
    bool isNegative = (type == TRANSOM_I2 || type == TRANSOM_I4) && code >> (bits - 1);
    return isNegative ? code - (1 << bits) : code;
  }
  default: return 0;
  }
}

void cli::setElement(int32_t type, void *data, int64_t index, double value) {
  switch (type) {
  case TRANSOM_F32: return store<float>(data, index, value);
  case TRANSOM_F64: return store<double>(data, index, value);
  case TRANSOM_BOOL: return store<uint8_t>(data, index, value != 0);
  case TRANSOM_U8: return store<uint8_t>(data, index, value);
  case TRANSOM_I8: return store<int8_t>(data, index, value);
  case TRANSOM_U16: return store<uint16_t>(data, index, value);
  case TRANSOM_I16: return store<int16_t>(data, index, value);
  case TRANSOM_U32: return store<uint32_t>(data, index, value);
  case TRANSOM_I32: return store<int32_t>(data, index, value);
  case TRANSOM_U64: return store<uint64_t>(data, index, value);
  case TRANSOM_I64: return store<int64_t>(data, index, value);
  case TRANSOM_F16:
  case TRANSOM_BF16: return store<uint16_t>(data, index, static_cast<double>(encode(type, value)));
  case TRANSOM_F8E4M3FN:
  case TRANSOM_F8E4M3FNUZ:
  case TRANSOM_F8E5M2FNUZ:
  case TRANSOM_F8E8M0FNU:
  case TRANSOM_F8E5M2: return store<uint8_t>(data, index, static_cast<double>(encode(type, value)));
  case TRANSOM_U2:
  case TRANSOM_I2:
  case TRANSOM_U4:
  case TRANSOM_I4:
  case TRANSOM_F4E2M1FN: {
    int64_t bits = transom_type_bits(type), place = index * bits / 8;
    unsigned shift = static_cast<unsigned>(index * bits % 8), mask = (1u << bits) - 1;
    uint64_t code = type == TRANSOM_F4E2M1FN ? encode(type, value) : static_cast<uint64_t>(static_cast<int>(value));
    unsigned kept = load<uint8_t>(data, place) & ~(mask << shift);
    return store<uint8_t>(data, place, kept | (static_cast<unsigned>(code) & mask) << shift);
  }
  default: return;
  }
}
