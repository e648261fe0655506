/*===- HeadersInC11.c - the C headers are C11 ------------------------------===*/
#include "transom/dlpack.h"
#include "transom/program.h"
#include "transom/transom.h"

/* HeadersTest.cpp calls it, so that C and C++ see the same structs. */
TransomStatus runFromC(TransomContext *context, const TransomTensor *input, TransomTensor *output, DLTensor *view,
                       int64_t *strides);

TransomStatus runFromC(TransomContext *context, const TransomTensor *input, TransomTensor *output, DLTensor *view,
                       int64_t *strides) {
  TransomStatus status = transom_run(context, input, 1, output, 1);
  return status ? status : transom_to_dlpack(output, strides, view);
}

_Static_assert(sizeof(TransomTensor) == 144, "the ABI of tensors");
_Static_assert(sizeof(TransomType) == sizeof(int) && sizeof(TransomStatus) == sizeof(int), "enums are ints");
_Static_assert(sizeof(DLDevice) == 8, "DLPack's enum is 32 bits");
