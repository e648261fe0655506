//===- DlpackOfProgramTest.cpp - with a DLPack header of the program's ----===//
//
// An old one: its types, not ours, are what the functions take, though it knows
// neither bool nor 8-bit floats.
//
//===----------------------------------------------------------------------===//
#define DLPACK_DLPACK_H_
#include <stdint.h>

// As DLPack 0.5 declares them, in a namespace so that they are other types than
// those of the other tests of this program.
namespace old {
typedef enum { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3, kDLROCM = 10, kDLExtDev = 12 } DLDeviceType;
typedef struct {
  DLDeviceType device_type;
  int device_id;
} DLDevice;
typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;
typedef struct {
  void *data;
  DLDevice device;
  int ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} DLTensor;
} // namespace old
using namespace old;

#include "transom/dlpack.h"

#include "gtest/gtest.h"

namespace {

TEST(DlpackOfProgram, IsUsed) {
  float values[2] = {};
  int64_t shape[] = {2}, strides[TRANSOM_MAX_RANK];
  old::DLTensor tensor = {values, {old::kDLCPU, 0}, 1, {TRANSOM_DL_FLOAT, 32, 1}, shape, nullptr, 0}, back;
  TransomTensor view;
  ASSERT_EQ(transom_from_dlpack(&tensor, &view), TRANSOM_OK);
  EXPECT_EQ(view.data, values);
  ASSERT_EQ(transom_to_dlpack(&view, strides, &back), TRANSOM_OK);
  EXPECT_EQ(back.data, values);
  EXPECT_EQ(back.shape[0], 2);
  tensor.device.device_type = old::kDLExtDev;
  EXPECT_EQ(transom_from_dlpack(&tensor, &view), TRANSOM_ERROR_ARGUMENT);
}

} // namespace
