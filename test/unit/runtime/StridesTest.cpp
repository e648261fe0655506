//===- StridesTest.cpp - strided and misaligned tensors, all types --------===//
#include "Session.h"

#include <random>

namespace transom::test {
namespace {

struct TypeCase {
  int32_t type;
  const char *name;
};
void PrintTo(const TypeCase &type, std::ostream *stream) { *stream << type.name; }

struct Strides : testing::TestWithParam<TypeCase> {
  size_t size = size_t(transom_type_bits(GetParam().type) / 8);

  std::vector<uint8_t> randomBytes(size_t count) {
    std::mt19937 random(1);
    std::vector<uint8_t> bytes(count);
    for (uint8_t &byte : bytes)
      byte = uint8_t(random());
    return bytes;
  }

  /// What a dense copy of the tensor holds, one element after the other.
  std::vector<uint8_t> elements(const TransomTensor &tensor) {
    std::vector<uint8_t> result;
    std::vector<int64_t> index(size_t(tensor.rank), 0);
    int64_t count = 1;
    for (int64_t dim : shapeOf(tensor))
      count *= dim;
    for (int64_t i = 0; i < count; ++i) {
      int64_t at = 0, rest = i, stride = 1;
      for (int32_t d = tensor.rank; d-- > 0; rest /= tensor.shape[d], stride *= tensor.shape[d])
        at += rest % tensor.shape[d] * (tensor.strides ? tensor.strides[d] : stride);
      auto *element = static_cast<const uint8_t *>(tensor.data) + at * int64_t(size);
      result.insert(result.end(), element, element + size);
    }
    return result;
  }

  /// Runs x -> y with these strides and offsets (in elements and bytes).
  void check(std::vector<int64_t> shape, std::vector<int64_t> inStrides, int64_t inOffset,
             std::vector<int64_t> outStrides, size_t misaligned) {
    IdentityProgram identity(GetParam().type, int32_t(shape.size()));
    Session session(identity.program, 2);
    std::vector<uint8_t> from = randomBytes(4096 * size), to(4096 * size, 0xee);
    TransomTensor x = {}, y = {};
    x.data = from.data() + inOffset * int64_t(size) + misaligned;
    x.type = GetParam().type;
    x.rank = int32_t(shape.size());
    std::copy(shape.begin(), shape.end(), x.shape);
    x.strides = inStrides.empty() ? nullptr : inStrides.data();
    y.data = to.data() + misaligned;
    y.capacity_bytes = to.size() - misaligned;
    y.strides = outStrides.empty() ? nullptr : outStrides.data();
    ASSERT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
    EXPECT_EQ(elements(y), elements(x));
    // Nothing else was written.
    std::vector<uint8_t> again(to.size(), 0xee);
    std::swap(to, again);
    y.data = to.data() + misaligned;
    ASSERT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
    size_t written = 0, expected = elements(x).size();
    for (size_t i = 0; i < to.size(); ++i)
      written += to[i] != 0xee;
    EXPECT_LE(written, expected);
  }
};

TEST_P(Strides, Dense) { check({2, 3, 5}, {}, 0, {}, 0); }
TEST_P(Strides, Misaligned) { check({2, 3, 5}, {}, 0, {}, 1); }
TEST_P(Strides, Transposed) { check({4, 6}, {1, 4}, 0, {1, 4}, 0); }
TEST_P(Strides, SliceOfALargeTensor) { check({2, 3, 5}, {300, 20, 1}, 7, {200, 40, 1}, 0); }
TEST_P(Strides, JoinedInnerDims) { check({3, 4, 5}, {100, 5, 1}, 0, {20, 5, 1}, 0); }
TEST_P(Strides, EveryOther) { check({3, 4}, {16, 2}, 0, {24, 3}, 1); }
TEST_P(Strides, BroadcastInput) { check({3, 4, 2}, {0, 1, 0}, 0, {}, 0); }
TEST_P(Strides, Backwards) { check({3, 4}, {-4, -1}, 11, {8, 2}, 0); }
TEST_P(Strides, DimsOfOne) { check({1, 3, 1, 2}, {99, 2, -5, 1}, 0, {-7, 4, 0, 2}, 0); }
TEST_P(Strides, Scalar) { check({}, {}, 3, {}, 1); }
TEST_P(Strides, MaximalRank) {
  std::vector<int64_t> shape(TRANSOM_MAX_RANK, 1), strides(TRANSOM_MAX_RANK);
  shape[0] = shape[5] = shape[TRANSOM_MAX_RANK - 1] = 2;
  for (size_t i = 0; i < strides.size(); ++i)
    strides[i] = int64_t(2 * (strides.size() - i));
  check(shape, strides, 0, {}, 0);
}

INSTANTIATE_TEST_SUITE_P(Types, Strides,
                         testing::Values(TypeCase{TRANSOM_F32, "f32"}, TypeCase{TRANSOM_U8, "u8"},
                                         TypeCase{TRANSOM_BOOL, "bool"}, TypeCase{TRANSOM_F8E4M3FN, "f8e4m3fn"},
                                         TypeCase{TRANSOM_F16, "f16"}, TypeCase{TRANSOM_BF16, "bf16"},
                                         TypeCase{TRANSOM_I64, "i64"}, TypeCase{TRANSOM_F64, "f64"}),
                         [](const auto &info) { return info.param.name; });

TEST(Strided, AsManyAsTheOutputHasDims) {
  IdentityProgram identity(TRANSOM_F32, 3);
  Session session(identity.program);
  std::vector<float> from(6, 1), to(12);
  TransomTensor x = tensor(from, {1, 2, 3}), y = buffer(to);
  int64_t two[] = {4, 1};
  y.strides = two;
  y.rank = 2; // what follows the two is not read
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_ERROR_SIGNATURE);
  EXPECT_STREQ(session.error(), "output 0 \"y\" has strides for rank 2 where the model has 3");
  // Without strides, and in what an earlier run filled in, the rank says nothing.
  y.strides = nullptr;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
  int64_t three[] = {8, 4, 1};
  y.strides = three;
  EXPECT_EQ(y.rank, 3);
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
}

TEST(Strided, EmptyOutputsTakeAnyStrides) {
  IdentityProgram identity(TRANSOM_F32, 3);
  Session session(identity.program);
  std::vector<float> to(4);
  for (std::initializer_list<int64_t> shape : {std::initializer_list<int64_t>{2, 0, 3}, {0, 1, 1}, {0, 0, 0}}) {
    TransomTensor x = tensor(TRANSOM_F32, nullptr, shape), y = buffer(to);
    for (int64_t stride : {int64_t(0), int64_t(-1), INT64_MAX, INT64_MIN}) {
      int64_t strides[] = {stride, stride, stride};
      y.strides = strides;
      EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
      EXPECT_EQ(shapeOf(y), shapeOf(x));
    }
  }
  EXPECT_EQ(to, std::vector<float>(4));
}

TEST(FourBits, DenseOnly) {
  IdentityProgram identity(TRANSOM_I4, 2);
  Session session(identity.program);
  uint8_t from[] = {0x21, 0x43, 0x65, 0x07}, to[8] = {};
  TransomTensor x = tensor(TRANSOM_I4, from, {7, 1}), y = {}; // an odd number
  y.data = to;
  y.capacity_bytes = 3;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(session.error(), "output 0 \"y\" needs 4 bytes; its buffer has 3");
  y.capacity_bytes = 4;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(memcmp(from, to, 4), 0);
  EXPECT_EQ(to[4], 0);
  int64_t dense[] = {1, 1}, strided[] = {2, 1};
  x.strides = dense;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
  x.strides = strided;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "input 0 \"x\": tensors of elements of 4 bits have no strides");
  x.strides = nullptr;
  y.strides = strided;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "output 0 \"y\": tensors of elements of 4 bits have no strides");
}

TEST(TwoBits, FourInAByte) {
  IdentityProgram identity(TRANSOM_U2, 2);
  Session session(identity.program);
  uint8_t from[] = {0xe4, 0x1b, 0x03}, to[4] = {};
  TransomTensor x = tensor(TRANSOM_U2, from, {3, 3}), y = {};
  y.data = to;
  y.capacity_bytes = 2;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(session.error(), "output 0 \"y\" needs 3 bytes; its buffer has 2");
  y.capacity_bytes = 3;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(memcmp(from, to, 3), 0);
  EXPECT_EQ(to[3], 0);
}

TEST(Strided, DataDependentOutputs) {
  Session session(selectProgram(), 2);
  std::vector<int64_t> values = {0, 5, 0, 0, 6, 7}, positions(10, -1), zeros(10, -1);
  int64_t three[] = {3}, one[] = {1};
  TransomTensor x = tensor(values, {6});
  TransomTensor outputs[] = {buffer(positions), buffer(zeros)};
  outputs[0].strides = three;
  outputs[1].strides = one;
  outputs[1].data = reinterpret_cast<uint8_t *>(zeros.data()) + 1;
  outputs[1].capacity_bytes -= 1;
  ASSERT_EQ(session.run({&x, 1}, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(positions, (std::vector<int64_t>{1, -1, -1, 4, -1, -1, 5, -1, -1, -1}));
  std::vector<int64_t> found(3);
  memcpy(found.data(), outputs[1].data, 24);
  EXPECT_EQ(found, (std::vector<int64_t>{0, 2, 3}));
  outputs[0].capacity_bytes = 48; // three elements reach 56
  EXPECT_EQ(session.run({&x, 1}, outputs), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(session.error(), "output 0 \"positions\" needs 56 bytes; its buffer has 48");
}

} // namespace
} // namespace transom::test
