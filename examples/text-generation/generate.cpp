//===- generate.cpp - text generation with streaming ----------------------===//
//
//   generate [OPTIONS] TOKEN...
//
// Runs the prompt once, then token by token with the cache, and prints each
// token as soon as it is there: its number, or its text with --vocabulary FILE
// (a token a line).
//
//===----------------------------------------------------------------------===//

#include "Decoder.h"
#include "Sampler.h"
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

extern "C" const TransomLibrary *MODEL_LIBRARY(void);

namespace {
struct Options {
  SamplerOptions sampler;
  int64_t count = 20, end = -1;
  uint32_t threads = 0;
  std::string vocabulary;
  std::vector<int64_t> prompt;
};
} // namespace

static int complain(const std::string &message) {
  std::fprintf(stderr, "generate: %s\n", message.c_str());
  return 1;
}

template <typename T> static bool parse(const char *text, T &value) {
  auto [rest, code] = std::from_chars(text, text + std::strlen(text), value);
  return code == std::errc() && *rest == '\0';
}

/// False, with the reason printed, where the command line is wrong.
static bool readOptions(int argc, char **argv, Options &options) {
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    if (!flag.starts_with("--")) {
      int64_t token;
      if (!parse(argv[i], token) || token < 0)
        return complain("'" + flag + "' is no token"), false;
      options.prompt.push_back(token);
      continue;
    }
    const char *value = i + 1 < argc ? argv[++i] : "";
    bool known = flag == "--count"         ? parse(value, options.count) && options.count >= 0
                 : flag == "--end"         ? parse(value, options.end)
                 : flag == "--threads"     ? parse(value, options.threads)
                 : flag == "--temperature" ? parse(value, options.sampler.temperature)
                 : flag == "--top-k"       ? parse(value, options.sampler.topK)
                 : flag == "--top-p"       ? parse(value, options.sampler.topP)
                 : flag == "--seed"        ? parse(value, options.sampler.seed)
                 : flag == "--vocabulary"  ? !(options.vocabulary = value).empty()
                                           : false;
    if (!known)
      return complain("'" + flag + " " + value + "' is not understood"), false;
  }
  if (options.prompt.empty())
    return complain("usage: generate [--count N] [--temperature T] [--top-k K] [--top-p P] [--seed S] [--end TOKEN] "
                    "[--threads N] [--vocabulary FILE] TOKEN..."),
           false;
  return true;
}

int main(int argc, char **argv) {
  Options options;
  if (!readOptions(argc, argv, options))
    return 2;
  std::vector<std::string> words;
  if (!options.vocabulary.empty()) {
    std::ifstream file(options.vocabulary);
    if (!file)
      return complain("cannot read '" + options.vocabulary + "'");
    for (std::string line; std::getline(file, line);)
      words.push_back(line);
  }
  auto model = transom::Model::open(MODEL_LIBRARY());
  if (!model)
    return complain(model.error().message);
  int64_t capacity = static_cast<int64_t>(options.prompt.size()) + options.count;
  auto decoder = Decoder::create(*model, options.threads, capacity);
  if (!decoder)
    return complain(decoder.error().message);

  Sampler sampler(options.sampler);
  std::vector<int64_t> tokens = options.prompt;
  for (int64_t i = 0; i < options.count; ++i) {
    auto logits = decoder->step(tokens);
    if (!logits)
      return complain(logits.error().message);
    int64_t token = sampler.next(*logits);
    if (token == options.end)
      break;
    if (static_cast<size_t>(token) < words.size())
      std::fputs(words[static_cast<size_t>(token)].c_str(), stdout);
    else
      std::printf(i ? " %lld" : "%lld", static_cast<long long>(token));
    std::fflush(stdout); // as it comes
    tokens.assign(1, token);
  }
  std::printf("\n");
  return 0;
}
