//===- LoadedModel.cpp - a compiled model in this process -----------------===//

#include "LoadedModel.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/TargetParser/Host.h"
#include <dlfcn.h>

using namespace llvm;
using namespace transom;

/// Why `library` cannot be loaded: the loader calls one of another architecture a file that is not there.
static Error whyNotLoaded(const std::string &library, const char *said) {
  Triple host(sys::getDefaultTargetTriple());
  auto object = object::ObjectFile::createObjectFile(library);
  if (!object)
    consumeError(object.takeError());
  else if (Triple made = object->getBinary()->makeTriple(); made.getArch() != host.getArch())
    return createStringError("cannot load '" + library + "': it is for " + made.getArchName() + ", this machine is " +
                             host.getArchName());
  return createStringError(Twine("cannot load ") + said);
}

Expected<std::unique_ptr<cli::LoadedModel>> cli::LoadedModel::open(const ModelPackage &package, uint32_t threads,
                                                                   const std::string &entry, StringRef device) {
  // Names are resolved at once: what is missing shows here and not in a run.
  void *library = dlopen(package.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return whyNotLoaded(package.library, dlerror());
  std::string symbol = package.name + "_library";
  auto function = reinterpret_cast<const TransomLibrary *(*)()>(dlsym(library, symbol.c_str()));
  if (!function)
    return createStringError("'" + package.library + "' is no compiled model: it does not export " + symbol);
  std::unique_ptr<LoadedModel> loaded(new LoadedModel());
  loaded->name = package.name;
  char why[TRANSOM_ERROR_BYTES] = "";
  if (transom_open(function(), nullptr, &loaded->model, why, sizeof why) != TRANSOM_OK)
    return createStringError(why);
  if (!entry.empty()) {
    TransomModel *opened = loaded->model;
    TransomStatus status = transom_entry(opened, entry.c_str(), &loaded->model, why, sizeof why);
    transom_close(opened);
    if (status != TRANSOM_OK)
      return createStringError(why);
  }
  TransomContextOptions options = {};
  options.struct_size = sizeof options;
  options.threads = threads;
  std::string place = device.str();
  options.device = place.empty() ? nullptr : place.c_str();
  if (transom_context_create(loaded->model, &options, &loaded->handle, why, sizeof why) != TRANSOM_OK)
    return createStringError(why);
  loaded->results.resize(loaded->info().num_outputs);
  return loaded;
}

cli::LoadedModel::~LoadedModel() {
  transom_state_destroy(state);
  transom_context_destroy(handle);
  transom_close(model);
}

std::vector<std::string> cli::LoadedModel::symbols() const {
  const TransomModelInfo &info = this->info();
  return std::vector<std::string>(info.symbols, info.symbols + info.num_symbols);
}

static TransomTensor viewOf(const cli::Tensor &tensor) {
  TransomTensor view = {};
  view.data = const_cast<char *>(tensor.data.data());
  view.type = tensor.type;
  view.rank = static_cast<int32_t>(tensor.shape.size());
  copy(ArrayRef(tensor.shape).take_front(TRANSOM_MAX_RANK), view.shape);
  view.capacity_bytes = tensor.data.size();
  return view;
}

void cli::LoadedModel::bind(std::vector<Tensor> inputs) {
  bound = std::move(inputs);
  arguments.clear();
  for (const Tensor &input : bound)
    arguments.push_back(viewOf(input));
}

Error cli::LoadedModel::useStates(const StateTensors &states) {
  std::vector<int64_t> sizes;
  for (const std::string &symbol : symbols()) {
    auto known = states.sizes.find(symbol);
    sizes.push_back(known == states.sizes.end() ? 1 : known->second);
  }
  TransomStateOptions options = {};
  options.struct_size = sizeof options;
  options.capacity = states.capacity;
  options.symbols = sizes.data();
  options.device = transom_device(handle);
  char why[TRANSOM_ERROR_BYTES] = "";
  if (transom_state_create(model, &options, &state, why, sizeof why) != TRANSOM_OK)
    return createStringError(why);
  for (auto [i, tensor] : enumerate(states.tensors)) {
    TransomTensor view = viewOf(tensor);
    if (transom_state_write(state, static_cast<uint32_t>(i), &view) != TRANSOM_OK)
      return createStringError(transom_state_error(state));
  }
  rows = states.rows;
  return Error::success();
}

Error cli::LoadedModel::run() {
  auto numInputs = static_cast<uint32_t>(arguments.size()), numOutputs = static_cast<uint32_t>(results.size());
  TransomStatus status = state
                             ? transom_run_state(handle, state, arguments.data(), numInputs, results.data(), numOutputs)
                             : transom_run(handle, arguments.data(), numInputs, results.data(), numOutputs);
  if (status == TRANSOM_OK && state && info().num_lengths && transom_state_truncate(state, rows) != TRANSOM_OK)
    return createStringError("model '" + name + "': " + transom_state_error(state));
  if (status == TRANSOM_OK)
    return Error::success();
  return createStringError("model '" + name + "': " + transom_error(handle));
}
