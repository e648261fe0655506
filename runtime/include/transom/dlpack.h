/*===- dlpack.h - tensors from and to other libraries ----------------------===*\
 *
 * Converts between TransomTensor and DLPack's DLTensor (PyTorch, NumPy, JAX and
 * others). Nothing is copied: both views borrow the memory of the tensor that
 * they were made from, its shape and strides included.
 *
 * DLPack's own header is used where it was included before or can be found as
 * <dlpack/dlpack.h>; else the few types of its ABI are declared here. C11 and
 * C++17.
 *
\*===----------------------------------------------------------------------===*/
#ifndef TRANSOM_DLPACK_H
#define TRANSOM_DLPACK_H

#include "transom/transom.h"

#ifndef DLPACK_DLPACK_H_
#ifdef __has_include
#if __has_include(<dlpack/dlpack.h>)
#include <dlpack/dlpack.h>
#endif
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef DLPACK_DLPACK_H_

/* DLPack's ABI, version 1: unchanged since 0.5. */
#ifdef __cplusplus
typedef enum : int32_t {
#else
typedef enum {
#endif
  kDLCPU = 1,
  kDLCUDA = 2,
  kDLCUDAHost = 3,
  kDLROCM = 10,
  kDLROCMHost = 11
} DLDeviceType;

typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;

typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} DLTensor;

#endif /* DLPACK_DLPACK_H_ */

/* DLDataTypeCode, by number: an older DLPack header lacks the later ones. */
enum {
  TRANSOM_DL_INT = 0,
  TRANSOM_DL_UINT = 1,
  TRANSOM_DL_FLOAT = 2,
  TRANSOM_DL_BFLOAT = 4,
  TRANSOM_DL_BOOL = 6,
  TRANSOM_DL_F8E4M3FN = 10,
  TRANSOM_DL_F8E4M3FNUZ = 11,
  TRANSOM_DL_F8E5M2 = 12,
  TRANSOM_DL_F8E5M2FNUZ = 13,
  TRANSOM_DL_F8E8M0FNU = 14,
  TRANSOM_DL_F4E2M1FN = 17
};

/* The TransomType of a DLPack type; 0 where there is none. Elements of 4 and 2
   bits are packed, the first one in the low bits of a byte, in both. */
static inline int32_t transom_type_from_dlpack(DLDataType type) {
  if (type.lanes != 1)
    return 0;
  switch (type.code) {
  case TRANSOM_DL_INT:
    return type.bits == 2    ? TRANSOM_I2
           : type.bits == 4  ? TRANSOM_I4
           : type.bits == 8  ? TRANSOM_I8
           : type.bits == 16 ? TRANSOM_I16
           : type.bits == 32 ? TRANSOM_I32
           : type.bits == 64 ? TRANSOM_I64
                             : 0;
  case TRANSOM_DL_UINT:
    return type.bits == 2    ? TRANSOM_U2
           : type.bits == 4  ? TRANSOM_U4
           : type.bits == 8  ? TRANSOM_U8
           : type.bits == 16 ? TRANSOM_U16
           : type.bits == 32 ? TRANSOM_U32
           : type.bits == 64 ? TRANSOM_U64
                             : 0;
  case TRANSOM_DL_FLOAT:
    return type.bits == 16 ? TRANSOM_F16 : type.bits == 32 ? TRANSOM_F32 : type.bits == 64 ? TRANSOM_F64 : 0;
  case TRANSOM_DL_BFLOAT: return type.bits == 16 ? TRANSOM_BF16 : 0;
  case TRANSOM_DL_BOOL: return type.bits == 8 ? TRANSOM_BOOL : 0;
  case TRANSOM_DL_F8E4M3FN: return type.bits == 8 ? TRANSOM_F8E4M3FN : 0;
  case TRANSOM_DL_F8E4M3FNUZ: return type.bits == 8 ? TRANSOM_F8E4M3FNUZ : 0;
  case TRANSOM_DL_F8E5M2: return type.bits == 8 ? TRANSOM_F8E5M2 : 0;
  case TRANSOM_DL_F8E5M2FNUZ: return type.bits == 8 ? TRANSOM_F8E5M2FNUZ : 0;
  case TRANSOM_DL_F8E8M0FNU: return type.bits == 8 ? TRANSOM_F8E8M0FNU : 0;
  case TRANSOM_DL_F4E2M1FN: return type.bits == 4 ? TRANSOM_F4E2M1FN : 0;
  default: return 0;
  }
}

/* The DLPack type of a TransomType; bits are 0 where there is none. */
static inline DLDataType transom_type_to_dlpack(int32_t type) {
  DLDataType result;
  int64_t bits = transom_type_bits(type);
  result.bits = (uint8_t)(bits < 0 ? 0 : bits);
  result.lanes = 1;
  switch (type) {
  case TRANSOM_U2:
  case TRANSOM_U4:
  case TRANSOM_U8:
  case TRANSOM_U16:
  case TRANSOM_U32:
  case TRANSOM_U64: result.code = TRANSOM_DL_UINT; break;
  case TRANSOM_F16:
  case TRANSOM_F32:
  case TRANSOM_F64: result.code = TRANSOM_DL_FLOAT; break;
  case TRANSOM_BF16: result.code = TRANSOM_DL_BFLOAT; break;
  case TRANSOM_BOOL: result.code = TRANSOM_DL_BOOL; break;
  case TRANSOM_F8E4M3FN: result.code = TRANSOM_DL_F8E4M3FN; break;
  case TRANSOM_F8E4M3FNUZ: result.code = TRANSOM_DL_F8E4M3FNUZ; break;
  case TRANSOM_F8E5M2: result.code = TRANSOM_DL_F8E5M2; break;
  case TRANSOM_F8E5M2FNUZ: result.code = TRANSOM_DL_F8E5M2FNUZ; break;
  case TRANSOM_F8E8M0FNU: result.code = TRANSOM_DL_F8E8M0FNU; break;
  case TRANSOM_F4E2M1FN: result.code = TRANSOM_DL_F4E2M1FN; break;
  default: result.code = TRANSOM_DL_INT; break;
  }
  return result;
}

/* Views a DLPack tensor, as input or as output; it must outlive the view.
   TRANSOM_ERROR_ARGUMENT: its memory is a device's that is no GPU of NVIDIA's;
   TRANSOM_ERROR_SIGNATURE: its type or rank has no counterpart; TRANSOM_ERROR_SIZE: it overflows. */
static inline TransomStatus transom_from_dlpack(const DLTensor *from, TransomTensor *to) {
  /* Bytes from data to the end of the last element. Where strides are negative
     it lies on both sides of data: then 0, which leaves an input unchecked and
     an output refused. */
  uint64_t last = 0;
  int backwards = 0, empty = 0;
  int32_t i;
  memset(to, 0, sizeof *to);
  switch ((int)from->device.device_type) {
  case kDLCPU:
  case kDLCUDAHost:
  case 11: /* kDLROCMHost, younger than the rest */ break;
  case kDLCUDA:
  case 13: /* kDLCUDAManaged, too */
    to->device_type = (int32_t)from->device.device_type;
    to->device_id = from->device.device_id;
    break;
  default: return TRANSOM_ERROR_ARGUMENT;
  }
  to->type = transom_type_from_dlpack(from->dtype);
  if (!to->type || from->ndim < 0 || from->ndim > TRANSOM_MAX_RANK)
    return TRANSOM_ERROR_SIGNATURE;
  to->rank = from->ndim;
  for (i = 0; i < from->ndim; ++i) {
    if (from->shape[i] < 0)
      return TRANSOM_ERROR_SIGNATURE;
    to->shape[i] = from->shape[i];
    empty |= from->shape[i] == 0;
  }
  if (!empty) {
    uint64_t dense = 1, bits = (uint64_t)transom_type_bits(to->type);
    for (i = from->ndim; i-- > 0;) {
      uint64_t dim = (uint64_t)from->shape[i], stride = from->strides ? (uint64_t)from->strides[i] : dense;
      if (dim > 1 && from->strides && from->strides[i] < 0)
        backwards = 1;
      else if (dim > 1 && stride && dim - 1 > (INT64_MAX / 64 - last) / stride)
        return TRANSOM_ERROR_SIZE;
      else if (dim > 1)
        last += (dim - 1) * stride;
      if (!from->strides)
        dense *= dim;
    }
    to->capacity_bytes = backwards ? 0 : (size_t)((last + 1) * bits / 8 + ((last + 1) * bits % 8 != 0));
  }
  to->data = from->data ? (char *)from->data + from->byte_offset : NULL;
  to->strides = from->strides;
  return TRANSOM_OK;
}

/* Views a tensor, an output say, as DLPack's, where it lies. It and `strides`,
   which is filled in, must outlive the view. TRANSOM_ERROR_SIGNATURE: its type
   or rank is none, as before the first run. */
static inline TransomStatus transom_to_dlpack(const TransomTensor *from, int64_t strides[TRANSOM_MAX_RANK],
                                              DLTensor *to) {
  int64_t dense = 1;
  int32_t i;
  memset(to, 0, sizeof *to);
  to->dtype = transom_type_to_dlpack(from->type);
  if (!to->dtype.bits || from->rank < 0 || from->rank > TRANSOM_MAX_RANK)
    return TRANSOM_ERROR_SIGNATURE;
  /* DLPack asks for strides even where they are dense. */
  for (i = from->rank; i-- > 0;) {
    strides[i] = from->strides ? from->strides[i] : dense;
    dense *= from->shape[i] ? from->shape[i] : 1;
  }
  to->data = from->data;
  to->device.device_type = from->device_type ? (DLDeviceType)from->device_type : kDLCPU;
  to->device.device_id = from->device_type ? from->device_id : 0;
  to->ndim = from->rank;
  to->shape = (int64_t *)from->shape;
  to->strides = strides;
  return TRANSOM_OK;
}

#ifdef __cplusplus
}
#endif
#endif /* TRANSOM_DLPACK_H */
