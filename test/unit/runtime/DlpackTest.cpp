//===- DlpackTest.cpp - to and from DLPack, with our own declarations -----===//
#include "transom/dlpack.h"

#include "Session.h"

namespace transom::test {
namespace {

// The layout that DLPack promises on 64-bit machines.
static_assert(sizeof(DLTensor) == 48 && offsetof(DLTensor, device) == 8 && offsetof(DLTensor, ndim) == 16 &&
              offsetof(DLTensor, dtype) == 20 && offsetof(DLTensor, shape) == 24 && offsetof(DLTensor, strides) == 32 &&
              offsetof(DLTensor, byte_offset) == 40 && sizeof(DLDevice) == 8 && sizeof(DLDataType) == 4);

DLTensor floats(std::vector<float> &values, std::vector<int64_t> &shape) {
  DLTensor made = {};
  made.data = values.data();
  made.device.device_type = kDLCPU;
  made.ndim = int32_t(shape.size());
  made.dtype = {TRANSOM_DL_FLOAT, 32, 1};
  made.shape = shape.data();
  return made;
}

TEST(Dlpack, TypesThereAndBack) {
  for (int32_t type = 0; type < 32; ++type) {
    DLDataType there = transom_type_to_dlpack(type);
    if (transom_type_bits(type) < 0) {
      EXPECT_EQ(there.bits, 0) << type;
      continue;
    }
    EXPECT_EQ(there.bits, transom_type_bits(type));
    EXPECT_EQ(transom_type_from_dlpack(there), type);
  }
}

TEST(Dlpack, TypesWithoutCounterpart) {
  for (DLDataType type :
       {DLDataType{TRANSOM_DL_FLOAT, 32, 4}, DLDataType{TRANSOM_DL_FLOAT, 128, 1}, DLDataType{5, 64, 1},
        DLDataType{3, 64, 1}, DLDataType{TRANSOM_DL_INT, 128, 1}, DLDataType{TRANSOM_DL_UINT, 1, 1},
        DLDataType{TRANSOM_DL_BOOL, 1, 1}, DLDataType{16, 6, 1}, DLDataType{17, 8, 1}})
    EXPECT_EQ(transom_type_from_dlpack(type), 0) << int(type.code) << " " << int(type.bits);
}

TEST(Dlpack, RunsOnAndInto) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  std::vector<float> result(6), biasAfterOne = {99};
  biasAfterOne.insert(biasAfterOne.end(), mix.bias.begin(), mix.bias.end());
  std::vector<int64_t> matrix = {2, 3}, row = {3};
  DLTensor x = floats(mix.x, matrix), bias = floats(biasAfterOne, row), y = floats(result, matrix);
  bias.byte_offset = 4;
  TransomTensor inputs[2], output;
  ASSERT_EQ(transom_from_dlpack(&x, &inputs[0]), TRANSOM_OK);
  ASSERT_EQ(transom_from_dlpack(&bias, &inputs[1]), TRANSOM_OK);
  ASSERT_EQ(transom_from_dlpack(&y, &output), TRANSOM_OK);
  EXPECT_EQ(output.capacity_bytes, 24u);
  ASSERT_EQ(session.run(inputs, {&output, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(result, mix.expected);
}

TEST(Dlpack, Strides) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  std::vector<float> transposed(6), backwards(mix.bias.rbegin(), mix.bias.rend()), result(10, 77.0f);
  for (size_t i = 0; i < 6; ++i)
    transposed[i % 3 * 2 + i / 3] = mix.x[i];
  std::vector<int64_t> matrix = {2, 3}, row = {3}, columns = {1, 2}, back = {-1}, apart = {5, 2};
  DLTensor x = floats(transposed, matrix), bias = floats(backwards, row), y = floats(result, matrix);
  x.strides = columns.data();
  bias.strides = back.data();
  bias.byte_offset = 8;
  y.strides = apart.data();
  TransomTensor inputs[2], output;
  ASSERT_EQ(transom_from_dlpack(&x, &inputs[0]), TRANSOM_OK);
  EXPECT_EQ(inputs[0].capacity_bytes, 24u);
  ASSERT_EQ(transom_from_dlpack(&bias, &inputs[1]), TRANSOM_OK);
  EXPECT_EQ(inputs[1].capacity_bytes, 0u);
  ASSERT_EQ(transom_from_dlpack(&y, &output), TRANSOM_OK);
  EXPECT_EQ(output.capacity_bytes, 40u);
  ASSERT_EQ(session.run(inputs, {&output, 1}), TRANSOM_OK) << session.error();
  for (size_t i = 0; i < 6; ++i)
    EXPECT_EQ(result[i / 3 * 5 + i % 3 * 2], mix.expected[i]);
}

TEST(Dlpack, MemoryOfAGPU) {
  std::vector<float> values(4);
  std::vector<int64_t> shape = {2, 2};
  TransomTensor view;
  DLTensor gpu = floats(values, shape), back;
  gpu.device.device_type = kDLCUDA;
  gpu.device.device_id = 3;
  ASSERT_EQ(transom_from_dlpack(&gpu, &view), TRANSOM_OK);
  EXPECT_EQ(view.device_type, 2);
  EXPECT_EQ(view.device_id, 3);
  int64_t strides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_to_dlpack(&view, strides, &back), TRANSOM_OK);
  EXPECT_EQ(back.device.device_type, kDLCUDA);
  EXPECT_EQ(back.device.device_id, 3);
}

TEST(Dlpack, RefusesWhatCannotBeViewed) {
  std::vector<float> values(4);
  std::vector<int64_t> shape = {2, 2};
  TransomTensor view;
  DLTensor gpu = floats(values, shape);
  gpu.device.device_type = kDLROCM;
  EXPECT_EQ(transom_from_dlpack(&gpu, &view), TRANSOM_ERROR_ARGUMENT);
  gpu.device.device_type = kDLCUDAHost;
  EXPECT_EQ(transom_from_dlpack(&gpu, &view), TRANSOM_OK);
  EXPECT_EQ(view.device_type, 0);
  DLTensor complex = floats(values, shape);
  complex.dtype = {5, 64, 1};
  EXPECT_EQ(transom_from_dlpack(&complex, &view), TRANSOM_ERROR_SIGNATURE);
  std::vector<int64_t> deep(TRANSOM_MAX_RANK + 1, 1), negative = {-1, 2}, large = {INT64_MAX / 2, 8};
  DLTensor tooDeep = floats(values, deep), wrong = floats(values, negative), huge = floats(values, large);
  EXPECT_EQ(transom_from_dlpack(&tooDeep, &view), TRANSOM_ERROR_SIGNATURE);
  EXPECT_EQ(transom_from_dlpack(&wrong, &view), TRANSOM_ERROR_SIGNATURE);
  EXPECT_EQ(transom_from_dlpack(&huge, &view), TRANSOM_ERROR_SIZE);
  std::vector<int64_t> far = {INT64_MAX, 1};
  DLTensor strided = floats(values, shape);
  strided.strides = far.data();
  EXPECT_EQ(transom_from_dlpack(&strided, &view), TRANSOM_ERROR_SIZE);
}

TEST(Dlpack, EmptyTensorsAndScalars) {
  std::vector<float> none, one = {5};
  std::vector<int64_t> shape = {0, INT64_MAX, INT64_MAX}, scalar;
  TransomTensor view;
  DLTensor empty = floats(none, shape), single = floats(one, scalar);
  empty.data = nullptr;
  empty.byte_offset = 16;
  ASSERT_EQ(transom_from_dlpack(&empty, &view), TRANSOM_OK);
  EXPECT_EQ(view.data, nullptr);
  EXPECT_EQ(view.capacity_bytes, 0u);
  single.shape = nullptr;
  ASSERT_EQ(transom_from_dlpack(&single, &view), TRANSOM_OK);
  EXPECT_EQ(view.rank, 0);
  EXPECT_EQ(view.capacity_bytes, 4u);
}

TEST(Dlpack, FourBitsArePacked) {
  uint8_t packed[3] = {};
  int64_t shape[] = {5};
  DLTensor tensor = {};
  tensor.data = packed;
  tensor.device.device_type = kDLCPU;
  tensor.ndim = 1;
  tensor.dtype = {TRANSOM_DL_UINT, 4, 1};
  tensor.shape = shape;
  TransomTensor view;
  ASSERT_EQ(transom_from_dlpack(&tensor, &view), TRANSOM_OK);
  EXPECT_EQ(view.type, TRANSOM_U4);
  EXPECT_EQ(view.capacity_bytes, 3u);
}

TEST(Dlpack, OfAnOutput) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  TransomTensor y = {};
  int64_t strides[TRANSOM_MAX_RANK];
  DLTensor view;
  EXPECT_EQ(transom_to_dlpack(&y, strides, &view), TRANSOM_ERROR_SIGNATURE); // no run yet
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  ASSERT_EQ(transom_to_dlpack(&y, strides, &view), TRANSOM_OK);
  EXPECT_EQ(view.data, y.data);
  EXPECT_EQ(view.device.device_type, kDLCPU);
  EXPECT_EQ(view.ndim, 2);
  EXPECT_EQ(view.dtype.code, TRANSOM_DL_FLOAT);
  EXPECT_EQ(view.dtype.bits, 32);
  EXPECT_EQ(view.shape[0], 2);
  EXPECT_EQ(view.shape[1], 3);
  EXPECT_EQ(view.strides[0], 3);
  EXPECT_EQ(view.strides[1], 1);
  EXPECT_EQ(view.byte_offset, 0u);
}

} // namespace
} // namespace transom::test
