//===- PassVerificationTest.cpp - a bug planted in a pass is named --------===//

#include "transom/Driver/PassVerification.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace transom;

namespace {

/// Rounds like a pass with a bug: every norm gets another epsilon.
struct WrongEpsilon : mlir::PassWrapper<WrongEpsilon, mlir::OperationPass<mlir::func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(WrongEpsilon)
  llvm::StringRef getArgument() const override { return "wrong-epsilon"; }
  void runOnOperation() override {
    getOperation().walk([](transformer::RMSNormOp norm) {
      norm.setEpsilonAttr(mlir::Builder(norm.getContext()).getF32FloatAttr(0.5f));
    });
  }
};

constexpr const char *model = R"(<ir_version: 8, opset_import: ["" : 17]>
normed (float[n, 4] x) => (float[n, 4] y)
<float two = {2}, float epsilon = {0.00001}>
{
  [square] squares = Pow(x, two)
  [mean] average = ReduceMean<axes = [-1], keepdims = 1>(squares)
  [plus] moved = Add(average, epsilon)
  [root] deviation = Sqrt(moved)
  [quotient] normal = Div(x, deviation)
  [after] y = Neg(normal)
}
)";

class PassVerificationTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("normed", "onnxtxt", path));
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << model;
    ASSERT_FALSE(code);
    options.model = std::string(path);
    options.name = "normed";
  }
  void TearDown() override { (void)llvm::sys::fs::remove(path); }

  llvm::SmallString<128> path;
  CompileOptions options;
  PassVerification verification;
  Problems problems;
};

TEST_F(PassVerificationTest, KeepsResults) {
  PassVerdict verdict = verifyPasses(options, verification, problems);
  EXPECT_EQ(verdict.pass, "");
  EXPECT_FALSE(problems.hasErrors());
  EXPECT_GE(verdict.passes, 2u);
}

TEST_F(PassVerificationTest, NamesPassOpAndNode) {
  verification.extend = [](Stage stage, mlir::OpPassManager &passes) {
    if (stage == Stage::Raise)
      passes.addNestedPass<mlir::func::FuncOp>(std::make_unique<WrongEpsilon>());
  };
  PassVerdict verdict = verifyPasses(options, verification, problems);
  EXPECT_EQ(verdict.pass, "wrong-epsilon");
  ASSERT_EQ(problems.list.size(), 1u);
  const std::string &message = problems.list[0].message;
  EXPECT_EQ(message.find("node 'quotient' (Div): the pass 'wrong-epsilon' changes results: transformer.rms_norm"), 0u)
      << message;
  EXPECT_NE(message.find("output \"y\""), std::string::npos) << message;
}

} // namespace
