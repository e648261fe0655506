//===- NamesTest.cpp - C names of ONNX names ------------------------------===//

#include "transom/Package/Signature.h"
#include <gtest/gtest.h>

using namespace transom;

TEST(Names, OtherCharactersBecomeUnderscores) {
  EXPECT_EQ(identifier("input_ids"), "input_ids");
  EXPECT_EQ(identifier("past_key_values.0.key"), "past_key_values_0_key");
  EXPECT_EQ(identifier("a/b-c:0"), "a_b_c_0");
  EXPECT_EQ(identifier("é"), "__"); // two bytes
}

TEST(Names, LeadingDigitAndNothing) {
  EXPECT_EQ(identifier("0"), "_0");
  EXPECT_EQ(identifier("2nd"), "_2nd");
  EXPECT_EQ(identifier(""), "_");
}

TEST(Names, KeywordsOfBothLanguages) {
  EXPECT_EQ(identifier("int"), "int_");
  EXPECT_EQ(identifier("class"), "class_");
  EXPECT_EQ(identifier("restrict"), "restrict_");
  EXPECT_EQ(identifier("xor_eq"), "xor_eq_");
  EXPECT_EQ(identifier("alignas"), "alignas_"); // the first of the list
  EXPECT_EQ(identifier("integer"), "integer");  // no keyword, but starts like one
  EXPECT_EQ(identifier("cast"), "cast");        // the end of several
}

TEST(Names, WhatIsAnIdentifier) {
  EXPECT_TRUE(isIdentifier("bert_2"));
  EXPECT_TRUE(isIdentifier("_"));
  EXPECT_FALSE(isIdentifier(""));
  EXPECT_FALSE(isIdentifier("2bert"));
  EXPECT_FALSE(isIdentifier("bert-base"));
  EXPECT_FALSE(isIdentifier("while"));
}

TEST(Names, SecondOnesGetNumbers) {
  Identifiers names({"run"});
  EXPECT_EQ(names.add("a.b"), "a_b");
  EXPECT_EQ(names.add("a/b"), "a_b_2");
  EXPECT_EQ(names.add("a_b"), "a_b_3");
  EXPECT_EQ(names.add("a_b_2"), "a_b_2_2");
  EXPECT_EQ(names.add("run"), "run_2");
}
