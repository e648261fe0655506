//===- LoadedModel.cpp - a compiled model in this process -----------------===//

#include "LoadedModel.h"
#include <dlfcn.h>

using namespace llvm;
using namespace transom;

Expected<std::unique_ptr<cli::LoadedModel>> cli::LoadedModel::open(const ModelPackage &package, uint32_t threads,
                                                                   StringRef device) {
  // Names are resolved at once: what is missing shows here and not in a run.
  void *library = dlopen(package.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return createStringError(Twine("cannot load ") + dlerror());
  std::string symbol = package.name + "_library";
  auto function = reinterpret_cast<const TransomLibrary *(*)()>(dlsym(library, symbol.c_str()));
  if (!function)
    return createStringError("'" + package.library + "' is no compiled model: it does not export " + symbol);
  std::unique_ptr<LoadedModel> loaded(new LoadedModel());
  loaded->name = package.name;
  char why[TRANSOM_ERROR_BYTES] = "";
  if (transom_open(function(), nullptr, &loaded->model, why, sizeof why) != TRANSOM_OK)
    return createStringError(why);
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
  transom_context_destroy(handle);
  transom_close(model);
}

std::vector<std::string> cli::LoadedModel::symbols() const {
  const TransomModelInfo &info = this->info();
  return std::vector<std::string>(info.symbols, info.symbols + info.num_symbols);
}

void cli::LoadedModel::bind(std::vector<Tensor> inputs) {
  bound = std::move(inputs);
  arguments.clear();
  for (Tensor &input : bound) {
    TransomTensor argument = {};
    argument.data = input.data.data();
    argument.type = input.type;
    argument.rank = static_cast<int32_t>(input.shape.size());
    copy(ArrayRef(input.shape).take_front(TRANSOM_MAX_RANK), argument.shape);
    argument.capacity_bytes = input.data.size();
    arguments.push_back(argument);
  }
}

Error cli::LoadedModel::run() {
  TransomStatus status = transom_run(handle, arguments.data(), static_cast<uint32_t>(arguments.size()), results.data(),
                                     static_cast<uint32_t>(results.size()));
  if (status == TRANSOM_OK)
    return Error::success();
  return createStringError("model '" + name + "': " + transom_error(handle));
}
