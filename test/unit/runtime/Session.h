//===- Session.h - an opened model with a context, and tensors ------------===//
//
// What most tests begin with. Opening and creating must succeed here; tests of
// their failures call the functions themselves.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_RUNTIME_SESSION_H
#define TRANSOM_TEST_RUNTIME_SESSION_H

#include "Programs.h"

#include "gtest/gtest.h"

#include <initializer_list>
#include <mutex>
#include <span>

namespace transom::test {

inline TransomContextOptions withThreads(uint32_t threads) {
  TransomContextOptions options = {};
  options.struct_size = sizeof options;
  options.threads = threads;
  return options;
}

class Session {
public:
  explicit Session(const TransomProgram &program, uint32_t threads = 1) : Session(program, withThreads(threads)) {}
  Session(const TransomProgram &program, const TransomContextOptions &options,
          const TransomLoadOptions *loadOptions = nullptr)
      : library(program) {
    char why[TRANSOM_ERROR_BYTES] = "";
    EXPECT_EQ(transom_open(library, loadOptions, &model, why, sizeof why), TRANSOM_OK) << why;
    if (model)
      EXPECT_EQ(transom_context_create(model, &options, &context, why, sizeof why), TRANSOM_OK) << why;
  }
  Session(const Session &) = delete;
  ~Session() {
    transom_context_destroy(context);
    transom_close(model);
  }

  TransomStatus run(std::span<const TransomTensor> inputs, std::span<TransomTensor> outputs) {
    return transom_run(context, inputs.data(), uint32_t(inputs.size()), outputs.data(), uint32_t(outputs.size()));
  }
  const char *error() const { return transom_error(context); }

  Library library;
  TransomModel *model = nullptr;
  TransomContext *context = nullptr;
};

/// A dense tensor over the caller's memory.
inline TransomTensor tensor(int32_t type, const void *data, std::initializer_list<int64_t> shape) {
  TransomTensor made = {};
  made.data = const_cast<void *>(data);
  made.type = type;
  made.rank = int32_t(shape.size());
  std::copy(shape.begin(), shape.end(), made.shape);
  return made;
}
inline TransomTensor tensor(const std::vector<float> &data, std::initializer_list<int64_t> shape) {
  return tensor(TRANSOM_F32, data.data(), shape);
}
inline TransomTensor tensor(const std::vector<int64_t> &data, std::initializer_list<int64_t> shape) {
  return tensor(TRANSOM_I64, data.data(), shape);
}

/// A buffer for an output.
template <typename T> TransomTensor buffer(std::vector<T> &data) {
  TransomTensor made = {};
  made.data = data.data();
  made.capacity_bytes = data.size() * sizeof(T);
  return made;
}

inline std::vector<int64_t> shapeOf(const TransomTensor &tensor) { return {tensor.shape, tensor.shape + tensor.rank}; }
template <typename T> std::vector<T> valuesOf(const TransomTensor &tensor) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor.rank; ++i)
    count *= size_t(tensor.shape[i]);
  auto *data = static_cast<const T *>(tensor.data);
  return {data, data + count};
}

/// Inputs of mixProgram and what it makes of them.
struct MixCase {
  std::vector<float> x, bias, expected;
  TransomTensor inputs[2];
  MixCase(int64_t batch, int64_t width) : x(size_t(batch * width)), bias(size_t(width)), expected(x.size()) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(i) + 0.5f;
    for (size_t i = 0; i < bias.size(); ++i)
      bias[i] = -float(i);
    for (size_t i = 0; i < x.size(); ++i)
      expected[i] = 2 * x[x.size() - 1 - i] + bias[i % bias.size()];
    inputs[0] = tensor(x, {batch, width});
    inputs[1] = tensor(bias, {width});
  }
};

/// Counts, and refuses the n-th request. Keeps what it handed out apart from
/// what it got back, so that a leak or a wrong size shows.
class CountingAllocator {
public:
  TransomAllocator hooks() { return {allocate, release, this}; }
  /// The n-th request from now on fails (0: the next one); all later ones work.
  void failAfter(int requests) {
    std::lock_guard<std::mutex> hold(lock);
    untilFailure = requests;
  }
  int requests() const { return made; }
  int64_t live() const { return liveBytes; }

private:
  static void *allocate(void *user, size_t bytes, size_t alignment) {
    auto *self = static_cast<CountingAllocator *>(user);
    std::lock_guard<std::mutex> hold(self->lock);
    ++self->made;
    if (self->untilFailure >= 0 && self->untilFailure-- == 0)
      return nullptr;
    self->liveBytes += int64_t(bytes);
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  }
  static void release(void *user, void *memory, size_t bytes, size_t) {
    auto *self = static_cast<CountingAllocator *>(user);
    std::lock_guard<std::mutex> hold(self->lock);
    self->liveBytes -= int64_t(bytes);
    free(memory);
  }

  std::mutex lock;
  std::atomic<int> made = 0;
  int untilFailure = -1;
  std::atomic<int64_t> liveBytes = 0;
};

} // namespace transom::test

#endif // TRANSOM_TEST_RUNTIME_SESSION_H
