//===- native.cpp - compiled models for Python: transom._native -----------===//
//
// A thin layer over the C interface: models, contexts, tensors by DLPack or the
// buffer protocol. Names, types of NumPy and errors' classes are Python's
// business (transom/module.py). Knows nothing of the compiler.
//
//===----------------------------------------------------------------------===//

#include "transom/dlpack.h"
#include "transom/transom.hpp"

#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;

namespace {
/// Becomes the exception that transom._errors.from_status makes of it.
struct Failure {
  TransomStatus status;
  std::string message;
};

using Array = nb::ndarray<nb::ro>; ///< on the host or on a GPU
using WritableArray = nb::ndarray<>;
using HostArray = nb::ndarray<nb::ro, nb::device::cpu>;
using Bytes = nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>>;

/// One input or output: ONNX name, TransomType, and for each dim its size or its symbol's name.
using Dim = nb::object;
using Value = std::tuple<std::string, int32_t, std::vector<Dim>>;

/// A result in memory of its own, where the caller gave no buffer: its type, shape and bytes.
using Result = std::tuple<int32_t, std::vector<int64_t>, Bytes>;

template <typename T> T checked(transom::Result<T> result) {
  if (!result)
    throw Failure{result.error().status, result.error().message};
  return std::move(*result);
}
void check(transom::Result<void> result) {
  if (!result)
    throw Failure{result.error().status, result.error().message};
}

/// A shared library, open for as long as models or contexts of it live.
class Library {
public:
  explicit Library(const std::string &path) : handle(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle)
      throw Failure{TRANSOM_ERROR_ARGUMENT, std::string("cannot load ") + dlerror()};
  }
  ~Library() { dlclose(handle); }
  Library(const Library &) = delete;

  const TransomLibrary *entry(const std::string &path, const std::string &symbol) const {
    auto function = reinterpret_cast<const TransomLibrary *(*)()>(dlsym(handle, symbol.c_str()));
    if (!function)
      throw Failure{TRANSOM_ERROR_ARGUMENT, "'" + path + "' is no compiled model: it does not export " + symbol};
    return function();
  }

private:
  void *handle;
};

std::vector<int64_t> dimsOf(const TransomTensor &tensor) {
  return std::vector<int64_t>(tensor.shape, tensor.shape + tensor.rank);
}

/// `type` is the model's where the array's elements stand for others (raw bits of bf16), else 0.
template <typename Source> TransomTensor view(const Source &array, int32_t type, const std::string &what) {
  DLTensor from = {};
  from.data = const_cast<void *>(static_cast<const void *>(array.data()));
  from.device = {static_cast<DLDeviceType>(array.device_type()), array.device_id()};
  from.ndim = static_cast<int32_t>(array.ndim());
  auto dtype = array.dtype();
  from.dtype = {dtype.code, dtype.bits, dtype.lanes};
  from.shape = const_cast<int64_t *>(array.shape_ptr());
  from.strides = const_cast<int64_t *>(array.stride_ptr());
  TransomTensor tensor;
  if (TransomStatus status = transom_from_dlpack(&from, &tensor)) {
    bool known = from.device.device_type == kDLCPU || from.device.device_type == kDLCUDA;
    std::string why = !known ? "memory of a device that no model reads"
                      : from.ndim > TRANSOM_MAX_RANK
                          ? std::to_string(from.ndim) + " dims; " + std::to_string(TRANSOM_MAX_RANK) + " are the most"
                      : status == TRANSOM_ERROR_SIZE ? "its size overflows"
                                                     : "elements of a type that no model takes";
    throw Failure{status, what + ": " + why};
  }
  if (type)
    tensor.type = type;
  return tensor;
}

size_t bytesOf(const TransomTensor &tensor) {
  uint64_t count = 1;
  for (int64_t dim : dimsOf(tensor))
    count *= static_cast<uint64_t>(dim);
  return static_cast<size_t>((static_cast<uint64_t>(transom_type_bits(tensor.type)) * count + 7) / 8);
}

/// Hands memory to Python.
Bytes handOver(std::unique_ptr<uint8_t[]> memory, size_t bytes) {
  uint8_t *data = memory.get();
  nb::capsule owner(memory.release(), [](void *pointer) noexcept { delete[] static_cast<uint8_t *>(pointer); });
  return Bytes(data, {bytes}, owner);
}

Result copyOf(const TransomTensor &tensor) {
  std::vector<int64_t> shape = dimsOf(tensor);
  auto bits = static_cast<uint64_t>(transom_type_bits(tensor.type));
  size_t bytes = bytesOf(tensor);
  auto memory = std::make_unique<uint8_t[]>(bytes ? bytes : 1);
  // Pieces that lie in one: all of a dense tensor, the rows of a cache.
  size_t whole = shape.size();
  int64_t piece = 1;
  while (whole && (!tensor.strides || tensor.strides[whole - 1] == piece))
    piece *= shape[--whole];
  size_t pieceBytes = static_cast<size_t>((static_cast<uint64_t>(piece) * bits + 7) / 8);
  std::vector<int64_t> at(whole, 0);
  for (size_t done = 0; done < bytes; done += pieceBytes) {
    int64_t offset = 0;
    for (size_t d = 0; d < whole; ++d)
      offset += at[d] * tensor.strides[d];
    std::memcpy(memory.get() + done,
                static_cast<const uint8_t *>(tensor.data) + static_cast<uint64_t>(offset) * bits / 8, pieceBytes);
    for (size_t d = whole; d-- > 0;) {
      if (++at[d] < shape[d])
        break;
      at[d] = 0;
    }
  }
  return {tensor.type, std::move(shape), handOver(std::move(memory), bytes)};
}

class State {
  std::shared_ptr<Library> library; // before the state, so that it goes after it

public:
  State(std::shared_ptr<Library> library, transom::State state)
      : library(std::move(library)), state(std::move(state)) {}

  int64_t length() const { return state.length(); }
  int64_t capacity() const { return state.capacity(); }
  void reset() { check(state.reset()); }
  void truncate(int64_t length) { check(state.truncate(length)); }
  std::unique_ptr<State> fork() const { return std::make_unique<State>(library, checked(state.fork())); }
  Result read(uint32_t index) {
    int64_t strides[TRANSOM_MAX_RANK];
    TransomTensor tensor = checked(state.tensor(index, strides));
    if (tensor.device_type != kDLCUDA)
      return copyOf(tensor);
    size_t bytes = bytesOf(tensor);
    auto memory = std::make_unique<uint8_t[]>(bytes ? bytes : 1);
    TransomTensor copy = {};
    copy.data = memory.get();
    copy.capacity_bytes = bytes;
    check(state.read(index, copy));
    return {copy.type, dimsOf(copy), handOver(std::move(memory), bytes)};
  }
  void write(uint32_t index, const std::pair<Array, int32_t> &array) {
    check(state.write(index, view(array.first, array.second, "the array for state number " + std::to_string(index))));
  }

  transom::State state;
};

class Context;

/// An array in the memory of a context's GPU, which its runs write; other libraries take it by DLPack.
class DeviceArray {
public:
  DeviceArray(nb::object owner, Context &context, std::vector<size_t> shape, int32_t type);
  DeviceArray(const DeviceArray &) = delete;
  ~DeviceArray();

  nb::tuple shape() const { return nb::tuple(nb::cast(dims)); }
  int32_t device() const { return number; }
  /// A capsule that keeps the array alive. What is in it has been written: runs have ended when they return.
  static nb::ndarray<> exchange(nb::handle self) {
    auto &array = nb::cast<DeviceArray &>(self);
    return nb::ndarray<>(array.data, array.dims.size(), array.dims.data(), self, nullptr, array.dtype,
                         static_cast<int>(kDLCUDA), array.number);
  }
  const int32_t type;

private:
  nb::object owner; // the context's
  Context &context;
  std::vector<size_t> dims;
  nb::dlpack::dtype dtype;
  size_t bytes = 0;
  int32_t number = 0; // of the GPU
  void *data = nullptr;
};

class Context {
public:
  Context(std::shared_ptr<Library> library, transom::Context context)
      : library(std::move(library)), context(std::move(context)) {}

  /// Arrays in the signature's order. `types`: see view(). Outputs that are None come back with memory of their own.
  std::vector<std::optional<Result>> run(const std::vector<std::pair<Array, int32_t>> &inputs,
                                         const std::vector<std::optional<std::pair<WritableArray, int32_t>>> &outputs,
                                         State *state) {
    std::vector<TransomTensor> arguments, results(outputs.size(), TransomTensor{});
    for (const auto &[array, type] : inputs)
      arguments.push_back(view(array, type, "input number " + std::to_string(arguments.size())));
    for (size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i])
        results[i] = view(outputs[i]->first, outputs[i]->second, "the array for output number " + std::to_string(i));
    std::vector<std::vector<int64_t>> given;
    for (const TransomTensor &result : results)
      given.push_back(dimsOf(result));
    {
      nb::gil_scoped_release release;
      check(state ? context.run(state->state, arguments, results) : context.run(arguments, results));
    }
    std::vector<std::optional<Result>> made(outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] && dimsOf(results[i]) != given[i])
        throw Failure{TRANSOM_ERROR_SIGNATURE, "the array for output number " + std::to_string(i) +
                                                   " has another shape than the result; its contents are not valid"};
      if (!outputs[i])
        made[i] = copyOf(results[i]);
    }
    return made;
  }

  void reserve(const std::vector<int64_t> &symbols) {
    nb::gil_scoped_release release;
    check(context.reserve(symbols));
  }
  bool cancel() { return context.cancel(); }
  void trim() { check(context.trim()); }
  uint32_t threads() const { return context.threads(); }
  std::string device() const { return context.device(); }
  uint64_t stream() const { return reinterpret_cast<uint64_t>(context.stream()); }
  static std::unique_ptr<DeviceArray> empty(nb::handle self, std::vector<size_t> shape, int32_t type) {
    return std::make_unique<DeviceArray>(nb::borrow(self), nb::cast<Context &>(self), std::move(shape), type);
  }
  void enableProfile(bool on) { check(context.enableProfile(on)); }
  std::vector<std::tuple<std::string, std::string, uint64_t, uint64_t>> profile() const {
    std::vector<std::tuple<std::string, std::string, uint64_t, uint64_t>> entries;
    for (const TransomProfileEntry &entry : context.profile())
      if (entry.calls)
        entries.emplace_back(entry.node, entry.op, entry.calls, entry.nanoseconds);
    return entries;
  }
  void enableTrace(uint32_t events) { check(context.enableTrace(events)); }
  using TraceEvent = std::tuple<std::string, std::string, uint64_t, uint64_t, int32_t, uint32_t>;
  /// The events, and how many had no room.
  std::pair<std::vector<TraceEvent>, uint64_t> trace() const {
    std::vector<TraceEvent> events;
    uint64_t missed = 0;
    for (const TransomTraceEvent &event : context.trace(&missed))
      events.emplace_back(event.node, event.op, event.begin, event.end, event.kind, event.thread);
    return {std::move(events), missed};
  }

private:
  friend class DeviceArray;
  // Before the context, so that it goes after it.
  std::shared_ptr<Library> library;
  transom::Context context;
};

DeviceArray::DeviceArray(nb::object given, Context &context, std::vector<size_t> shape, int32_t type)
    : type(type), owner(std::move(given)), context(context), dims(std::move(shape)) {
  std::string place = context.device();
  TransomTensor tensor = {};
  tensor.type = type;
  tensor.rank = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size() && i < TRANSOM_MAX_RANK; ++i)
    tensor.shape[i] = static_cast<int64_t>(dims[i]);
  DLTensor described;
  int64_t strides[TRANSOM_MAX_RANK];
  if (transom_to_dlpack(&tensor, strides, &described))
    throw Failure{TRANSOM_ERROR_SIGNATURE, "no library takes elements of this type"};
  dtype = {described.dtype.code, described.dtype.bits, described.dtype.lanes};
  bytes = bytesOf(tensor);
  if (sscanf(place.c_str(), "cuda:%d", &number) != 1)
    throw Failure{TRANSOM_ERROR_DEVICE, "the context runs on " + place};
  data = context.context.takeMemory(bytes);
  if (!data)
    throw Failure{TRANSOM_ERROR_MEMORY, "no memory on " + place + " for " + std::to_string(bytes) + " bytes"};
}

DeviceArray::~DeviceArray() { context.context.giveMemory(data, bytes); }

class Model {
public:
  Model(const std::string &path, const std::string &symbol, uint32_t flags,
        const std::optional<std::string> &weightsPath, std::optional<HostArray> weightsData)
      : library(std::make_shared<Library>(path)), weights(std::move(weightsData)) {
    transom::LoadOptions options;
    options.flags = flags;
    options.weights_path = weightsPath ? weightsPath->c_str() : nullptr;
    if (weights) {
      options.weights_data = weights->data();
      options.weights_bytes = weights->nbytes();
    }
    nb::gil_scoped_release release;
    model.emplace(checked(transom::Model::open(library->entry(path, symbol), options)));
  }

  /// Another entry point of the same library.
  Model(const Model &model, const std::string &entry)
      : library(model.library), weights(model.weights), model(checked(model.model->entry(entry))) {}
  std::unique_ptr<Model> entry(const std::string &name) const { return std::make_unique<Model>(*this, name); }

  std::unique_ptr<State> createState(int64_t capacity, const std::vector<int64_t> &symbols,
                                     const std::string &device) const {
    return std::make_unique<State>(library, checked(model->createState(capacity, symbols, device.c_str())));
  }
  std::vector<std::tuple<Value, std::string, int32_t, int32_t>> states() const {
    std::vector<std::tuple<Value, std::string, int32_t, int32_t>> result;
    for (const TransomStateDesc &state : model->states())
      result.emplace_back(values({&state.value, 1}).front(), state.output, state.kind, state.axis);
    return result;
  }

  std::unique_ptr<Context> createContext(uint32_t threads, const std::optional<std::string> &device) const {
    transom::ContextOptions options;
    options.threads = threads;
    options.device = device ? device->c_str() : nullptr;
    nb::gil_scoped_release release;
    return std::make_unique<Context>(library, checked(model->createContext(options)));
  }

  std::string name() const { return model->info().name; }
  std::string manifest() const { return model->info().manifest; }
  std::string targetCpu() const { return model->info().target_cpu; }
  std::string targetFeatures() const { return model->info().target_features; }
  uint64_t weightsBytes() const { return model->info().weights_bytes; }
  std::vector<std::string> symbols() const {
    return std::vector<std::string>(model->symbols().begin(), model->symbols().end());
  }
  std::vector<Value> inputs() const { return values(model->inputs()); }
  std::vector<Value> outputs() const { return values(model->outputs()); }
  int64_t workspaceBytes(const std::vector<int64_t> &symbols) const { return checked(model->workspaceBytes(symbols)); }
  std::vector<int64_t> outputDims(const std::vector<int64_t> &symbols, uint32_t output) const {
    return checked(model->outputDims(symbols, output));
  }

private:
  std::vector<Value> values(std::span<const TransomValueDesc> descriptions) const {
    std::vector<Value> result;
    for (const TransomValueDesc &value : descriptions) {
      std::vector<Dim> dims;
      for (int32_t d = 0; d < value.rank; ++d)
        if (value.dims[d] >= 0)
          dims.push_back(nb::int_(value.dims[d]));
        else if (value.symbols[d] >= 0)
          dims.push_back(nb::str(model->info().symbols[value.symbols[d]]));
        else
          dims.push_back(nb::none());
      result.emplace_back(value.name, value.type, std::move(dims));
    }
    return result;
  }

  std::shared_ptr<Library> library;
  std::optional<HostArray> weights;
  std::optional<transom::Model> model;
};
} // namespace

NB_MODULE(_native, m) {
  m.doc() = "Compiled models by Transom's C interface; use transom.Module.";
  m.attr("ABI_VERSION") = TRANSOM_ABI_VERSION;
  m.attr("LOAD_PRELOAD") = static_cast<uint32_t>(TRANSOM_LOAD_PRELOAD);
  m.attr("LOAD_LOCK") = static_cast<uint32_t>(TRANSOM_LOAD_LOCK);
  m.attr("LOAD_VERIFY") = static_cast<uint32_t>(TRANSOM_LOAD_VERIFY);
  m.attr("TRACE_RUN") = static_cast<int32_t>(TRANSOM_TRACE_RUN);
  m.attr("TRACE_PLACE") = static_cast<int32_t>(TRANSOM_TRACE_PLACE);
  m.attr("TRACE_WAIT") = static_cast<int32_t>(TRANSOM_TRACE_WAIT);

  nb::register_exception_translator([](const std::exception_ptr &pointer, void *) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Failure &failure) {
      nb::object error = nb::module_::import_("transom._errors")
                             .attr("from_status")(transom_status_name(failure.status), failure.message);
      PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())), error.ptr());
    }
  });

  nb::class_<DeviceArray>(m, "DeviceArray")
      .def("exchange", &DeviceArray::exchange)
      .def_prop_ro("device", &DeviceArray::device)
      .def_prop_ro("shape", &DeviceArray::shape)
      .def_ro("type", &DeviceArray::type);

  nb::class_<State>(m, "State")
      .def("reset", &State::reset)
      .def("truncate", &State::truncate, "length"_a)
      .def("fork", &State::fork)
      .def("read", &State::read, "index"_a)
      .def("write", &State::write, "index"_a, "array"_a)
      .def_prop_ro("length", &State::length)
      .def_prop_ro("capacity", &State::capacity);

  nb::class_<Context>(m, "Context")
      .def("run", &Context::run, "inputs"_a, "outputs"_a, "state"_a = nb::none())
      .def("empty", &Context::empty, "shape"_a, "type"_a)
      .def_prop_ro("stream", &Context::stream)
      .def("reserve", &Context::reserve, "symbols"_a)
      .def("cancel", &Context::cancel)
      .def("trim", &Context::trim)
      .def("enable_profile", &Context::enableProfile, "on"_a)
      .def("profile", &Context::profile)
      .def("enable_trace", &Context::enableTrace, "events"_a)
      .def("trace", &Context::trace)
      .def_prop_ro("threads", &Context::threads)
      .def_prop_ro("device", &Context::device);

  nb::class_<Model>(m, "Model")
      .def(nb::init<const std::string &, const std::string &, uint32_t, const std::optional<std::string> &,
                    std::optional<HostArray>>(),
           "path"_a, "symbol"_a, "flags"_a = 0, "weights_path"_a = nb::none(), "weights_data"_a = nb::none())
      .def("context", &Model::createContext, "threads"_a = 0, "device"_a = nb::none())
      .def("entry", &Model::entry, "name"_a)
      .def("state", &Model::createState, "capacity"_a, "symbols"_a, "device"_a = "cpu")
      .def_prop_ro("states", &Model::states)
      .def("workspace_bytes", &Model::workspaceBytes, "symbols"_a)
      .def("output_dims", &Model::outputDims, "symbols"_a, "output"_a)
      .def_prop_ro("name", &Model::name)
      .def_prop_ro("manifest", &Model::manifest)
      .def_prop_ro("target_cpu", &Model::targetCpu)
      .def_prop_ro("target_features", &Model::targetFeatures)
      .def_prop_ro("weights_bytes", &Model::weightsBytes)
      .def_prop_ro("symbols", &Model::symbols)
      .def_prop_ro("inputs", &Model::inputs)
      .def_prop_ro("outputs", &Model::outputs);
}
