//===- ModulesTest.cpp - two shared libraries, a runtime each -------------===//
#include "Session.h"

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>

namespace transom::test {
namespace {

namespace fs = std::filesystem;

struct Module {
  /// Copies the library to a folder of its own: the tests may run at once.
  explicit Module(const char *path, float scale) {
    std::string pattern = testing::TempDir() + "transom-module-XXXXXX";
    folder = mkdtemp(pattern.data());
    weights = folder / "module.weights";
    fs::path file = folder / fs::path(path).filename();
    fs::copy_file(path, file);
    std::ofstream(weights, std::ios::binary).write(reinterpret_cast<const char *>(&scale), sizeof scale);
    handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(handle, nullptr) << dlerror();
    auto getLibrary = reinterpret_cast<const TransomLibrary *(*)()>(symbol("model_library"));
    library = getLibrary();
    EXPECT_EQ(transom_open(library, nullptr, &model, why, sizeof why), TRANSOM_OK) << why;
    TransomContextOptions options = withThreads(2);
    EXPECT_EQ(transom_context_create(model, &options, &context, why, sizeof why), TRANSOM_OK) << why;
  }
  ~Module() {
    transom_context_destroy(context);
    transom_close(model);
    dlclose(handle);
    fs::remove_all(folder);
  }
  void *symbol(const char *name) { return dlsym(handle, name); }

  fs::path folder, weights;
  void *handle;
  const TransomLibrary *library;
  TransomModel *model = nullptr;
  TransomContext *context = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
};

TEST(Modules, ShareNoSymbolAndFindTheirOwnWeights) {
  Module one(MODULE_ONE, 2), two(MODULE_TWO, 3);
  EXPECT_NE(one.library, two.library);
  EXPECT_NE(one.library->api, two.library->api);
  EXPECT_NE(one.library->api, &transom_rt_api); // nor with this program's copy
  Session own(mixProgram(), 2);
  MixCase mix(2, 3);
  std::vector<float> values = {1, 2, 3};
  for (int i = 0; i < 10; ++i) {
    TransomTensor x = tensor(values, {3}), y = {}, z = {}, w = {};
    ASSERT_EQ(transom_run(one.context, &x, 1, &y, 1), TRANSOM_OK) << transom_error(one.context);
    ASSERT_EQ(transom_run(two.context, &y, 1, &z, 1), TRANSOM_OK) << transom_error(two.context);
    ASSERT_EQ(own.run(mix.inputs, {&w, 1}), TRANSOM_OK);
    EXPECT_EQ(valuesOf<float>(y), (std::vector<float>{2, 4, 6}));
    EXPECT_EQ(valuesOf<float>(z), (std::vector<float>{6, 12, 18}));
    EXPECT_EQ(valuesOf<float>(w), mix.expected);
  }
}

TEST(Modules, ExportOneFunction) {
  Module one(MODULE_ONE, 2);
  EXPECT_NE(one.symbol("model_library"), nullptr);
  for (const char *name : {"transom_rt_api", "transom_rt_barrier", "transom_rt_fail", "transom_rt_alloc",
                           "transom_rt_output", "transom_rt_profile", "transom_rt_next"})
    EXPECT_EQ(one.symbol(name), nullptr) << name;
}

TEST(Modules, TheWeightsFileIsNamedWhenItIsMissing) {
  Module one(MODULE_ONE, 2);
  fs::remove(one.weights);
  TransomModel *model;
  char why[TRANSOM_ERROR_BYTES];
  EXPECT_EQ(transom_open(one.library, nullptr, &model, why, sizeof why), TRANSOM_ERROR_WEIGHTS);
  EXPECT_STREQ(why,
               "model \"module\": the weights file \"module.weights\" is neither beside the library nor beside the "
               "program; set weights_path or weights_data");
}

} // namespace
} // namespace transom::test
