//===- TensorFilesTest.cpp - .npy, .npz and .pb ---------------------------===//

#include "Tensor.h"
#include "transom/transom.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

using namespace transom;
using cli::Tensor;

namespace {
std::string message(llvm::Expected<Tensor> tensor) { return tensor ? "no error" : llvm::toString(tensor.takeError()); }

llvm::Expected<Tensor> readProto(const onnx::TensorProto &proto) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("transom-test", "pb", path));
  std::error_code code;
  llvm::raw_fd_ostream(path, code) << proto.SerializeAsString();
  auto tensor = cli::readTensorProto(path);
  (void)llvm::sys::fs::remove(path);
  return tensor;
}
} // namespace

TEST(Npy, ReadsWhatItWrites) {
  float numbers[] = {1.5f, -2, 3};
  std::string text = cli::npyText(TRANSOM_F32, {1, 3}, llvm::StringRef(reinterpret_cast<char *>(numbers), 12));
  EXPECT_EQ((text.size() - 12) % 64, 0u);
  auto tensor = cli::parseNpy(text, "x.npy");
  ASSERT_TRUE(bool(tensor)) << llvm::toString(tensor.takeError());
  EXPECT_EQ(tensor->text(), "f32[1, 3]");
  EXPECT_EQ(cli::elementAt(TRANSOM_F32, tensor->data.data(), 1), -2);
}

TEST(Npy, ScalarsAndEmptyTensors) {
  auto scalar = cli::parseNpy(cli::npyText(TRANSOM_I64, {}, llvm::StringRef("\7\0\0\0\0\0\0\0", 8)), "s");
  ASSERT_TRUE(bool(scalar));
  EXPECT_EQ(scalar->text(), "i64[]");
  EXPECT_EQ(cli::elementAt(TRANSOM_I64, scalar->data.data(), 0), 7);
  auto empty = cli::parseNpy(cli::npyText(TRANSOM_F32, {2, 0}, ""), "e");
  ASSERT_TRUE(bool(empty));
  EXPECT_EQ(empty->text(), "f32[2, 0]");
}

TEST(Npy, RawElementsAreWhatTheModelWants) {
  std::string text = cli::npyText(TRANSOM_BF16, {1}, llvm::StringRef("\x80\x3f", 2));
  EXPECT_EQ(message(cli::parseNpy(text, "x")), "x: the element type '|V2' is not supported");
  auto tensor = cli::parseNpy(text, "x", TRANSOM_BF16);
  ASSERT_TRUE(bool(tensor));
  EXPECT_EQ(cli::elementAt(TRANSOM_BF16, tensor->data.data(), 0), 1);
}

TEST(Npy, SaysWhatIsWrong) {
  std::string text = cli::npyText(TRANSOM_F32, {2}, llvm::StringRef("\0\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(message(cli::parseNpy("PK", "x")), "x: not a .npy file");
  EXPECT_EQ(message(cli::parseNpy(text.substr(0, 40), "x")), "x: the .npy header is truncated");
  EXPECT_EQ(message(cli::parseNpy(text.substr(0, text.size() - 1), "x")),
            "x: has 7 bytes of elements where f32[2] takes 8");
  std::string fortran = text;
  fortran.replace(fortran.find("False"), 5, "True ");
  EXPECT_EQ(message(cli::parseNpy(fortran, "x")),
            "x: the array is in Fortran's order; save numpy.ascontiguousarray of it");
  std::string big = text;
  big.replace(big.find("<f4"), 3, ">f4");
  EXPECT_EQ(message(cli::parseNpy(big, "x")), "x: the element type '>f4' is not supported");
}

TEST(TensorProto, TypedFieldsAndRawBytes) {
  onnx::TensorProto proto;
  proto.set_name("x");
  proto.set_data_type(onnx::TensorProto::FLOAT16);
  proto.add_dims(2);
  proto.add_int32_data(0x3c00); // 1
  proto.add_int32_data(0xc000); // -2
  auto tensor = readProto(proto);
  ASSERT_TRUE(bool(tensor)) << llvm::toString(tensor.takeError());
  EXPECT_EQ(tensor->name, "x");
  EXPECT_EQ(tensor->text(), "f16[2]");
  EXPECT_EQ(cli::elementAt(TRANSOM_F16, tensor->data.data(), 1), -2);
  proto.clear_int32_data();
  proto.set_raw_data(std::string("\x00\x3c\x00\xc0", 4));
  auto raw = readProto(proto);
  ASSERT_TRUE(bool(raw)) << llvm::toString(raw.takeError());
  EXPECT_EQ(raw->data, tensor->data);
}

TEST(TensorProto, SaysWhatIsWrong) {
  onnx::TensorProto proto;
  proto.set_data_type(onnx::TensorProto::STRING);
  EXPECT_NE(message(readProto(proto)).find("no tensor of a supported type; it has data_type 8"), std::string::npos);
  proto.set_data_type(onnx::TensorProto::FLOAT);
  proto.add_dims(3);
  EXPECT_NE(message(readProto(proto)).find("holds 0 bytes where f32[3] takes 12"), std::string::npos);
  proto.set_dims(0, -3);
  EXPECT_NE(message(readProto(proto)).find("f32[-3] is no possible size"), std::string::npos);
}

TEST(Elements, EveryTypeRoundTrips) {
  for (int32_t type :
       {TRANSOM_F64, TRANSOM_F32, TRANSOM_F16, TRANSOM_BF16, TRANSOM_F8E4M3FN, TRANSOM_F8E4M3FNUZ, TRANSOM_F8E5M2,
        TRANSOM_F8E5M2FNUZ, TRANSOM_I64, TRANSOM_I32, TRANSOM_I16, TRANSOM_I8, TRANSOM_I4}) {
    uint64_t memory[4] = {};
    for (int i = 0; i < 3; ++i)
      cli::setElement(type, memory, i, i * 3 - 4); // -4, -1, 2
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(cli::elementAt(type, memory, i), i * 3 - 4) << type;
  }
  for (int32_t type : {TRANSOM_U64, TRANSOM_U32, TRANSOM_U16, TRANSOM_U8, TRANSOM_U4}) {
    uint64_t memory[4] = {};
    for (int i = 0; i < 3; ++i)
      cli::setElement(type, memory, i, 13 + i);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(cli::elementAt(type, memory, i), 13 + i) << type;
  }
  // The types with few numbers, each with all or some of theirs.
  auto keeps = [](int32_t type, std::vector<double> numbers) {
    uint64_t memory[4] = {};
    for (size_t i = 0; i < numbers.size(); ++i)
      cli::setElement(type, memory, int64_t(i), numbers[i]);
    for (size_t i = 0; i < numbers.size(); ++i)
      EXPECT_EQ(cli::elementAt(type, memory, int64_t(i)), numbers[i]) << type;
  };
  keeps(TRANSOM_U2, {3, 0, 1, 2, 3});
  keeps(TRANSOM_I2, {-2, 1, -1, 0, 1});
  keeps(TRANSOM_F4E2M1FN, {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.5, -1, -1.5, -2, -3, -4, -6});
  keeps(TRANSOM_F8E8M0FNU, {0x1p-127, 0.5, 1, 0x1p127});
}
