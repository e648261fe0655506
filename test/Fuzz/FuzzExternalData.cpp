//===- FuzzExternalData.cpp - where models say that their weights lie -----===//
//
// An initializer with whatever location, offset and length the bytes spell, in a
// folder with a file of 100 bytes, an empty one, links, a FIFO and a folder. What
// the reader gives lies within a file of the folder and is as long as the shape
// asks for.
//
//===----------------------------------------------------------------------===//

#include "OnnxReader.h"
#include "Scratch.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace transom;
namespace fs = std::filesystem;

/// What lies outside of the folder; no tensor may hold it.
static constexpr char secret = 'S', inside = 'i';

static const fuzz::Scratch &folder() {
  static fuzz::Scratch scratch("models/model.onnx");
  static bool isMade = [] {
    std::string models = scratch.folder() + "/models";
    fs::create_directories(models + "/sub");
    std::string text(100, inside), outside(100, secret);
    fuzz::Scratch::writeTo(models + "/data", text.data(), text.size());
    fuzz::Scratch::writeTo(models + "/sub/data", text.data(), text.size());
    fuzz::Scratch::writeTo(models + "/empty", "", 0);
    fuzz::Scratch::writeTo(scratch.folder() + "/secret", outside.data(), outside.size());
    fs::create_symlink("../secret", models + "/link");
    fs::create_directory_symlink("..", models + "/up");
    return mkfifo((models + "/fifo").c_str(), 0600) == 0;
  }();
  (void)isMade;
  return scratch;
}

static std::string location(FuzzedDataProvider &data) {
  static const char *const known[] = {"data", "sub/data", "empty",     "link",   "up/secret",
                                      "fifo", "sub",      "../secret", "./data", "sub/../../secret",
                                      "",     ".",        "sub//data", "data/",  "/dev/zero"};
  size_t kind = data.ConsumeIntegralInRange<size_t>(0, std::size(known));
  return kind < std::size(known) ? known[kind] : data.ConsumeRandomLengthString(64);
}

static std::string number(FuzzedDataProvider &data) {
  switch (data.ConsumeIntegralInRange(0, 3)) {
  case 0: return std::to_string(data.ConsumeIntegralInRange(0, 110));
  case 1: return std::to_string(data.ConsumeIntegral<uint64_t>());
  case 2: return std::to_string(data.ConsumeIntegral<int64_t>());
  default: return data.ConsumeRandomLengthString(24);
  }
}

static onnx::ModelProto modelOf(FuzzedDataProvider &data) {
  onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(21);
  auto *graph = model.mutable_graph();
  graph->set_name("g");
  auto *tensor = graph->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(data.ConsumeIntegralInRange(0, int(onnx::TensorProto::DataType_MAX)));
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  for (int rank = data.ConsumeIntegralInRange(0, 4); rank; --rank)
    tensor->add_dims(data.ConsumeBool() ? data.ConsumeIntegralInRange(0, 101) : data.ConsumeIntegral<int64_t>());
  auto add = [&](const std::string &key, const std::string &value) {
    auto *entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  while (data.remaining_bytes() && tensor->external_data_size() < 6)
    switch (data.ConsumeIntegralInRange(0, 4)) {
    case 0:
    case 1: add("location", location(data)); break;
    case 2: add("offset", number(data)); break;
    case 3: add("length", number(data)); break;
    case 4: add(data.ConsumeRandomLengthString(12), number(data)); break;
    }
  return model;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  onnx::ModelProto model = modelOf(data);
  std::string text = model.SerializeAsString();
  folder().write(text.data(), text.size());
  std::vector<std::string> warnings;
  auto files = OnnxFiles::read(folder().path(), /*text=*/false, warnings);
  if (!files) {
    llvm::consumeError(files.takeError());
    return 0;
  }
  const onnx::TensorProto &tensor = (*files)->model().graph().initializer(0);
  auto found = (*files)->bytes(tensor);
  if (!found) {
    if (llvm::toString(found.takeError()).find("initializer 'w'") == std::string::npos)
      abort();
    return 0;
  }
  for (char byte : *found)
    if (byte != inside)
      abort();
  uint64_t elements = 1;
  for (int64_t dim : tensor.dims())
    elements *= static_cast<uint64_t>(dim);
  if (found->size() != (elements * storedBits(tensor.data_type()) + 7) / 8 || found->size() > 100)
    abort();
  return 0;
}
