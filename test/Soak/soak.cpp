//===- soak.cpp - many runs of compiled models in one process -------------===//
//
//   soak CALLS CONTEXTS [leaks memory|descriptors|threads]
//
// Runs an encoder with random shapes and a decoder with its state CALLS times
// in all, while contexts, states and models come and go; then as many runs by
// CONTEXTS contexts at once, a thread each, whose results must be bit for bit
// those of one context alone. Prints what it saw as JSON. The status is 1 where
// a run fails or differs, where resident memory is above what the first tenth
// of the runs reached and does not come down, or where descriptors or threads
// are left. "leaks" loses one of them per hundred calls: it must be noticed.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <atomic>
#include <bert_tiny.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gpt2_tiny.h>
#include <pthread.h>
#include <random>
#include <string>
#include <thread>
#include <transom/transom.hpp>
#include <unistd.h>
#include <vector>

namespace {

constexpr int64_t largestBatch = 4, longest = 48, capacity = 64, vocabulary = 1000;
/// What the allocator may keep beyond the first tenth's level, in bytes: a few of its own pages.
constexpr long allowedGrowth = 1 << 20;

[[noreturn]] void fail(const std::string &why) {
  std::fprintf(stderr, "soak: %s\n", why.c_str());
  std::exit(1);
}

template <typename T> T got(transom::Result<T> result) {
  if (!result)
    fail(result.error().message);
  return std::move(*result);
}

void done(const transom::Result<void> &result) {
  if (!result)
    fail(result.error().message);
}

size_t entriesOf(const char *folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// What the process holds of the system.
struct Holdings {
  long bytes = 0;
  size_t descriptors = entriesOf("/proc/self/fd"), threads = entriesOf("/proc/self/task");

  Holdings() {
    long pages;
    std::ifstream statistics("/proc/self/statm");
    if (!(statistics >> pages >> pages))
      fail("/proc/self/statm cannot be read");
    bytes = pages * sysconf(_SC_PAGESIZE);
  }
};

using Random = std::mt19937_64;

int64_t between(Random &random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

//===----------------------------------------------------------------------===//
// The models
//===----------------------------------------------------------------------===//

/// Inputs of the encoder: rows of tokens whose ends are padding.
struct Batch {
  int64_t rows, length;
  std::vector<int64_t> ids, mask, types;

  explicit Batch(Random &random)
      : rows(between(random, 1, largestBatch)), length(between(random, 1, longest)), types(size_t(rows * length), 0) {
    for (int64_t row = 0; row < rows; ++row) {
      int64_t used = between(random, 1, length);
      for (int64_t i = 0; i < length; ++i) {
        ids.push_back(between(random, 0, vocabulary - 1));
        mask.push_back(i < used);
      }
    }
  }
};

/// The hash of all bits of a run's outputs, which lie in the context's memory.
uint64_t encode(transom::Context &context, const Batch &batch) {
  TransomTensor inputs[] = {transom::input(batch.ids, {batch.rows, batch.length}),
                            transom::input(batch.mask, {batch.rows, batch.length}),
                            transom::input(batch.types, {batch.rows, batch.length})};
  TransomTensor outputs[2] = {};
  done(context.run(inputs, outputs));
  uint64_t hash = 14695981039346656037u;
  for (const TransomTensor &output : outputs)
    for (float value : got(transom::values<const float>(output))) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      hash = (hash ^ bits) * 1099511628211u;
    }
  return hash;
}

void decode(transom::Context &context, transom::State &state, Random &random, int64_t length) {
  int64_t past = state.length();
  std::vector<int64_t> ids, positions, mask(size_t(past + length), 1);
  for (int64_t i = 0; i < length; ++i) {
    ids.push_back(between(random, 0, vocabulary - 1));
    positions.push_back(past + i);
  }
  TransomTensor inputs[] = {transom::input(ids, {1, length}), transom::input(mask, {1, past + length}),
                            transom::input(positions, {1, length})};
  TransomTensor outputs[1] = {};
  done(context.run(state, inputs, outputs));
}

/// The two models with a context each, and a state of the decoder.
struct Service {
  transom::Model encoder = got(transom::Model::open(bert_tiny_library()));
  transom::Model decoder = got(got(transom::Model::open(gpt2_tiny_library())).entry("step"));
  transom::Context encoding, decoding;
  transom::State state;

  explicit Service(uint32_t threads)
      : encoding(contextOf(encoder, threads)), decoding(contextOf(decoder, threads)),
        state(got(decoder.createState(capacity))) {}

  static transom::Context contextOf(const transom::Model &model, uint32_t threads) {
    transom::ContextOptions options;
    options.threads = threads;
    return got(model.createContext(options));
  }

  /// One run of either model; now and then the decoder forks, goes back or begins anew.
  void run(Random &random) {
    if (between(random, 0, 1)) {
      encode(encoding, Batch(random));
      return;
    }
    if (state.length() + longest > capacity)
      done(between(random, 0, 1) ? state.reset() : state.truncate(between(random, 0, capacity - longest)));
    if (between(random, 0, 9) == 0)
      state = got(state.fork());
    decode(decoding, state, random, between(random, 0, 3) ? 1 : between(random, 1, longest));
  }
};

//===----------------------------------------------------------------------===//
// What is looked for
//===----------------------------------------------------------------------===//

void lose(const std::string &what) {
  if (what == "memory") {
    // Through a volatile pointer: the compiler would see that nothing reads it.
    void *volatile lost = std::malloc(1 << 17);
    std::memset(lost, 1, 1 << 17);
  } else if (what == "descriptors")
    (void)!dup(STDOUT_FILENO);
  else if (what == "threads")
    std::thread([] { pause(); }).detach();
}

struct Level {
  long first = 0, last = 0;
  Holdings before, after;
};

/// Runs `calls` times. `first` is the most memory in the first tenth, `last` the least in the last one: what grows with
/// each call shows, and what the allocator keeps for a while does not.
Level churn(int calls, const std::string &leak) {
  Random random(1);
  Level level;
  {
    Service service(2);
    service.run(random);
    level.before = Holdings();
    for (int call = 0; call < calls; ++call) {
      if (call % 500 == 499)
        service = Service(between(random, 1, 3));
      service.run(random);
      if (call % 100 == 0)
        lose(leak);
      long bytes = call % 20 == 19 ? Holdings().bytes : 0;
      if (bytes && call < calls / 10)
        level.first = std::max(level.first, bytes);
      if (bytes && call >= calls - calls / 10)
        level.last = level.last ? std::min(level.last, bytes) : bytes;
    }
    service = Service(2);
    service.run(random);
    level.after = Holdings();
  }
  return level;
}

/// `calls` runs by `count` contexts at once; the number of results that differ from those of one context alone.
int crowd(int calls, int count) {
  Random random(2);
  transom::Model model = got(transom::Model::open(bert_tiny_library()));
  std::vector<Batch> batches;
  std::vector<uint64_t> expected;
  transom::Context alone = Service::contextOf(model, 1);
  for (int i = 0; i < 64; ++i) {
    batches.emplace_back(random);
    expected.push_back(encode(alone, batches.back()));
  }
  std::atomic<int> next = 0, different = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&] {
      transom::Context context = Service::contextOf(model, 1);
      for (int call = next++; call < calls; call = next++) {
        size_t chosen = size_t(call) * 37 % batches.size();
        different += encode(context, batches[chosen]) != expected[chosen];
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  return different;
}

} // namespace

int main(int argc, char **argv) {
  int calls = argc > 2 ? std::atoi(argv[1]) : 0, contexts = argc > 2 ? std::atoi(argv[2]) : 0;
  if (calls < 1000 || contexts < 1)
    fail("usage: soak CALLS CONTEXTS [leaks memory|descriptors|threads], with 1000 calls or more");
  Level level = churn(calls, argc > 4 ? argv[4] : "");
  int different = crowd(calls, contexts);
  Holdings end;
  std::printf("{\"calls\": %d, \"contexts\": %d, \"resident_bytes\": [%ld, %ld], \"descriptors\": [%zu, %zu], "
              "\"threads\": [%zu, %zu], \"different\": %d}\n",
              calls, contexts, level.first, level.last, level.before.descriptors, level.after.descriptors,
              level.before.threads, level.after.threads, different);
  bool leaked = level.last > level.first + allowedGrowth || level.after.descriptors != level.before.descriptors ||
                level.after.threads != level.before.threads || end.descriptors != level.before.descriptors;
  return leaked || different ? 1 : 0;
}
