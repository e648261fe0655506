// Turns text into the token ids of an uncased BERT vocabulary.
//
// The steps of BERT's own tokenizer: clean, lower case without accents, split
// at blanks and punctuation, then the longest pieces that the vocabulary has.
// Lower case and accents are known for the Latin blocks up to U+024F and for
// U+1E00 to U+1EFF, save the capitals of phonetic letters; other scripts pass
// as they are.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

class WordPiece {
public:
  /// Reads a vocabulary with one token a line; throws std::runtime_error when
  /// the file cannot be read or lacks a special token.
  explicit WordPiece(const std::string &vocabularyPath);

  /// [CLS] pieces... [SEP], cut to `maxTokens` in all.
  std::vector<int64_t> encode(std::string_view text, size_t maxTokens = 512) const;

private:
  void appendPieces(std::string_view word, std::vector<int64_t> &ids) const;
  int64_t special(const std::string &token) const;

  std::unordered_map<std::string, int64_t> ids;
  int64_t unknown = 0, start = 0, end = 0;
};
