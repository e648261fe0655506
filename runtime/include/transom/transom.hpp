//===- transom.hpp - compiled models from C++20 ---------------------------===//
//
// A thin, header-only layer over transom.h: handles that close themselves,
// tensors over std::span, and results that hold a value or an error. Nothing
// here throws; std::string and std::vector may, when memory runs out.
//
//     auto model = transom::Model::open(bert_library());
//     if (!model) return complain(model.error().message);
//     auto context = model->createContext();
//     if (!context) return complain(context.error().message);
//     TransomTensor inputs[] = {transom::input(ids, {1, 128}), transom::input(mask, {1, 128})};
//     TransomTensor outputs[] = {transom::output(hidden)};
//     if (auto done = context->run(inputs, outputs); !done) return complain(done.error().message);
//
// Tensors are those of the C interface: they borrow memory.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TRANSOM_HPP
#define TRANSOM_TRANSOM_HPP

#include "transom/transom.h"

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace transom {

struct Error {
  TransomStatus status = TRANSOM_OK;
  std::string message;
};

/// A value, or the reason why there is none. Look before you take: `*result`
/// and `result->` need a value, `error()` needs an error.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return state.index() == 0; }
  T &operator*() & noexcept { return *std::get_if<0>(&state); }
  const T &operator*() const & noexcept { return *std::get_if<0>(&state); }
  T &&operator*() && noexcept { return std::move(*std::get_if<0>(&state)); }
  T *operator->() noexcept { return std::get_if<0>(&state); }
  const T *operator->() const noexcept { return std::get_if<0>(&state); }
  const Error &error() const noexcept { return *std::get_if<1>(&state); }

private:
  std::variant<T, Error> state;
};

template <> class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Error error) : state(std::move(error)) {}

  explicit operator bool() const noexcept { return !state; }
  const Error &error() const noexcept { return *state; }

private:
  std::optional<Error> state;
};

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// The element type that a C++ type stands for. Specialise it for types of your
/// own, such as a half-precision class.
template <typename T> struct ElementType;
template <TransomType Type> using ElementTypeIs = std::integral_constant<TransomType, Type>;
template <> struct ElementType<float> : ElementTypeIs<TRANSOM_F32> {};
template <> struct ElementType<double> : ElementTypeIs<TRANSOM_F64> {};
template <> struct ElementType<bool> : ElementTypeIs<TRANSOM_BOOL> {};
#ifdef __FLT16_MAX__
template <> struct ElementType<_Float16> : ElementTypeIs<TRANSOM_F16> {};
#endif
/// int64_t may be long or long long: what counts is the width.
template <std::integral T>
  requires(!std::same_as<T, bool>)
struct ElementType<T> : ElementTypeIs<sizeof(T) == 1   ? (std::is_signed_v<T> ? TRANSOM_I8 : TRANSOM_U8)
                                      : sizeof(T) == 2 ? (std::is_signed_v<T> ? TRANSOM_I16 : TRANSOM_U16)
                                      : sizeof(T) == 4 ? (std::is_signed_v<T> ? TRANSOM_I32 : TRANSOM_U32)
                                                       : (std::is_signed_v<T> ? TRANSOM_I64 : TRANSOM_U64)> {};

/// Dims in a call's argument: a braced list, or anything contiguous.
class Dims {
public:
  Dims(std::initializer_list<int64_t> list) : values(list.begin(), list.size()) {}
  Dims(std::span<const int64_t> span) : values(span) {}
  template <std::ranges::contiguous_range Range>
    requires std::convertible_to<const Range &, std::span<const int64_t>>
  Dims(const Range &range) : values(range) {}

  const int64_t *data() const noexcept { return values.data(); }
  size_t size() const noexcept { return values.size(); }

private:
  std::span<const int64_t> values;
};

/// A dense input over `values`, which must outlive the run. The run refuses
/// dims that reach beyond them, and more dims than a tensor can have.
template <std::ranges::contiguous_range Range> TransomTensor input(const Range &values, Dims dims) {
  using Element = std::remove_cv_t<std::ranges::range_value_t<const Range>>;
  TransomTensor tensor{};
  tensor.data = const_cast<void *>(static_cast<const void *>(std::ranges::data(values)));
  tensor.capacity_bytes = std::ranges::size(values) * sizeof(Element);
  tensor.type = ElementType<Element>::value;
  tensor.rank = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size() && i < TRANSOM_MAX_RANK; ++i)
    tensor.shape[i] = dims.data()[i];
  return tensor;
}

/// A dense output into `buffer`, which must outlive the run. The run fills in
/// the dims. An output in the context's memory is simply TransomTensor{}.
template <std::ranges::contiguous_range Range> TransomTensor output(Range &buffer) {
  using Element = std::ranges::range_value_t<Range>;
  static_assert(!std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<Range>>>);
  TransomTensor tensor{};
  tensor.data = static_cast<void *>(std::ranges::data(buffer));
  tensor.capacity_bytes = std::ranges::size(buffer) * sizeof(Element);
  tensor.type = ElementType<Element>::value;
  return tensor;
}

inline std::span<const int64_t> dims(const TransomTensor &tensor) noexcept {
  return {tensor.shape, static_cast<size_t>(tensor.rank)};
}

/// The values of a dense tensor; an error if it is of another type or strided.
template <typename T> Result<std::span<T>> values(const TransomTensor &tensor) {
  if (tensor.type != ElementType<std::remove_cv_t<T>>::value)
    return Error{TRANSOM_ERROR_SIGNATURE, "the tensor's elements are of another type"};
  if (tensor.strides)
    return Error{TRANSOM_ERROR_ARGUMENT, "the tensor has strides"};
  size_t count = 1;
  for (int64_t dim : dims(tensor))
    count *= static_cast<size_t>(dim);
  return std::span<T>(static_cast<T *>(tensor.data), count);
}

//===----------------------------------------------------------------------===//
// Models and contexts
//===----------------------------------------------------------------------===//

/// Options with their size filled in.
struct LoadOptions : TransomLoadOptions {
  LoadOptions() : TransomLoadOptions{} { struct_size = sizeof(TransomLoadOptions); }
};
struct ContextOptions : TransomContextOptions {
  ContextOptions() : TransomContextOptions{} { struct_size = sizeof(TransomContextOptions); }
};

/// The caches of a decoder between runs of the entry point "step"; see transom.h.
class State {
public:
  int64_t length() const noexcept { return transom_state_length(get()); }
  int64_t capacity() const noexcept { return transom_state_capacity(get()); }
  /// "cpu" or "cuda:N".
  const char *device() const noexcept { return transom_state_device(get()); }

  Result<State> fork() const {
    TransomState *copy = nullptr;
    if (auto done = check(transom_state_fork(get(), &copy)); !done)
      return done.error();
    return State(copy);
  }
  Result<void> reset() { return check(transom_state_reset(get())); }
  Result<void> truncate(int64_t length) { return check(transom_state_truncate(get(), length)); }

  /// Where the state lies; `strides`, which the tensor points at, holds TRANSOM_MAX_RANK values.
  Result<TransomTensor> tensor(uint32_t index, std::span<int64_t, TRANSOM_MAX_RANK> strides) {
    TransomTensor tensor{};
    if (auto done = check(transom_state_tensor(get(), index, &tensor, strides.data())); !done)
      return done.error();
    return tensor;
  }
  Result<void> write(uint32_t index, const TransomTensor &tensor) {
    return check(transom_state_write(get(), index, &tensor));
  }
  /// Copies the state, dense, to where the tensor says; fills in its type and shape.
  Result<void> read(uint32_t index, TransomTensor &tensor) { return check(transom_state_read(get(), index, &tensor)); }

  TransomState *get() const noexcept { return handle.get(); }
  /// Gives up the handle; the caller destroys it.
  TransomState *release() noexcept { return handle.release(); }

private:
  friend class Model;
  explicit State(TransomState *state) : handle(state) {}

  Result<void> check(TransomStatus status) const {
    if (status == TRANSOM_OK)
      return {};
    return Error{status, status == TRANSOM_ERROR_BUSY ? "a run is using the state" : transom_state_error(get())};
  }

  struct Destroy {
    void operator()(TransomState *state) const noexcept { transom_state_destroy(state); }
  };
  std::unique_ptr<TransomState, Destroy> handle;
};

/// Workspace and threads for runs; one thread at a time uses it, cancel apart.
class Context {
public:
  Result<void> run(std::span<const TransomTensor> inputs, std::span<TransomTensor> outputs) {
    return check(transom_run(get(), inputs.data(), static_cast<uint32_t>(inputs.size()), outputs.data(),
                             static_cast<uint32_t>(outputs.size())));
  }

  Result<void> run(State &state, std::span<const TransomTensor> inputs, std::span<TransomTensor> outputs) {
    return check(transom_run_state(get(), state.get(), inputs.data(), static_cast<uint32_t>(inputs.size()),
                                   outputs.data(), static_cast<uint32_t>(outputs.size())));
  }

  /// Starts the threads and takes the workspace for these symbol values.
  Result<void> reserve(Dims symbols) {
    if (symbols.size() != numSymbols)
      return Error{TRANSOM_ERROR_ARGUMENT,
                   std::to_string(symbols.size()) + " symbols where the model has " + std::to_string(numSymbols)};
    return check(transom_reserve(get(), symbols.data()));
  }

  /// From any thread; true if a run was in progress.
  bool cancel() noexcept { return transom_cancel(get()) != 0; }
  Result<void> trim() { return check(transom_trim(get())); }
  uint32_t threads() const noexcept { return transom_threads(get()); }
  /// "cpu", "cuda:0", ...
  const char *device() const noexcept { return transom_device(get()); }
  /// The CUstream that runs are put into; null on the CPU.
  void *stream() const noexcept { return transom_stream(get()); }
  /// Memory where runs take place; null where there is none. It goes back before the context does.
  void *takeMemory(size_t bytes) noexcept { return transom_memory_take(get(), bytes); }
  void giveMemory(void *memory, size_t bytes) noexcept { transom_memory_give(get(), memory, bytes); }

  Result<void> enableProfile(bool on = true) { return check(transom_profile_enable(get(), on)); }
  std::vector<TransomProfileEntry> profile() const {
    std::vector<TransomProfileEntry> entries(transom_profile_read(get(), nullptr, 0));
    transom_profile_read(get(), entries.data(), static_cast<uint32_t>(entries.size()));
    return entries;
  }

  /// As transom_trace_enable.
  Result<void> enableTrace(uint32_t events) {
    TransomStatus status = transom_trace_enable(get(), events);
    if (status == TRANSOM_ERROR_VERSION)
      return Error{status, "the model was compiled by a version that records no traces"};
    return check(status);
  }
  /// What happened since then; `missed`, unless null, becomes the number of events that had no room.
  std::vector<TransomTraceEvent> trace(uint64_t *missed = nullptr) const {
    std::vector<TransomTraceEvent> events(transom_trace_read(get(), nullptr, 0, nullptr));
    transom_trace_read(get(), events.data(), events.size(), missed);
    return events;
  }

  TransomContext *get() const noexcept { return handle.get(); }
  /// Gives up the handle; the caller destroys it.
  TransomContext *release() noexcept { return handle.release(); }

private:
  friend class Model;
  Context(TransomContext *context, uint32_t symbols) : handle(context), numSymbols(symbols) {}

  Result<void> check(TransomStatus status) const {
    if (status == TRANSOM_OK)
      return {};
    // Of a busy context, the message is the other thread's.
    return Error{status, status == TRANSOM_ERROR_BUSY ? "another thread is using the context" : transom_error(get())};
  }

  struct Destroy {
    void operator()(TransomContext *context) const noexcept { transom_context_destroy(context); }
  };
  std::unique_ptr<TransomContext, Destroy> handle;
  uint32_t numSymbols;
};

/// An opened model; any thread may use it. Contexts keep it alive.
class Model {
public:
  static Result<Model> open(const TransomLibrary *library, const LoadOptions &options = {}) {
    TransomModel *model = nullptr;
    char message[TRANSOM_ERROR_BYTES] = "";
    if (TransomStatus status = transom_open(library, &options, &model, message, sizeof message))
      return Error{status, message};
    return Model(model);
  }

  Result<Context> createContext(const ContextOptions &options = {}) const {
    TransomContext *context = nullptr;
    char message[TRANSOM_ERROR_BYTES] = "";
    if (TransomStatus status = transom_context_create(get(), &options, &context, message, sizeof message))
      return Error{status, message};
    return Context(context, info().num_symbols);
  }

  /// Another entry point, with the same weights: "step" keeps caches in a State.
  Result<Model> entry(const std::string &name) const {
    TransomModel *model = nullptr;
    char message[TRANSOM_ERROR_BYTES] = "";
    if (TransomStatus status = transom_entry(get(), name.c_str(), &model, message, sizeof message))
      return Error{status, message};
    return Model(model);
  }

  /// Room for `capacity` rows in the states that grow; `symbolValues` as in
  /// TransomStateOptions, empty for 1 everywhere; so is `device`, which null leaves to the library.
  Result<State> createState(int64_t capacity, Dims symbolValues = {}, const char *device = nullptr) const {
    TransomStateOptions options{};
    options.struct_size = sizeof options;
    options.capacity = capacity;
    options.device = device;
    if (symbolValues.size()) {
      if (auto fits = checkSymbols(symbolValues); !fits)
        return fits.error();
      options.symbols = symbolValues.data();
    }
    TransomState *state = nullptr;
    char message[TRANSOM_ERROR_BYTES] = "";
    if (TransomStatus status = transom_state_create(get(), &options, &state, message, sizeof message))
      return Error{status, message};
    return State(state);
  }

  const TransomModelInfo &info() const noexcept { return *transom_info(get()); }
  std::span<const TransomValueDesc> inputs() const noexcept { return {info().inputs, info().num_inputs}; }
  std::span<const TransomValueDesc> outputs() const noexcept { return {info().outputs, info().num_outputs}; }
  std::span<const TransomStateDesc> states() const noexcept { return {info().states, info().num_states}; }
  std::span<const char *const> symbols() const noexcept { return {info().symbols, info().num_symbols}; }

  std::optional<uint32_t> findInput(const std::string &name) const {
    return found(transom_find_input(get(), name.c_str()));
  }
  std::optional<uint32_t> findOutput(const std::string &name) const {
    return found(transom_find_output(get(), name.c_str()));
  }
  std::optional<uint32_t> findSymbol(const std::string &name) const {
    return found(transom_find_symbol(get(), name.c_str()));
  }

  /// Bytes of workspace that a run with these symbol values takes.
  Result<int64_t> workspaceBytes(Dims symbolValues) const {
    int64_t bytes = 0;
    if (auto fits = checkSymbols(symbolValues); !fits)
      return fits.error();
    if (TransomStatus status = transom_workspace_bytes(get(), symbolValues.data(), &bytes))
      return failure(status);
    return bytes;
  }

  /// The dims of an output; -1 where only the data tells.
  Result<std::vector<int64_t>> outputDims(Dims symbolValues, uint32_t output) const {
    if (auto fits = checkSymbols(symbolValues); !fits)
      return fits.error();
    if (output >= info().num_outputs)
      return Error{TRANSOM_ERROR_ARGUMENT, "there is no output " + std::to_string(output)};
    std::vector<int64_t> result(static_cast<size_t>(outputs()[output].rank));
    if (TransomStatus status = transom_output_dims(get(), symbolValues.data(), output, result.data()))
      return failure(status);
    return result;
  }

  TransomModel *get() const noexcept { return handle.get(); }
  /// Gives up the handle; the caller closes it.
  TransomModel *release() noexcept { return handle.release(); }

private:
  explicit Model(TransomModel *model) : handle(model) {}

  static std::optional<uint32_t> found(int32_t index) {
    return index < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(index));
  }
  Result<void> checkSymbols(Dims values) const {
    if (values.size() == info().num_symbols)
      return {};
    return Error{TRANSOM_ERROR_ARGUMENT,
                 std::to_string(values.size()) + " symbols where the model has " + std::to_string(info().num_symbols)};
  }
  static Error failure(TransomStatus status) {
    return {status, status == TRANSOM_ERROR_SIZE     ? "the sizes overflow"
                    : status == TRANSOM_ERROR_MEMORY ? "no memory"
                                                     : "a symbol is negative"};
  }

  struct Close {
    void operator()(TransomModel *model) const noexcept { transom_close(model); }
  };
  std::unique_ptr<TransomModel, Close> handle;
};

} // namespace transom

#endif // TRANSOM_TRANSOM_HPP
