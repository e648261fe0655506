// The example's tokenizer on a small vocabulary: every step of BERT's own.

#include "WordPiece.h"

#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>

namespace {

std::string writeVocabulary(const std::string &name, const std::vector<std::string> &tokens) {
  std::string path = testing::TempDir() + name;
  std::ofstream file(path);
  for (const std::string &token : tokens)
    file << token << '\n';
  return path;
}

class WordPieceTest : public testing::Test {
protected:
  const std::vector<std::string> tokens{"[PAD]", "[UNK]",  "[CLS]",   "[SEP]",  "cafe", "un",
                                        "##aff", "##able", "able",    "a",      "##a",  ",",
                                        "!",     "日",     "strasse", "straße", "ł",    "—"};
  const WordPiece tokenizer{writeVocabulary("word-piece-vocabulary.txt", tokens)};

  /// The tokens of `text` without [CLS] and [SEP], joined by blanks.
  std::string pieces(std::string_view text) {
    std::vector<int64_t> ids = tokenizer.encode(text);
    EXPECT_EQ(tokens[ids.front()], "[CLS]");
    EXPECT_EQ(tokens[ids.back()], "[SEP]");
    std::string joined;
    for (size_t i = 1; i + 1 < ids.size(); ++i)
      joined += (i == 1 ? "" : " ") + tokens[ids[i]];
    return joined;
  }
};

TEST_F(WordPieceTest, TakesTheLongestPieces) {
  EXPECT_EQ(pieces("unaffable able"), "un ##aff ##able able");
  EXPECT_EQ(pieces("aaa"), "a ##a ##a");
}

TEST_F(WordPieceTest, WordWithAnUnknownPieceIsUnknownAsAWhole) {
  EXPECT_EQ(pieces("unaffq a"), "[UNK] a");
  EXPECT_EQ(pieces("xyz"), "[UNK]");
}

TEST_F(WordPieceTest, LowersAndStripsAccents) {
  EXPECT_EQ(pieces("CAFÉ café cafe\u0301"), "cafe cafe cafe");
  EXPECT_EQ(pieces("Straße STRAẞE Ł Ǎ ạ"), "straße straße ł a a");
}

TEST_F(WordPieceTest, SplitsAtPunctuationAndIdeographs) {
  EXPECT_EQ(pieces("a,a!"), "a , a !");
  EXPECT_EQ(pieces("a—a"), "a — a");
  EXPECT_EQ(pieces("a日a"), "a 日 a");
}

TEST_F(WordPieceTest, SplitsAtBlanksAndDropsControls) {
  EXPECT_EQ(pieces("  a\t a\u00a0a\u3000a\n"), "a a a a");
  EXPECT_EQ(pieces("ca\u200bf\u00ade\x01"), "cafe");
  EXPECT_EQ(pieces(""), "");
}

TEST_F(WordPieceTest, BytesThatAreNotTextAreDropped) {
  EXPECT_EQ(pieces("ca\xff\xc0\xafge"), "[UNK]"); // "cage" is not known
  EXPECT_EQ(pieces("caf\xff"
                   "e"),
            "cafe");
  EXPECT_EQ(pieces("cafe\xe6\x97"), "cafe");     // cut in the middle of a character
  EXPECT_EQ(pieces("cafe\xed\xa0\x80"), "cafe"); // a surrogate
}

TEST_F(WordPieceTest, CutsToTheGivenLength) {
  EXPECT_EQ(tokenizer.encode("a a a a a", 4), (std::vector<int64_t>{2, 9, 9, 3}));
  EXPECT_EQ(tokenizer.encode("a a", 4), (std::vector<int64_t>{2, 9, 9, 3}));
}

TEST_F(WordPieceTest, WordsOfMoreThanAHundredCharactersAreUnknown) {
  EXPECT_EQ(pieces(std::string(101, 'a')), "[UNK]");
  EXPECT_EQ(tokenizer.encode(std::string(100, 'a')).size(), 102u);
}

TEST(WordPieceErrors, NameWhatIsWrong) {
  auto message = [](const std::string &path) -> std::string {
    try {
      WordPiece{path};
    } catch (const std::runtime_error &error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("no/such/file"), "cannot read the vocabulary no/such/file");
  EXPECT_EQ(message(writeVocabulary("no-separator.txt", {"[UNK]", "[CLS]"})), "the vocabulary has no [SEP]");
  std::string twice = writeVocabulary("twice.txt", {"a", "a"});
  EXPECT_EQ(message(twice), twice + " has the token 'a' twice");
}

} // namespace
