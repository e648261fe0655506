//===- HeadersTest.cpp - one model called from C11, C++17 and C++20 -------===//
#include "transom/dlpack.h"

#include "Session.h"

extern "C" TransomStatus runFromC(TransomContext *context, const TransomTensor *input, TransomTensor *output,
                                  DLTensor *view, int64_t *strides);
TransomStatus runFromCxx17(TransomContext *context, const TransomTensor *input, TransomTensor *output);

namespace transom::test {
namespace {

TEST(Headers, AgreeAcrossLanguages) {
  IdentityProgram identity(TRANSOM_I32, 2);
  Session session(identity.program);
  int32_t values[] = {1, 2, 3, 4, 5, 6};
  TransomTensor x = tensor(TRANSOM_I32, values, {2, 3}), y = {}, z = {};
  DLTensor view;
  int64_t strides[TRANSOM_MAX_RANK];
  ASSERT_EQ(runFromC(session.context, &x, &y, &view, strides), TRANSOM_OK) << session.error();
  EXPECT_EQ(valuesOf<int32_t>(y), (std::vector<int32_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(view.data, y.data);
  EXPECT_EQ(view.strides[0], 3);
  ASSERT_EQ(runFromCxx17(session.context, &x, &z), TRANSOM_OK) << session.error();
  EXPECT_EQ(valuesOf<int32_t>(z), (std::vector<int32_t>{1, 2, 3, 4, 5, 6}));
}

} // namespace
} // namespace transom::test
