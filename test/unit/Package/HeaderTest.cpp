//===- HeaderTest.cpp - NAME.h --------------------------------------------===//

#include "transom/Package/Package.h"
#include "transom/transom.h"
#include "llvm/Support/JSON.h"
#include <gtest/gtest.h>

using namespace transom;

static SignatureValue value(const char *name, int32_t type, std::vector<SignatureDim> dims) {
  return {name, identifier(name), elementTypeOf(type), std::move(dims)};
}

static Signature bert() {
  Signature signature;
  signature.symbols = {{"batch", "batch"}, {"sequence", "sequence"}};
  signature.inputs = {value("input_ids", TRANSOM_I64, {{-1, "batch"}, {-1, "sequence"}}),
                      value("attention_mask", TRANSOM_I64, {{-1, "batch"}, {-1, "sequence"}})};
  signature.outputs = {value("last_hidden_state", TRANSOM_F32, {{-1, "batch"}, {-1, "sequence"}, {768, ""}})};
  return signature;
}

// The pieces of docs/RuntimeABI.md, word for word.
TEST(Header, IsTheOneInTheDocs) {
  std::string text = headerText("bert", bert());
  for (const char *piece : {
           "#include <transom/transom.h>\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n",
           "const TransomLibrary *bert_library(void);\n",
           "typedef struct bert_dims {\n  int64_t batch;\n  int64_t sequence;\n} bert_dims;\n",
           "/* input_ids: i64[batch, sequence] */\n"
           "static inline TransomTensor bert_input_ids(const int64_t *data, const bert_dims *dims) {\n"
           "  TransomTensor tensor;\n  memset(&tensor, 0, sizeof tensor);\n  tensor.data = (void *)data;\n"
           "  tensor.type = TRANSOM_I64;\n  tensor.rank = 2;\n  tensor.shape[0] = dims->batch;\n"
           "  tensor.shape[1] = dims->sequence;\n  return tensor;\n}\n",
           "static inline TransomStatus bert_open(const TransomLoadOptions *options, TransomModel **model, char "
           "*error, "
           "size_t error_bytes) {\n  return transom_open(bert_library(), options, model, error, error_bytes);\n}\n",
           "  return transom_run(context, &inputs->input_ids, 2, &outputs->last_hidden_state, 1);\n",
           "  return transom_workspace_bytes(model, &dims->batch, bytes);\n",
       })
    EXPECT_NE(text.find(piece), std::string::npos) << piece << "\nis not in\n" << text;
}

TEST(Header, NoStructWithoutMembers) {
  Signature signature;
  signature.outputs = {value("y", TRANSOM_F32, {{2, ""}})};
  std::string text = headerText("plain", signature);
  EXPECT_EQ(text.find("plain_dims"), std::string::npos);
  EXPECT_EQ(text.find("plain_inputs"), std::string::npos);
  EXPECT_NE(text.find("transom_run(context, NULL, 0, &outputs->y, 1)"), std::string::npos);
}

TEST(Header, NamesCannotEndComments) {
  Signature signature = bert();
  signature.inputs[0].name = "a*/ int b; /*";
  EXPECT_EQ(headerText("bert", signature).find("*/ int"), std::string::npos);
}

TEST(Manifest, IsJsonWhateverTheNames) {
  Manifest manifest;
  manifest.name = "bert";
  manifest.signature = bert();
  manifest.signature.inputs[0].name = "\xff\"";
  manifest.cost.flops = {{42, {"batch"}}};
  auto parsed = llvm::json::parse(manifestText(manifest));
  ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
  const llvm::json::Object &object = *parsed->getAsObject();
  EXPECT_EQ(object.getString("name"), "bert");
  EXPECT_EQ(object.getArray("inputs")->size(), 2u);
  EXPECT_EQ((*object.getArray("flops"))[0].getAsObject()->getInteger("count"), 42);
}
