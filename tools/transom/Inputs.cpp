//===- Inputs.cpp - what a model is run on --------------------------------===//

#include "Inputs.h"
#include "transom/Package/Signature.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cstdlib>
#include <random>

using namespace llvm;
using namespace transom;
using cli::Tensor;

const char *const cli::inputHelp =
    "Values of inputs (--input NAME=WHAT; without one, numbers are ones and floats small normal values, so that ids\n"
    "stay in range and masks let everything through):\n"
    "  ones, zeros           all elements\n"
    "  normal[:DEVIATION]    normal values around 0; deviation 0.02 unless given\n"
    "  randint:LO:HI         whole numbers from LO to HI - 1\n"
    "  FILE.npy, FILE.pb     numpy's array, or a serialised onnx.TensorProto\n"
    "--input FILE.npz and --input FOLDER (with input_0.pb, ...) give several at once.\n";

void cli::addInputOptions(CLI::App &command, InputOptions &options) {
  command.add_option("--input", options.inputs, "Values of an input; see below")->type_name("NAME=WHAT");
  command.add_option("--dim", options.dims, "Size of a dynamic dim; the start of its name is enough")
      ->type_name("NAME=SIZE");
  command.add_option("--seed", options.seed, "Seed of random values")->capture_default_str();
}

namespace {
/// How the elements of an input are made.
struct Filling {
  enum Kind { Default, Constant, Normal, Integers } kind = Default;
  double low = 0, high = 0; ///< the constant; the deviation; the bounds
};
} // namespace

/// Nothing where `text` is no filling, so a file.
static Expected<std::optional<Filling>> readFilling(StringRef text) {
  if (text == "ones" || text == "zeros")
    return Filling{Filling::Constant, text == "ones" ? 1.0 : 0.0, 0};
  SmallVector<StringRef> parts;
  text.split(parts, ':');
  if (parts[0] == "normal" && parts.size() <= 2) {
    double deviation = 0.02;
    if (parts.size() == 2 && (parts[1].getAsDouble(deviation) || !(deviation >= 0)))
      return createStringError("'" + text + "': the deviation is a number of at least 0");
    return Filling{Filling::Normal, deviation, 0};
  }
  if (parts[0] == "randint") {
    int64_t low, high;
    if (parts.size() != 3 || parts[1].getAsInteger(10, low) || parts[2].getAsInteger(10, high) || low >= high)
      return createStringError("'" + text + "': randint:LO:HI with LO < HI is expected");
    return Filling{Filling::Integers, static_cast<double>(low), static_cast<double>(high)};
  }
  return std::nullopt;
}

static bool isFloat(int32_t type) {
  switch (type) {
  case TRANSOM_F64:
  case TRANSOM_F32:
  case TRANSOM_F16:
  case TRANSOM_BF16:
  case TRANSOM_F8E4M3FN:
  case TRANSOM_F8E4M3FNUZ:
  case TRANSOM_F8E5M2FNUZ:
  case TRANSOM_F8E8M0FNU:
  case TRANSOM_F4E2M1FN:
  case TRANSOM_F8E5M2: return true;
  default: return false;
  }
}

static void fill(Tensor &tensor, Filling filling, std::mt19937_64 &random) {
  if (filling.kind == Filling::Default)
    filling = isFloat(tensor.type) ? Filling{Filling::Normal, 0.02, 0} : Filling{Filling::Constant, 1, 0};
  int64_t count = tensor.elements();
  if (filling.kind == Filling::Constant) {
    for (int64_t i = 0; i < count; ++i)
      cli::setElement(tensor.type, tensor.data.data(), i, filling.low);
  } else if (filling.kind == Filling::Normal) {
    std::normal_distribution<double> values(0, filling.low > 0 ? filling.low : 1);
    for (int64_t i = 0; i < count; ++i)
      cli::setElement(tensor.type, tensor.data.data(), i, filling.low > 0 ? values(random) : 0);
  } else {
    std::uniform_int_distribution<int64_t> values(static_cast<int64_t>(filling.low),
                                                  static_cast<int64_t>(filling.high) - 1);
    for (int64_t i = 0; i < count; ++i)
      cli::setElement(tensor.type, tensor.data.data(), i, static_cast<double>(values(random)));
  }
}

Expected<std::vector<Tensor>> cli::readDataSet(StringRef folder, StringRef prefix) {
  std::vector<Tensor> tensors;
  for (;;) {
    SmallString<256> path(folder);
    sys::path::append(path, prefix + "_" + Twine(tensors.size()) + ".pb");
    if (!sys::fs::exists(path))
      return tensors;
    auto tensor = readTensorProto(path);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
}

void cli::orderByName(std::vector<Tensor> &tensors, ArrayRef<TransomValueDesc> values) {
  if (tensors.size() != values.size())
    return;
  std::vector<size_t> order;
  for (const TransomValueDesc &value : values) {
    auto found = find_if(tensors, [&](const Tensor &tensor) { return tensor.name == value.name; });
    if (found == tensors.end())
      return;
    order.push_back(static_cast<size_t>(found - tensors.begin()));
  }
  std::vector<Tensor> ordered;
  for (size_t i : order)
    ordered.push_back(std::move(tensors[i]));
  tensors = std::move(ordered);
}

namespace {
class InputMaker {
public:
  InputMaker(const TransomModelInfo &info, const cli::InputOptions &options)
      : info(info), options(options), random(options.seed), values(info.inputs, info.num_inputs),
        tensors(info.num_inputs), fillings(info.num_inputs) {}

  Expected<std::vector<Tensor>> make() {
    for (StringRef text : options.inputs)
      if (Error error = readInput(text))
        return error;
    if (Error error = findSizes())
      return error;
    for (uint32_t i = 0; i < info.num_inputs; ++i)
      if (!tensors[i])
        if (Error error = generate(i))
          return error;
    std::vector<Tensor> result;
    for (auto &tensor : tensors)
      result.push_back(std::move(*tensor));
    return result;
  }

private:
  std::string names() const {
    return join(map_range(values, [](const TransomValueDesc &value) { return std::string(value.name); }), ", ");
  }

  Error set(StringRef name, Tensor tensor) {
    for (auto [i, value] : enumerate(values))
      if (name == value.name) {
        if (tensors[i])
          return createStringError("input '" + name + "' is given twice");
        tensors[i] = std::move(tensor);
        return Error::success();
      }
    return createStringError("the model has no input '" + name + "'; it has " + names());
  }

  Error setAll(std::vector<Tensor> several) {
    for (Tensor &tensor : several) {
      std::string name = tensor.name;
      if (Error error = set(name, std::move(tensor)))
        return error;
    }
    return Error::success();
  }

  Error readInput(StringRef text) {
    auto [name, what] = text.split('=');
    if (what.empty()) {
      if (text.ends_with(".npz")) {
        auto several = cli::readNpz(text);
        return several ? setAll(std::move(*several)) : several.takeError();
      }
      if (sys::fs::is_directory(text))
        return readFolder(text);
      return createStringError("--input " + text + ": NAME=WHAT, a file that ends in .npz, or a folder is expected");
    }
    auto filling = readFilling(what);
    if (!filling)
      return createStringError("--input " + text + ": " + toString(filling.takeError()));
    int32_t index = transom_find_value(info.inputs, info.num_inputs, name.str().c_str());
    if (index < 0)
      return createStringError("the model has no input '" + name + "'; it has " + names());
    if (*filling) {
      fillings[index] = **filling;
      return Error::success();
    }
    if (!what.ends_with(".npy") && !what.ends_with(".pb"))
      return createStringError("--input " + text +
                               ": ones, zeros, normal, randint:LO:HI, FILE.npy or FILE.pb is expected");
    auto tensor = what.ends_with(".npy") ? cli::readNpy(what, info.inputs[index].type) : cli::readTensorProto(what);
    return tensor ? set(name, std::move(*tensor)) : tensor.takeError();
  }

  Error readFolder(StringRef folder) {
    auto several = cli::readDataSet(folder, "input");
    if (!several)
      return several.takeError();
    if (several->size() != info.num_inputs)
      return createStringError("'" + folder + "' holds " + Twine(several->size()) + " inputs (input_0.pb, ...) where " +
                               "the model has " + Twine(info.num_inputs));
    cli::orderByName(*several, values);
    for (auto [i, tensor] : enumerate(*several))
      if (Error error = set(values[i].name, std::move(tensor)))
        return error;
    return Error::success();
  }

  /// The size of a dim that exporters name by a sum, "past_sequence + sequence", where its terms are known.
  std::optional<int64_t> sumOf(StringRef name) {
    int64_t sum = 0;
    for (StringRef term : split(name, '+')) {
      int64_t number;
      auto known = sizes.find(term.trim().str());
      if (known != sizes.end())
        sum += known->second;
      else if (!term.trim().getAsInteger(10, number))
        sum += number;
      else
        return std::nullopt;
    }
    return sum;
  }

  Error findSizes() {
    std::vector<std::string> symbols(info.symbols, info.symbols + info.num_symbols);
    auto given = cli::readDims(options.dims, symbols);
    if (!given)
      return given.takeError();
    sizes = std::move(*given);
    for (uint32_t i = 0; i < info.num_inputs; ++i)
      for (int32_t d = 0; tensors[i] && d < values[i].rank && d < static_cast<int32_t>(tensors[i]->shape.size()); ++d)
        if (values[i].symbols[d] >= 0)
          sizes.try_emplace(info.symbols[values[i].symbols[d]], tensors[i]->shape[static_cast<size_t>(d)]);
    for (const std::string &symbol : symbols)
      if (std::optional<int64_t> sum = sumOf(symbol))
        sizes.try_emplace(symbol, *sum);
    std::vector<std::string> missing;
    for (uint32_t i = 0; i < info.num_inputs; ++i)
      for (int32_t d = 0; !tensors[i] && d < values[i].rank; ++d)
        if (values[i].symbols[d] >= 0 && !sizes.count(info.symbols[values[i].symbols[d]]) &&
            !is_contained(missing, info.symbols[values[i].symbols[d]]))
          missing.push_back(info.symbols[values[i].symbols[d]]);
    if (missing.empty())
      return Error::success();
    return createStringError("dims without a size: " + join(missing, ", ") + "; give them by --dim " + missing.front() +
                             "=SIZE");
  }

  Error generate(uint32_t i) {
    Tensor tensor;
    tensor.name = values[i].name;
    tensor.type = values[i].type;
    for (int32_t d = 0; d < values[i].rank; ++d)
      tensor.shape.push_back(values[i].symbols[d] >= 0 ? sizes[info.symbols[values[i].symbols[d]]] : values[i].dims[d]);
    auto bytes = cli::denseBytes(tensor.type, tensor.shape);
    if (!bytes)
      return createStringError("input '" + tensor.name + "': " + toString(bytes.takeError()));
    // Asked for first: without exceptions, a vector that gets no memory ends the program.
    void *volatile memory = std::malloc(*bytes); // which is not optimised away
    if (!memory && *bytes)
      return createStringError("input '" + Twine(info.inputs[i].name) + "': there is no memory for " + Twine(*bytes) +
                               " bytes (" + tensor.text() + ")");
    std::free(memory);
    tensor.data.resize(*bytes);
    fill(tensor, fillings[i], random);
    tensors[i] = std::move(tensor);
    return Error::success();
  }

  const TransomModelInfo &info;
  const cli::InputOptions &options;
  std::mt19937_64 random;
  ArrayRef<TransomValueDesc> values;
  std::vector<std::optional<Tensor>> tensors;
  std::vector<Filling> fillings;
  cli::DimSizes sizes;
};
} // namespace

Expected<std::vector<Tensor>> cli::makeInputs(const TransomModelInfo &info, const InputOptions &options) {
  return InputMaker(info, options).make();
}

Expected<cli::StateTensors> cli::makeStates(const TransomModelInfo &info, ArrayRef<Tensor> inputs,
                                            const InputOptions &options) {
  StateTensors result;
  auto given = readDims(options.dims, std::vector<std::string>(info.symbols, info.symbols + info.num_symbols));
  if (!given)
    return given.takeError();
  result.sizes = std::move(*given);
  for (const auto &[name, size] : dimsOf(info, inputs))
    result.sizes.try_emplace(name, size);
  for (int32_t symbol : ArrayRef(info.lengths, info.num_lengths))
    result.rows = result.sizes.try_emplace(info.symbols[symbol], result.rows).first->second;
  std::mt19937_64 random(options.seed);
  for (const TransomStateDesc &state : ArrayRef(info.states, info.num_states)) {
    Tensor tensor;
    tensor.name = state.value.name;
    tensor.type = state.value.type;
    for (int32_t d = 0; d < state.value.rank; ++d) {
      if (d == state.axis) {
        result.capacity =
            result.sizes.try_emplace(info.symbols[state.value.symbols[d]], result.rows + 1024).first->second;
        tensor.shape.push_back(result.rows);
      } else if (state.value.symbols[d] < 0) {
        tensor.shape.push_back(state.value.dims[d]);
      } else {
        tensor.shape.push_back(result.sizes.try_emplace(info.symbols[state.value.symbols[d]], 1).first->second);
      }
    }
    auto bytes = denseBytes(tensor.type, tensor.shape);
    if (!bytes)
      return createStringError("state '" + tensor.name + "': " + toString(bytes.takeError()));
    tensor.data.resize(*bytes);
    fill(tensor, Filling(), random);
    result.tensors.push_back(std::move(tensor));
  }
  return result;
}

cli::DimSizes cli::dimsOf(const TransomModelInfo &info, ArrayRef<Tensor> inputs) {
  DimSizes sizes;
  for (auto [i, tensor] : enumerate(inputs))
    for (auto [d, size] : enumerate(tensor.shape))
      if (d < static_cast<size_t>(info.inputs[i].rank) && info.inputs[i].symbols[d] >= 0)
        sizes.try_emplace(info.symbols[info.inputs[i].symbols[d]], size);
  return sizes;
}
