//===- WeightsFileTest.cpp - the sidecar's header -------------------------===//

#include "mlir/Parser/Parser.h"
#include "transom/Package/Package.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include <gtest/gtest.h>

using namespace transom;

namespace {
struct WeightsFile : testing::Test {
  WeightsFile() { context.disableMultithreading(); }

  /// The header of an image of these entries, as the stage cpu lists them.
  llvm::json::Object header(const std::string &entries) {
    module = mlir::parseSourceString<mlir::ModuleOp>("module attributes {transformer.weights = [" + entries + "]} {}",
                                                     &context);
    auto image = WeightImage::plan(*module);
    EXPECT_TRUE(bool(image)) << llvm::toString(image.takeError());
    auto text = weightsFileHeader(*image, "model");
    EXPECT_TRUE(bool(text)) << llvm::toString(text.takeError());
    EXPECT_EQ(text->size() % 4096, 0u);
    EXPECT_EQ(llvm::support::endian::read64le(text->data()), text->size() - 8);
    auto value = llvm::json::parse(llvm::StringRef(*text).drop_front(8));
    EXPECT_TRUE(bool(value)) << llvm::toString(value.takeError());
    return *value->getAsObject();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

std::pair<int64_t, int64_t> offsets(const llvm::json::Object &header, llvm::StringRef name) {
  const llvm::json::Object *tensor = header.getObject(name);
  if (!tensor)
    return {-1, -1};
  const llvm::json::Array &pair = *tensor->getArray("data_offsets");
  return {*pair[0].getAsInteger(), *pair[1].getAsInteger()};
}
using Offsets = std::pair<int64_t, int64_t>;

constexpr const char *plain = "{value = dense<1.0> : tensor<2x3xf32>, offset = 0 : i64, bytes = 24 : i64}";
constexpr const char *packed = "{value = dense<1.0> : tensor<2x3xf32>, layout = array<i64: 2, 3, 16>, "
                               "offset = 64 : i64, bytes = 128 : i64}";
} // namespace

TEST_F(WeightsFile, KeepsTypeAndShapeOfWhatIsNotPacked) {
  llvm::json::Object object = header(std::string(plain) + ", " + packed);
  const llvm::json::Object &first = *object.getObject("constant_0"), &second = *object.getObject("constant_1");
  EXPECT_EQ(first.getString("dtype"), "F32");
  EXPECT_EQ(*first.getArray("shape"), llvm::json::Array({2, 3}));
  EXPECT_EQ(second.getString("dtype"), "U8");
  EXPECT_EQ(*second.getArray("shape"), llvm::json::Array({128}));
}

TEST_F(WeightsFile, NamesTheGaps) {
  llvm::json::Object object = header(std::string(plain) + ", " + packed);
  EXPECT_EQ(offsets(object, "constant_0"), Offsets(0, 24));
  EXPECT_EQ(offsets(object, "__padding__"), Offsets(24, 64));
  EXPECT_EQ(offsets(object, "constant_1"), Offsets(64, 192));
  EXPECT_EQ(object.size(), 4u); // and the metadata
}

TEST_F(WeightsFile, FillsUpToTheImagesEnd) {
  llvm::json::Object object = header(plain);
  EXPECT_EQ(offsets(object, "__padding__"), Offsets(24, 64));
}

TEST_F(WeightsFile, EqualWeightsAreNamedOnce) {
  llvm::json::Object object = header(std::string(plain) + ", " + plain);
  EXPECT_EQ(offsets(object, "constant_0"), Offsets(0, 24));
  EXPECT_EQ(object.getObject("constant_1"), nullptr);
}
