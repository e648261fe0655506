//===- ModelCostsTest.cpp - sizes of dims and what they cost --------------===//

#include "ModelCosts.h"
#include <gtest/gtest.h>

using namespace transom;

static const std::vector<std::string> symbols = {"batch_size", "sequence_length", "past_sequence_length"};

static std::string message(llvm::Expected<cli::DimSizes> sizes) {
  return sizes ? "no error" : llvm::toString(sizes.takeError());
}

TEST(Dims, ByNameOrItsStart) {
  auto sizes = cli::readDims({"batch=2", "sequence_length=0", "past=7", "batch_size=2"}, symbols);
  ASSERT_TRUE(bool(sizes)) << llvm::toString(sizes.takeError());
  EXPECT_EQ(*sizes, (cli::DimSizes{{"batch_size", 2}, {"sequence_length", 0}, {"past_sequence_length", 7}}));
}

TEST(Dims, SaysWhatIsWrong) {
  EXPECT_EQ(message(cli::readDims({"batch"}, symbols)),
            "--dim batch: NAME=SIZE is expected, with a size of at least 0");
  EXPECT_EQ(message(cli::readDims({"batch=1.5"}, symbols)),
            "--dim batch=1.5: NAME=SIZE is expected, with a size of at least 0");
  EXPECT_EQ(message(cli::readDims({"batch=1", "batch_size=2"}, symbols)), "--dim batch_size is given as 1 and as 2");
  EXPECT_EQ(message(cli::readDims({"x=1"}, {"xa", "xb"})), "--dim x could be xa or xb");
  EXPECT_EQ(message(cli::readDims({"x=1"}, {})), "--dim x: all dims of the model are fixed");
}

TEST(Costs, Evaluate) {
  ModelCost cost;
  cost.flops = {{3, {}}, {10, {"batch_size", "sequence_length", "sequence_length"}}};
  EXPECT_EQ(cli::costText(cost), "3 + 10*batch_size*sequence_length*sequence_length");
  EXPECT_EQ(cli::evaluate(cost.flops, {{"batch_size", 2}, {"sequence_length", 4}}), 323);
  EXPECT_EQ(cli::evaluate(cost.flops, {{"batch_size", 2}}), std::nullopt);
}

TEST(Costs, ReadBackFromTheManifest) {
  Manifest manifest;
  manifest.cost.flops = {{7, {"a", "b"}}};
  manifest.cost.omitted = 2;
  auto value = llvm::json::parse(manifestText(manifest));
  ASSERT_TRUE(bool(value));
  auto cost = cli::readCost(*value->getAsObject());
  ASSERT_TRUE(cost.has_value());
  EXPECT_EQ(cli::costText(*cost), "7*a*b");
  EXPECT_EQ(cost->omitted, 2u);
  EXPECT_EQ(cli::readCost({}), std::nullopt);
}

TEST(Costs, PlacesOfAnEntryPoint) {
  Manifest manifest;
  manifest.signature.entry = "main";
  Signature step;
  step.entry = "step";
  manifest.entries = {manifest.signature, step};
  manifest.places["main"] = {{"n", "MatMul", {{8, {"a"}}}, {{4, {}}}}};
  manifest.places["step"] = {{"n", "MatMul", {{9, {"a"}}}, {{5, {}}}}, {"m", "Add", {}, {{6, {"b"}}}}};
  auto value = llvm::json::parse(manifestText(manifest));
  ASSERT_TRUE(bool(value));
  auto of = [&](llvm::StringRef entry) { return cli::readPlaces(*value->getAsObject(), entry); };
  ASSERT_EQ(of("main").size(), 1u);
  EXPECT_EQ(cli::evaluate(of("main")[0].flops, {{"a", 2}}), 16);
  ASSERT_EQ(of("step").size(), 2u);
  EXPECT_EQ(of("step")[1].op, "Add");
  EXPECT_EQ(cli::evaluate(of("step")[1].bytes, {{"b", 3}}), 18);
  EXPECT_TRUE(of("other").empty());
}
