//===- WeightsInPlaceTest.cpp ---------------------------------------------===//

#include "WeightsInPlace.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

using namespace transom;

namespace {

constexpr size_t longBytes = 10000;

onnx::TensorProto &addWeight(onnx::ModelProto &model, const std::string &name, size_t bytes, char fill) {
  onnx::TensorProto &tensor = *model.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT8);
  tensor.add_dims(bytes);
  tensor.set_raw_data(std::string(bytes, fill));
  return tensor;
}

/// A graph with a long weight, a short one, one in a typed field, and a node between them.
onnx::ModelProto model() {
  onnx::ModelProto model;
  model.set_ir_version(10);
  model.set_producer_name("test");
  addWeight(model, "long", longBytes, 'l');
  addWeight(model, "short", 16, 's');
  model.mutable_graph()->add_node()->set_op_type("Relu");
  onnx::TensorProto &typed = *model.mutable_graph()->add_initializer();
  typed.set_name("typed");
  for (unsigned i = 0; i < longBytes; ++i)
    typed.add_float_data(i);
  addWeight(model, "other", longBytes, 'o').set_doc_string("after the data");
  model.add_opset_import()->set_version(17);
  return model;
}

std::string joined(const WeightsInPlace &split) {
  std::string all;
  for (llvm::StringRef piece : split.pieces)
    all += piece;
  EXPECT_EQ(all.size(), split.bytes());
  return all;
}

/// What protobuf reads of the pieces, with the weights put back.
std::string restored(const WeightsInPlace &split) {
  onnx::ModelProto parsed;
  EXPECT_TRUE(parsed.ParseFromString(joined(split)));
  for (onnx::TensorProto &tensor : *parsed.mutable_graph()->mutable_initializer())
    if (auto found = split.weights.find(tensor.name()); found != split.weights.end()) {
      EXPECT_EQ(tensor.raw_data().size(), WeightsInPlace::standInBytes);
      tensor.set_raw_data(found->second.data(), found->second.size());
    }
  return parsed.SerializeAsString();
}

/// A field with a key of its own byte.
std::string message(char key, const std::string &content) {
  std::string field(1, key);
  llvm::raw_string_ostream os(field);
  llvm::encodeULEB128(content.size(), os);
  return field + content;
}

bool isWhole(const WeightsInPlace &split, const std::string &file) {
  return split.weights.empty() && split.pieces.size() == 1 && split.pieces[0].data() == file.data() &&
         split.pieces[0].size() == file.size();
}

TEST(WeightsInPlaceTest, LongInitializersStayInTheFile) {
  std::string file = model().SerializeAsString();
  WeightsInPlace split(file);
  ASSERT_EQ(split.weights.size(), 2u);
  for (const auto &weight : split.weights) {
    EXPECT_GE(weight.second.data(), file.data());
    EXPECT_LE(weight.second.end(), file.data() + file.size());
    EXPECT_EQ(weight.second.size(), longBytes);
  }
  EXPECT_EQ(split.weights.lookup("long").front(), 'l');
  EXPECT_EQ(split.weights.lookup("other").back(), 'o');
  EXPECT_EQ(split.bytes(), joined(split).size());
  EXPECT_LT(split.bytes() + 2 * longBytes, file.size() + 100);
  EXPECT_EQ(restored(split), file);
}

TEST(WeightsInPlaceTest, WhatProtobufMergesIsLeftToIt) {
  onnx::ModelProto one = model(), more;
  addWeight(more, "more", longBytes, 'm');
  std::string file = one.SerializeAsString() + more.SerializeAsString(); // two graphs
  EXPECT_TRUE(isWhole(WeightsInPlace(file), file));

  // The library writes a field once: put together by hand.
  onnx::TensorProto tail;
  tail.set_raw_data(std::string(longBytes, 't'));
  std::string tensor = one.graph().initializer(0).SerializeAsString() + tail.SerializeAsString();
  std::string handmade = message('\x3a', message('\x2a', tensor));
  WeightsInPlace split(handmade);
  EXPECT_TRUE(split.weights.empty());
  EXPECT_EQ(joined(split), handmade);
}

TEST(WeightsInPlaceTest, TensorsThatAreNotTheFilesStayAsTheyAre) {
  onnx::ModelProto others = model();
  onnx::GraphProto &graph = *others.mutable_graph();
  graph.clear_initializer();
  onnx::TensorProto &external = addWeight(others, "external", longBytes, 'e');
  external.set_data_location(onnx::TensorProto::EXTERNAL);
  addWeight(others, "", longBytes, 'n');
  std::string file = others.SerializeAsString();
  WeightsInPlace split(file);
  EXPECT_TRUE(split.weights.empty());
  EXPECT_EQ(joined(split), file);
}

TEST(WeightsInPlaceTest, OfTwoWithOneNameTheSecondIsParsed) {
  onnx::ModelProto twins = model();
  addWeight(twins, "long", longBytes, 'x');
  std::string file = twins.SerializeAsString();
  WeightsInPlace split(file);
  EXPECT_EQ(split.weights.lookup("long").front(), 'l');
  onnx::ModelProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(joined(split)));
  const auto &last = parsed.graph().initializer(parsed.graph().initializer_size() - 1);
  EXPECT_EQ(last.raw_data(), std::string(longBytes, 'x'));
}

TEST(WeightsInPlaceTest, TruncatedFilesAreOnePieceOrEndBetweenFields) {
  std::string file = model().SerializeAsString();
  unsigned whole = 0;
  for (size_t size = 0; size < file.size(); size += size < 200 ? 1 : 97) {
    std::string part = file.substr(0, size);
    WeightsInPlace split(part);
    whole += isWhole(split, part);
    onnx::ModelProto ofPieces, ofFile;
    EXPECT_EQ(ofPieces.ParseFromString(joined(split)), ofFile.ParseFromString(part)) << size;
  }
  EXPECT_GT(whole, 100u);
}

} // namespace
