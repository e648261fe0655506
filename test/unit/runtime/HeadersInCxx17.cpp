//===- HeadersInCxx17.cpp - the C headers are C++17 too -------------------===//
#include "transom/dlpack.h"
#include "transom/program.h"
#include "transom/transom.h"

static_assert(__cplusplus < 202002L);
static_assert(sizeof(TransomTensor) == 144);

TransomStatus runFromCxx17(TransomContext *context, const TransomTensor *input, TransomTensor *output) {
  return transom_run(context, input, 1, output, 1);
}
