//===- InputsTest.cpp - what a model is run on ----------------------------===//

#include "Inputs.h"
#include <gtest/gtest.h>

using namespace transom;
using cli::Tensor;

namespace {
/// ids: i64[batch, sequence], mask: bool[batch, sequence], table: f32[4]
struct Inputs : testing::Test {
  Inputs() {
    info.num_inputs = 3;
    info.inputs = values;
    info.num_symbols = 2;
    info.symbols = symbols;
  }

  llvm::Expected<std::vector<Tensor>> make(std::vector<std::string> inputs, std::vector<std::string> dims) {
    return cli::makeInputs(info, {std::move(inputs), std::move(dims), 1});
  }

  std::string message(std::vector<std::string> inputs, std::vector<std::string> dims) {
    auto tensors = make(std::move(inputs), std::move(dims));
    return tensors ? "no error" : llvm::toString(tensors.takeError());
  }

  int64_t dynamic[2] = {-1, -1}, fixed[1] = {4};
  int32_t named[2] = {0, 1}, unnamed[1] = {-1};
  TransomValueDesc values[3] = {{"ids", TRANSOM_I64, 2, dynamic, named},
                                {"mask", TRANSOM_BOOL, 2, dynamic, named},
                                {"table", TRANSOM_F32, 1, fixed, unnamed}};
  const char *symbols[2] = {"batch", "sequence"};
  TransomModelInfo info = {};
};
} // namespace

TEST_F(Inputs, DefaultsAreSafe) {
  auto tensors = make({}, {"batch=2", "sequence=3"});
  ASSERT_TRUE(bool(tensors)) << llvm::toString(tensors.takeError());
  EXPECT_EQ((*tensors)[0].text(), "i64[2, 3]");
  EXPECT_EQ((*tensors)[1].text(), "bool[2, 3]");
  EXPECT_EQ((*tensors)[2].text(), "f32[4]");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(cli::elementAt(TRANSOM_I64, (*tensors)[0].data.data(), i), 1);
    EXPECT_EQ(cli::elementAt(TRANSOM_BOOL, (*tensors)[1].data.data(), i), 1);
  }
  for (int i = 0; i < 4; ++i)
    EXPECT_LT(std::abs(cli::elementAt(TRANSOM_F32, (*tensors)[2].data.data(), i)), 0.2);
}

TEST_F(Inputs, Fillings) {
  auto tensors = make({"ids=randint:5:8", "mask=zeros", "table=normal:0"}, {"batch=4", "sequence=16"});
  ASSERT_TRUE(bool(tensors)) << llvm::toString(tensors.takeError());
  bool seen[3] = {};
  for (int i = 0; i < 64; ++i) {
    double id = cli::elementAt(TRANSOM_I64, (*tensors)[0].data.data(), i);
    ASSERT_TRUE(id >= 5 && id < 8);
    seen[static_cast<int>(id) - 5] = true;
    EXPECT_EQ(cli::elementAt(TRANSOM_BOOL, (*tensors)[1].data.data(), i), 0);
  }
  EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
  EXPECT_EQ(cli::elementAt(TRANSOM_F32, (*tensors)[2].data.data(), 0), 0);
}

TEST_F(Inputs, SaysWhatIsWrong) {
  EXPECT_EQ(message({}, {"batch=1"}), "dims without a size: sequence; give them by --dim sequence=SIZE");
  EXPECT_EQ(message({"idz=ones"}, {}), "the model has no input 'idz'; it has ids, mask, table");
  EXPECT_EQ(message({"ids=normal:-1"}, {}),
            "--input ids=normal:-1: 'normal:-1': the deviation is a number of at least 0");
  EXPECT_EQ(message({"ids"}, {}), "--input ids: NAME=WHAT, a file that ends in .npz, or a folder is expected");
}

TEST_F(Inputs, OrderByNameOrAsTheyAre) {
  std::vector<Tensor> tensors(3);
  tensors[0].name = "table";
  tensors[1].name = "ids";
  tensors[2].name = "mask";
  cli::orderByName(tensors, values);
  EXPECT_EQ(tensors[0].name, "ids");
  EXPECT_EQ(tensors[2].name, "table");
  tensors[1].name = "unknown";
  cli::orderByName(tensors, values);
  EXPECT_EQ(tensors[1].name, "unknown");
}
