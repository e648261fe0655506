// BERT's tokenizer for Latin text: normalisation by table, then greedy pieces.

#include "WordPiece.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr size_t longestWord = 100; // in characters; longer words are unknown

// What a capital or accented letter becomes: a letter, itself ('.'), the next
// code point ('1') or the one 32 further ('^').
constexpr char32_t latinFirst = 0xC0, additionalFirst = 0x1E00;
constexpr std::string_view latin = //
    "aaaaaa^ceeeeiiii^nooooo.^uuuuy^.aaaaaa.ceeeeiiii.nooooo..uuuuy.yaaaaaaccccccccdd"
    "1.eeeeeeeeeegggggggghh1.iiiiiiiii.1.jjkk.llllll1.1.nnnnnn.1.oooooo1.rrrrrrssssss"
    "sstttt1.uuuuuuuuuuuuwwyyyzzzzzz...1.1..1...1.....1......1.......oo1.1..1....1..u"
    "u..1.1..1...1........1..1..1.aaiioouuuuuuuuuu.aaaa..1.ggkkoooo..j.1.gg..nnaa...."
    "aaaaeeeeiiiioooorrrruuuusstt1.hh..1.1.aaeeooooooooyy.......1.....1....1.1.1.1.1.";
constexpr std::string_view additional = //
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy......aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy1.1.1.";
static_assert(latin.size() == 0x250 - latinFirst && additional.size() == 0x1F00 - additionalFirst);

/// Takes one code point off `text`; U+FFFD for bytes that are not UTF-8.
char32_t takeCodePoint(std::string_view &text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  bool valid = length != 0 && length <= text.size();
  char32_t point = length <= 1 ? first : first & (0x7F >> length);
  for (size_t i = 1; valid && i < length; ++i) {
    valid = (byte(i) & 0xC0) == 0x80;
    point = point << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  text.remove_prefix(valid ? length : 1);
  return valid ? point : replacement;
}

void appendCodePoint(char32_t c, std::string &text) {
  auto tail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6), tail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12), tail(6), tail(0);
  } else {
    text += static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0);
  }
}

bool isBlank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Control and format characters, which leave no trace.
bool isDropped(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x206F) || c == 0xFEFF ||
         c == replacement;
}

bool isCombiningAccent(char32_t c) { return c >= 0x300 && c <= 0x36F; }

bool isPunctuation(char32_t c) {
  if (c < 0x80)
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return c == 0xA1 || c == 0xA7 || c == 0xAB || c == 0xB6 || c == 0xB7 || c == 0xBB || c == 0xBF ||
         (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205E && c != 0x2044 && c != 0x2052) ||
         (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011);
}

/// Ideographs are words of their own.
bool isIdeograph(char32_t c) {
  return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x2FA1F);
}

char32_t plainLetter(char32_t c) {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c == 0x1E9E) // capital sharp s
    return 0xDF;
  char rule = '.';
  if (c >= latinFirst && c - latinFirst < latin.size())
    rule = latin[c - latinFirst];
  else if (c >= additionalFirst && c - additionalFirst < additional.size())
    rule = additional[c - additionalFirst];
  return rule == '.' ? c : rule == '1' ? c + 1 : rule == '^' ? c + 32 : static_cast<char32_t>(rule);
}

size_t countCharacters(std::string_view word) {
  size_t count = 0;
  for (char c : word)
    count += (c & 0xC0) != 0x80;
  return count;
}

} // namespace

WordPiece::WordPiece(const std::string &vocabularyPath) {
  std::ifstream file(vocabularyPath);
  if (!file)
    throw std::runtime_error("cannot read the vocabulary " + vocabularyPath);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r')
      line.pop_back();
    int64_t id = static_cast<int64_t>(ids.size());
    if (!ids.emplace(line, id).second)
      throw std::runtime_error(vocabularyPath + " has the token '" + line + "' twice");
  }
  unknown = special("[UNK]"), start = special("[CLS]"), end = special("[SEP]");
}

int64_t WordPiece::special(const std::string &token) const {
  auto found = ids.find(token);
  if (found == ids.end())
    throw std::runtime_error("the vocabulary has no " + token);
  return found->second;
}

std::vector<int64_t> WordPiece::encode(std::string_view text, size_t maxTokens) const {
  std::vector<int64_t> result{start};
  std::string word;
  auto finishWord = [&] {
    if (!word.empty())
      appendPieces(word, result);
    word.clear();
  };
  while (!text.empty()) {
    char32_t c = takeCodePoint(text);
    if (isBlank(c)) {
      finishWord();
    } else if (isPunctuation(c) || isIdeograph(c)) {
      finishWord();
      appendCodePoint(c, word);
      finishWord();
    } else if (!isDropped(c) && !isCombiningAccent(c)) {
      appendCodePoint(plainLetter(c), word);
    }
  }
  finishWord();
  result.resize(std::min(result.size(), maxTokens - 1));
  result.push_back(end);
  return result;
}

void WordPiece::appendPieces(std::string_view word, std::vector<int64_t> &result) const {
  size_t before = result.size();
  bool known = countCharacters(word) <= longestWord;
  for (size_t begin = 0; known && begin < word.size();) {
    // No piece ends inside a character: no such bytes are in a vocabulary.
    size_t length = word.size() - begin;
    for (; length != 0; --length) {
      std::string piece = (begin == 0 ? "" : "##") + std::string(word.substr(begin, length));
      if (auto found = ids.find(piece); found != ids.end()) {
        result.push_back(found->second);
        break;
      }
    }
    known = length != 0;
    begin += length;
  }
  if (!known) {
    result.resize(before);
    result.push_back(unknown);
  }
}
