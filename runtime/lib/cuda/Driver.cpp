//===- Driver.cpp - opening the CUDA driver -------------------------------===//
#include "Driver.h"

#include <dlfcn.h>

namespace transom::runtime {

TransomStatus Driver::open(const Message &message) {
  library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return message.fail(TRANSOM_ERROR_DEVICE, "no CUDA driver: %s", dlerror());
  const char *missing = nullptr;
#define TRANSOM_CUDA_LOAD(name, symbol, parameters)                                                                    \
  name = reinterpret_cast<decltype(name)>(dlsym(library, #symbol));                                                    \
  if (!name)                                                                                                           \
    missing = #symbol;
  TRANSOM_CUDA_FUNCTIONS(TRANSOM_CUDA_LOAD)
#undef TRANSOM_CUDA_LOAD
#define TRANSOM_CUDA_LOAD_LATER(name, symbol, parameters)                                                              \
  name = reinterpret_cast<decltype(name)>(dlsym(library, #symbol));
  TRANSOM_CUDA_LATER_FUNCTIONS(TRANSOM_CUDA_LOAD_LATER)
#undef TRANSOM_CUDA_LOAD_LATER
  missingForGraphs = nullptr;
#define TRANSOM_CUDA_LOAD_FOR_GRAPHS(name, symbol, parameters)                                                         \
  name = reinterpret_cast<decltype(name)>(dlsym(library, #symbol));                                                    \
  if (!name && !missingForGraphs)                                                                                      \
    missingForGraphs = #symbol;
  TRANSOM_CUDA_GRAPH_FUNCTIONS(TRANSOM_CUDA_LOAD_FOR_GRAPHS)
#undef TRANSOM_CUDA_LOAD_FOR_GRAPHS
  version = 0;
  if (driverGetVersion)
    driverGetVersion(&version);
  if (missing) {
    message.fail(TRANSOM_ERROR_DEVICE, "the CUDA driver is too old: version %d.%d, without %s", version / 1000,
                 version % 1000 / 10, missing);
    close();
    return TRANSOM_ERROR_DEVICE;
  }
  if (CUresult result = init(0)) {
    fail(message, result, "the CUDA driver does not start");
    close();
    return TRANSOM_ERROR_DEVICE;
  }
  return TRANSOM_OK;
}

void Driver::close() {
  if (library)
    dlclose(library);
  library = nullptr;
}

TransomStatus Driver::fail(const Message &message, CUresult result, const char *what) const {
  const char *name = nullptr, *text = nullptr;
  if (getErrorName(result, &name) != CUDA_SUCCESS || !name)
    name = "unknown";
  if (getErrorString(result, &text) != CUDA_SUCCESS || !text)
    text = "error";
  return message.fail(statusOf(result), "%s: %s (%s, %d)", what, text, name, result);
}

} // namespace transom::runtime
