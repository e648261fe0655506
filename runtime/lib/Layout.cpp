//===- Layout.cpp - strided copies ----------------------------------------===//
#include "Layout.h"

#include <string.h>

namespace transom::runtime {

bool denseBytes(int32_t type, int32_t rank, const int64_t *dims, int64_t &bytes) {
  int64_t bits = transom_type_bits(type);
  if (bits < 0)
    return false;
  // A zero dim makes the tensor empty however large the others are.
  bool empty = false;
  for (int32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      return false;
    empty |= dims[i] == 0;
  }
  int64_t count = empty ? 0 : 1;
  for (int32_t i = 0; i < rank && !empty; ++i)
    if (__builtin_mul_overflow(count, dims[i], &count))
      return false;
  if (bits < 8) {
    int64_t perByte = 8 / bits;
    bytes = count / perByte + (count % perByte != 0);
    return true;
  }
  return !__builtin_mul_overflow(count, bits / 8, &bytes);
}

void denseStrides(int32_t rank, const int64_t *dims, int64_t *strides) {
  int64_t stride = 1;
  for (int32_t d = rank; d-- > 0; stride *= dims[d])
    strides[d] = stride;
}

bool isDense(int32_t rank, const int64_t *dims, const int64_t *strides) {
  if (!strides)
    return true;
  // An empty tensor has no layout, and its other dims may not be multiplied.
  for (int32_t i = 0; i < rank; ++i)
    if (dims[i] == 0)
      return true;
  int64_t expected = 1;
  for (int32_t i = rank; i-- > 0;) {
    // The stride of a dim of 1 is never used.
    if (dims[i] != 1 && strides[i] != expected)
      return false;
    expected *= dims[i];
  }
  return true;
}

bool extent(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, int64_t bytes, int64_t &before,
            int64_t &after) {
  before = 0;
  after = bytes;
  if (!bytes || isDense(rank, dims, strides))
    return true;
  int64_t first = 0, last = 0; // elements touched, relative to the pointer
  for (int32_t i = 0; i < rank; ++i) {
    int64_t span;
    if (__builtin_mul_overflow(dims[i] - 1, strides[i], &span))
      return false;
    int64_t &end = span < 0 ? first : last;
    if (__builtin_add_overflow(end, span, &end))
      return false;
  }
  int64_t size = transom_type_bits(type) / 8;
  return !__builtin_mul_overflow(first, -size, &before) && !__builtin_add_overflow(last, 1, &last) &&
         !__builtin_mul_overflow(last, size, &after);
}

bool areApart(int32_t rank, const int64_t *dims, const int64_t *strides) {
  int32_t order[TRANSOM_MAX_RANK]; // by stride
  int32_t count = 0;
  for (int32_t i = 0; i < rank; ++i) {
    if (dims[i] == 0)
      return true;
    if (dims[i] == 1)
      continue;
    int32_t at = count++;
    for (; at && strides[order[at - 1]] > strides[i]; --at)
      order[at] = order[at - 1];
    order[at] = i;
  }
  int64_t last = 0;
  for (int32_t i = 0; i < count; ++i) {
    int32_t dim = order[i];
    if (strides[dim] <= last)
      return false;
    last += (dims[dim] - 1) * strides[dim];
  }
  return true;
}

bool isAligned(const void *data, int32_t type) {
  int64_t bytes = transom_type_bits(type) / 8;
  return bytes < 2 || reinterpret_cast<uintptr_t>(data) % uintptr_t(bytes) == 0;
}

namespace {

/// A strided tensor without dims of 1, neighbours that lie behind each other
/// joined: a slice of a large cache becomes rows that memcpy copies.
struct Walk {
  int32_t rank = 0;
  int64_t dims[TRANSOM_MAX_RANK];
  int64_t strides[TRANSOM_MAX_RANK];
  int64_t count = 1;

  Walk(int32_t givenRank, const int64_t *givenDims, const int64_t *givenStrides) {
    for (int32_t i = 0; i < givenRank; ++i) {
      count *= givenDims[i];
      if (givenDims[i] == 1)
        continue;
      if (rank && strides[rank - 1] == givenDims[i] * givenStrides[i]) {
        dims[rank - 1] *= givenDims[i];
        strides[rank - 1] = givenStrides[i];
        continue;
      }
      dims[rank] = givenDims[i];
      strides[rank++] = givenStrides[i];
    }
  }
};

template <typename Element>
void copyRow(Element *to, int64_t toStride, const Element *from, int64_t fromStride, int64_t n) {
  if (toStride == 1 && fromStride == 1) {
    memcpy(to, from, size_t(n) * sizeof(Element));
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    to[i * toStride] = from[i * fromStride];
}

/// Element types stand for all types of their size. `Pack`: strided to dense.
template <typename Element, bool Pack> void copy(const Walk &walk, void *stridedMemory, void *denseMemory) {
  auto *strided = static_cast<Element *>(stridedMemory);
  auto *dense = static_cast<Element *>(denseMemory);
  if (!walk.count)
    return;
  int64_t row = walk.rank ? walk.dims[walk.rank - 1] : 1;
  int64_t stride = walk.rank ? walk.strides[walk.rank - 1] : 1;
  int64_t index[TRANSOM_MAX_RANK] = {};
  for (;;) {
    if constexpr (Pack)
      copyRow(dense, 1, strided, stride, row);
    else
      copyRow(strided, stride, dense, 1, row);
    dense += row;
    int32_t i = walk.rank - 2;
    for (; i >= 0; --i) {
      strided += walk.strides[i];
      if (++index[i] < walk.dims[i])
        break;
      strided -= walk.strides[i] * walk.dims[i];
      index[i] = 0;
    }
    if (i < 0)
      return;
  }
}

struct alignas(1) Byte1 {
  uint8_t bytes[1];
};
struct Byte2 {
  uint8_t bytes[2];
};
struct Byte4 {
  uint8_t bytes[4];
};
struct Byte8 {
  uint8_t bytes[8];
};

template <bool Pack>
void copyAny(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, void *strided, void *dense) {
  Walk walk(rank, dims, strides);
  // Arrays of bytes: a tensor that is not aligned to its elements is copied
  // like one that is.
  switch (transom_type_bits(type)) {
  case 8: return copy<Byte1, Pack>(walk, strided, dense);
  case 16: return copy<Byte2, Pack>(walk, strided, dense);
  case 32: return copy<Byte4, Pack>(walk, strided, dense);
  case 64: return copy<Byte8, Pack>(walk, strided, dense);
  default: return;
  }
}

} // namespace

void gather(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, const void *strided, void *dense) {
  copyAny<true>(type, rank, dims, strides, const_cast<void *>(strided), dense);
}

void scatter(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, const void *dense,
             void *strided) {
  copyAny<false>(type, rank, dims, strides, strided, const_cast<void *>(dense));
}

} // namespace transom::runtime
