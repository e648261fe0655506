//===- Sha256Test.cpp - the digests of FIPS 180-4's examples --------------===//
#include "Sha256.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <string>

namespace {

std::string digest(const std::string &text) {
  char hex[65];
  transom::runtime::sha256(reinterpret_cast<const uint8_t *>(text.data()), text.size(), hex);
  return hex;
}

TEST(Sha256, KnownDigests) {
  EXPECT_EQ(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Where the length still fits into the last block, and where it does not.
TEST(Sha256, BlockBoundaries) {
  EXPECT_EQ(digest(std::string(55, 'a')), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(digest(std::string(56, 'a')), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EXPECT_EQ(digest(std::string(64, 'a')), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

// Pieces of all sizes around a block's, with the CPU's instructions and without them.
TEST(Sha256, Pieces) {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += static_cast<char>(i * 37 % 251);
  std::string whole = digest(text);
  for (bool plainly : {false, true})
    for (size_t first = 1; first < 140; ++first) {
      transom::runtime::Sha256 sha(plainly);
      for (size_t at = 0, bytes = first; at < text.size(); at += bytes, bytes = bytes % 139 + 1) {
        bytes = std::min(bytes, text.size() - at);
        sha.update(text.data() + at, bytes);
      }
      char hex[65];
      sha.finish(hex);
      EXPECT_EQ(hex, whole) << "plainly " << plainly << ", pieces from " << first;
    }
}

} // namespace
