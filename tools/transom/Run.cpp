//===- Run.cpp - transom run ----------------------------------------------===//

#include "Command.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "Trace.h"
#include "transom/Package/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;

namespace {
struct RunCommand {
  std::string model, output, device, trace;
  CompileOptions compiling;
  cli::InputOptions inputs;
  uint32_t threads = 0;
};
} // namespace

static std::string textOf(const TransomTensor &tensor) {
  cli::Tensor shape;
  shape.type = tensor.type;
  shape.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  return shape.text();
}

static llvm::Error writeOutput(llvm::StringRef folder, const char *name, const TransomTensor &tensor) {
  llvm::ArrayRef<int64_t> shape(tensor.shape, static_cast<size_t>(tensor.rank));
  auto bytes = cli::denseBytes(tensor.type, shape);
  if (!bytes)
    return bytes.takeError();
  llvm::StringRef data(static_cast<const char *>(tensor.data), *bytes);
  // numpy has no elements of less than a byte: one byte each, or an f32.
  std::string unpacked;
  int32_t type = tensor.type;
  if (transom_type_bits(type) < 8) {
    int64_t count = 1;
    for (int64_t dim : shape)
      count *= dim;
    bool isSigned = type == TRANSOM_I2 || type == TRANSOM_I4;
    int32_t wide = type == TRANSOM_F4E2M1FN ? TRANSOM_F32 : isSigned ? TRANSOM_I8 : TRANSOM_U8;
    unpacked.resize(static_cast<size_t>(count * transom_type_bits(wide) / 8));
    for (int64_t i = 0; i < count; ++i)
      cli::setElement(wide, unpacked.data(), i, cli::elementAt(type, tensor.data, i));
    type = wide;
    data = unpacked;
  }
  std::string file = name;
  for (char &c : file)
    if (c == '/')
      c = '_';
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, file + ".npy");
  return replaceFile(path, cli::npyText(type, shape, data));
}

/// Runs the model, with a trace of that.
static llvm::Error trace(const cli::ModelPackage &package, cli::LoadedModel &model, const cli::DimSizes &sizes,
                         llvm::StringRef path) {
  auto manifest = package.readManifest();
  if (!manifest)
    return manifest.takeError();
  return cli::traceRun(model, cli::readPlaces(*manifest, model.info().entry), sizes, path);
}

static int run(const RunCommand &command) {
  auto package = cli::ReadyPackage::make(command.model, command.compiling);
  if (!package)
    return cli::fail(package.takeError());
  auto model = cli::LoadedModel::open(**package, command.threads, /*entry=*/"", command.device);
  if (!model)
    return cli::fail(model.takeError());
  auto inputs = cli::makeInputs((*model)->info(), command.inputs);
  if (!inputs)
    return cli::fail(inputs.takeError());
  const TransomModelInfo &info = (*model)->info();
  cli::DimSizes sizes = cli::dimsOf(info, *inputs);
  (*model)->bind(std::move(*inputs));
  if (llvm::Error error = command.trace.empty() ? (*model)->run() : trace(**package, **model, sizes, command.trace))
    return cli::fail(std::move(error));
  for (const cli::Tensor &input : (*model)->inputs())
    llvm::outs() << "input  " << info.inputs[&input - (*model)->inputs().data()].name << ": " << input.text() << '\n';
  if (!command.output.empty())
    if (std::error_code code = llvm::sys::fs::create_directories(command.output))
      return cli::fail("cannot make the folder '" + command.output + "': " + code.message());
  for (auto [i, tensor] : llvm::enumerate((*model)->outputs())) {
    llvm::outs() << "output " << info.outputs[i].name << ": " << textOf(tensor) << '\n';
    if (!command.output.empty())
      if (llvm::Error error = writeOutput(command.output, info.outputs[i].name, tensor))
        return cli::fail(std::move(error));
  }
  return cli::Success;
}

void cli::addRun(CLI::App &app, int &status) {
  auto command = std::make_shared<RunCommand>();
  CLI::App *running = app.add_subcommand("run", "Run a model once and write its outputs");
  running->add_option("model", command->model, "A compiled model's folder or library, or a model to compile first")
      ->required()
      ->type_name("DIR|FILE");
  addInputOptions(*running, command->inputs);
  running->add_option("-o,--output", command->output, "Folder for the outputs, as NAME.npy")->type_name("DIR");
  running->add_option("--threads", command->threads, "Threads; default: one a core")->type_name("N");
  running->add_option("--device", command->device, cli::deviceHelp)->type_name("DEVICE");
  running->add_option("--trace", command->trace, traceHelp)->type_name("FILE");
  addCompileOptions(*running, command->compiling);
  running->footer(std::string(inputHelp) +
                  "\nExamples:\n"
                  "  transom run build/bert --dim batch=1 --dim sequence=16\n"
                  "  transom run build/bert --dim batch=1 --input input_ids=ids.npy -o build/outputs\n"
                  "  transom run build/bert --dim batch=1 --dim seq=16 --trace=bert.trace.json\n"
                  "  transom run bert.onnx --input test_data_set_0");
  running->callback([command, &status] { status = run(*command); });
}
