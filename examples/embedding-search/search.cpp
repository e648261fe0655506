// Ranks sentences by how close they are in meaning to a query, with a compiled
// sentence encoder linked in.
//
//   embedding-search --vocabulary vocab.txt --sentences FILE [--threads N] [--record FILE] QUERY
//
// FILE has a sentence a line. --record writes the token ids and the embedding
// of every text, the query first, for a comparison with other engines.

#include "WordPiece.h"

#include <minilm.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <numeric>
#include <stdexcept>

namespace {

struct Embedding {
  std::vector<int64_t> tokens;
  std::vector<float> vector; // of length 1
  double milliseconds;
};

/// The compiled model with one context: a thread that shares the model would
/// have a context of its own.
class Encoder {
public:
  explicit Encoder(uint32_t threads) {
    char why[TRANSOM_ERROR_BYTES];
    TransomModel *opened = nullptr;
    if (transom_open(minilm_library(), nullptr, &opened, why, sizeof why) != TRANSOM_OK)
      throw std::runtime_error(why);
    model.reset(opened);

    TransomContextOptions options{};
    options.struct_size = sizeof options;
    options.threads = threads;
    TransomContext *created = nullptr;
    if (transom_context_create(opened, &options, &created, why, sizeof why) != TRANSOM_OK)
      throw std::runtime_error(why);
    context.reset(created);

    ids = transom_find_input(opened, "input_ids");
    mask = transom_find_input(opened, "attention_mask");
    if (transom_info(opened)->num_inputs != 2 || ids < 0 || mask < 0)
      throw std::runtime_error("the model's inputs are not input_ids and attention_mask");
  }

  /// One text as a batch of its own, at its own length: sizes are free.
  Embedding embed(std::vector<int64_t> tokens) {
    std::vector<int64_t> kept(tokens.size(), 1);
    TransomTensor inputs[2]{}, output{};
    inputs[ids] = row(tokens);
    inputs[mask] = row(kept);
    auto start = std::chrono::steady_clock::now();
    if (transom_run(context.get(), inputs, 2, &output, 1) != TRANSOM_OK)
      throw std::runtime_error(transom_error(context.get()));
    std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    // The output lies in the context until its next run.
    const float *first = static_cast<const float *>(output.data);
    return {std::move(tokens), std::vector<float>(first, first + output.shape[1]), time.count()};
  }

private:
  struct Close {
    void operator()(TransomModel *model) const { transom_close(model); }
    void operator()(TransomContext *context) const { transom_context_destroy(context); }
  };

  static TransomTensor row(std::vector<int64_t> &values) {
    TransomTensor tensor{};
    tensor.data = values.data();
    tensor.type = TRANSOM_I64;
    tensor.rank = 2;
    tensor.shape[0] = 1;
    tensor.shape[1] = static_cast<int64_t>(values.size());
    return tensor;
  }

  std::unique_ptr<TransomModel, Close> model;
  std::unique_ptr<TransomContext, Close> context;
  int32_t ids, mask;
};

struct Arguments {
  std::string vocabulary, sentences, record, query;
  uint32_t threads = 0; // as many as there are cores
};

Arguments parse(int argc, char **argv) {
  Arguments result;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    auto value = [&]() -> std::string {
      if (++i == argc)
        throw std::runtime_error(argument + " needs a value");
      return argv[i];
    };
    if (argument == "--vocabulary")
      result.vocabulary = value();
    else if (argument == "--sentences")
      result.sentences = value();
    else if (argument == "--record")
      result.record = value();
    else if (argument == "--threads")
      result.threads = static_cast<uint32_t>(std::stoul(value()));
    else if (result.query.empty())
      result.query = argument;
    else
      throw std::runtime_error("one query, please: quote it");
  }
  if (result.vocabulary.empty() || result.sentences.empty() || result.query.empty())
    throw std::runtime_error(
        "usage: embedding-search --vocabulary vocab.txt --sentences FILE [--threads N] [--record FILE] QUERY");
  return result;
}

std::vector<std::string> readLines(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error("cannot read " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

void record(const std::string &path, const std::vector<Embedding> &embeddings) {
  std::unique_ptr<FILE, int (*)(FILE *)> file(std::fopen(path.c_str(), "w"), std::fclose);
  if (!file)
    throw std::runtime_error("cannot write " + path);
  for (const Embedding &embedding : embeddings) {
    for (int64_t token : embedding.tokens)
      std::fprintf(file.get(), "%lld ", static_cast<long long>(token));
    std::fputc('\t', file.get());
    for (float number : embedding.vector)
      std::fprintf(file.get(), "%.9g ", static_cast<double>(number));
    std::fputc('\n', file.get());
  }
}

void search(const Arguments &arguments) {
  WordPiece tokenizer(arguments.vocabulary);
  std::vector<std::string> texts = readLines(arguments.sentences);
  texts.insert(texts.begin(), arguments.query);

  Encoder encoder(arguments.threads);
  encoder.embed(tokenizer.encode(texts[0])); // starts the threads and reads the weights
  std::vector<Embedding> embeddings;
  for (const std::string &text : texts)
    embeddings.push_back(encoder.embed(tokenizer.encode(text)));

  const std::vector<float> &query = embeddings[0].vector;
  std::vector<std::pair<float, size_t>> ranking;
  for (size_t i = 1; i < texts.size(); ++i) {
    const std::vector<float> &other = embeddings[i].vector;
    ranking.emplace_back(std::inner_product(query.begin(), query.end(), other.begin(), 0.0f), i);
  }
  std::sort(ranking.rbegin(), ranking.rend());

  double total = 0;
  std::printf("%s   (%.2f ms)\n\n", arguments.query.c_str(), embeddings[0].milliseconds);
  for (auto [similarity, i] : ranking) {
    std::printf("%7.3f  %5.2f ms  %s\n", similarity, embeddings[i].milliseconds, texts[i].c_str());
    total += embeddings[i].milliseconds;
  }
  std::printf("\n%zu sentences, %.2f ms each\n", ranking.size(), ranking.empty() ? 0 : total / ranking.size());
  if (!arguments.record.empty())
    record(arguments.record, embeddings);
}

} // namespace

int main(int argc, char **argv) {
  try {
    search(parse(argc, argv));
  } catch (const std::exception &error) {
    std::fprintf(stderr, "embedding-search: %s\n", error.what());
    return 1;
  }
}
