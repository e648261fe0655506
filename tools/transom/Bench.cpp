//===- Bench.cpp - transom bench ------------------------------------------===//
//
// GFLOP/s by the manifest's count; GB/s of the least that a run can move: all
// weights, inputs and outputs once.
//
//===----------------------------------------------------------------------===//

#include "BenchProfile.h"
#include "Command.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "Machine.h"
#include "Trace.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace transom;

namespace {
struct BenchCommand {
  std::string model, entry, device, trace;
  CompileOptions compiling;
  cli::InputOptions inputs;
  uint32_t threads = 0;
  unsigned runs = 0, warmup = 3;
  bool asJson = false, perKernel = false;
};

struct Figures {
  double medianMs = 0, minMs = 0;
  unsigned runs = 0;
  std::optional<double> gflops;
  double gbps = 0;
  std::optional<cli::MachinePeaks> peaks; ///< of the CPU, where that is what ran

  std::optional<double> peakShare() const {
    return gflops && peaks ? std::optional(*gflops * 1e9 / peaks->flops) : std::nullopt;
  }
  std::optional<double> bandwidthShare() const {
    return peaks ? std::optional(gbps * 1e9 / peaks->bytes) : std::nullopt;
  }
};
} // namespace

/// As many runs as asked for, or as fit into about three seconds, at least five.
static llvm::Expected<std::vector<double>> timeRuns(cli::LoadedModel &model, const BenchCommand &command) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (unsigned i = 0; i < command.warmup; ++i)
    if (llvm::Error error = model.run())
      return error;
  if (command.perKernel)
    (void)transom_profile_enable(model.context(), 1);
  auto start = Clock::now();
  auto enough = [&] {
    if (command.runs)
      return times.size() >= command.runs;
    return times.size() >= 5 && (Clock::now() - start > std::chrono::seconds(3) || times.size() >= 10'000);
  };
  while (!enough()) {
    auto before = Clock::now();
    if (llvm::Error error = model.run())
      return error;
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  }
  return times;
}

static double median(std::vector<double> values) {
  llvm::sort(values);
  size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

static double movedBytes(const cli::LoadedModel &model, const cli::StateTensors &states) {
  double bytes = static_cast<double>(model.info().weights_bytes);
  for (const cli::Tensor &state : states.tensors)
    bytes += static_cast<double>(state.data.size());
  for (const cli::Tensor &input : model.inputs())
    bytes += static_cast<double>(input.data.size());
  for (const TransomTensor &output : model.outputs())
    if (auto size = cli::denseBytes(output.type, llvm::ArrayRef(output.shape, static_cast<size_t>(output.rank))))
      bytes += static_cast<double>(*size);
    else
      llvm::consumeError(size.takeError());
  return bytes;
}

static void writeText(const Figures &figures, const cli::LoadedModel &model, const cli::DimSizes &sizes) {
  auto &os = llvm::outs();
  for (const auto &[name, size] : sizes)
    os << name << " = " << size << ", ";
  if (figures.peaks)
    os << transom_threads(model.context()) << " threads, " << figures.runs << " runs\n";
  else
    os << transom_device(model.context()) << ", " << figures.runs << " runs\n";
  os << llvm::format("%.3f ms median, %.3f ms least\n", figures.medianMs, figures.minMs);
  if (!figures.peaks) {
    if (figures.gflops)
      os << llvm::format("%.1f GFLOP/s\n", *figures.gflops);
    os << llvm::format("%.2f GB/s of weights, states, inputs and outputs\n", figures.gbps);
    return;
  }
  if (figures.gflops)
    os << llvm::format("%.1f GFLOP/s, %.1f%% of the measured %.1f (f32 FMA, %s)\n", *figures.gflops,
                       100 * *figures.peakShare(), figures.peaks->flops / 1e9, figures.peaks->vectors);
  else
    os << "GFLOP/s unknown: the named dims do not give the sizes of all products\n";
  os << llvm::format("%.2f GB/s of weights, states, inputs and outputs, %.1f%% of the measured %.2f\n", figures.gbps,
                     100 * *figures.bandwidthShare(), figures.peaks->bytes / 1e9);
}

static void writeJson(const Figures &figures, const cli::LoadedModel &model, const cli::DimSizes &sizes,
                      const std::vector<cli::ProfileLine> *lines) {
  llvm::json::OStream out(llvm::outs(), 2);
  out.object([&] {
    out.attribute("name", model.info().name);
    out.attributeObject("dims", [&] {
      for (const auto &[name, size] : sizes)
        out.attribute(llvm::json::fixUTF8(name), size);
    });
    out.attribute("device", transom_device(model.context()));
    out.attribute("threads", transom_threads(model.context()));
    out.attribute("runs", figures.runs);
    out.attribute("median_ms", figures.medianMs);
    out.attribute("min_ms", figures.minMs);
    cli::writeOptional(out, "gflops", figures.gflops);
    out.attribute("gbps", figures.gbps);
    cli::writeOptional(out, "peak_share", figures.peakShare());
    cli::writeOptional(out, "bandwidth_share", figures.bandwidthShare());
    cli::writeOptional(out, "peak_gflops", figures.peaks ? std::optional(figures.peaks->flops / 1e9) : std::nullopt);
    cli::writeOptional(out, "peak_gbps", figures.peaks ? std::optional(figures.peaks->bytes / 1e9) : std::nullopt);
    if (lines)
      cli::writeProfile(out, *lines, figures.peaks);
  });
  llvm::outs() << '\n';
}

static int bench(const BenchCommand &command) {
  CompileOptions compiling = command.compiling;
  if (command.entry == "step")
    compiling.states = States::Both;
  auto package = cli::ReadyPackage::make(command.model, compiling);
  if (!package)
    return cli::fail(package.takeError());
  auto manifest = (*package)->readManifest();
  if (!manifest)
    return cli::fail(manifest.takeError());
  auto loaded = cli::LoadedModel::open(**package, command.threads, command.entry, command.device);
  if (!loaded)
    return cli::fail(loaded.takeError());
  cli::LoadedModel &model = **loaded;
  auto inputs = cli::makeInputs(model.info(), command.inputs);
  if (!inputs)
    return cli::fail(inputs.takeError());
  auto states = cli::makeStates(model.info(), *inputs, command.inputs);
  if (!states)
    return cli::fail(states.takeError());
  if (!states->tensors.empty())
    if (llvm::Error error = model.useStates(*states))
      return cli::fail(std::move(error));
  model.bind(std::move(*inputs));

  auto times = timeRuns(model, command);
  if (!times)
    return cli::fail(times.takeError());
  std::vector<cli::ProfileLine> lines;
  std::vector<PlaceCost> places = cli::readPlaces(*manifest, model.info().entry);
  if (command.perKernel)
    lines = cli::readProfile(model.context(), static_cast<unsigned>(times->size()), places, states->sizes);
  if (!command.trace.empty())
    if (llvm::Error error = cli::traceRun(model, places, states->sizes, command.trace))
      return cli::fail(std::move(error));
  // Afterwards: a gigabyte read before would push the weights out of the caches.
  Figures figures;
  if (llvm::StringRef(transom_device(model.context())) == "cpu") {
    auto peaks = cli::measureMachine(transom_threads(model.context()));
    if (!peaks)
      return cli::fail(peaks.takeError());
    figures.peaks = *peaks;
  }
  figures.runs = static_cast<unsigned>(times->size());
  figures.medianMs = median(*times);
  figures.minMs = *std::min_element(times->begin(), times->end());
  figures.gbps = movedBytes(model, *states) / figures.medianMs / 1e6;
  auto cost = cli::readCost(*manifest);
  if (cost && !cost->omitted)
    if (auto flops = cli::evaluate(cost->flops, states->sizes))
      figures.gflops = *flops / figures.medianMs / 1e6;
  if (command.asJson) {
    writeJson(figures, model, states->sizes, command.perKernel ? &lines : nullptr);
  } else {
    writeText(figures, model, states->sizes);
    if (command.perKernel)
      cli::printProfile(lines, figures.peaks);
  }
  return cli::Success;
}

void cli::addBench(CLI::App &app, int &status) {
  auto command = std::make_shared<BenchCommand>();
  CLI::App *benching = app.add_subcommand("bench", "Measure the time of a model's runs");
  benching->add_option("model", command->model, "A compiled model's folder or library, or a model to compile first")
      ->required()
      ->type_name("DIR|FILE");
  addInputOptions(*benching, command->inputs);
  benching
      ->add_option("--entry", command->entry,
                   "The entry point: main (the ONNX signature, the default) or step, with caches that stay in place; "
                   "--dim past_sequence_length=N is then how many rows they have")
      ->type_name("NAME");
  benching->add_option("--threads", command->threads, "Threads; default: one a core")->type_name("N");
  benching->add_option("--device", command->device, cli::deviceHelp)->type_name("DEVICE");
  benching->add_option("--runs", command->runs, "Timed runs; default: three seconds, at least five")->type_name("N");
  benching->add_option("--warmup", command->warmup, "Runs before these")->capture_default_str()->type_name("N");
  benching->add_flag("--json", command->asJson, "Print JSON");
  benching->add_flag("--per-kernel", command->perKernel,
                     "Print the time of each place of the model, beside what the machine could do");
  benching->add_option("--trace", command->trace, std::string(traceHelp) + "; of one more run after the timed ones")
      ->type_name("FILE");
  addCompileOptions(*benching, command->compiling);
  benching->footer(
      "GFLOP/s count the multiplications and additions of matrix products, convolutions and attention\n"
      "('transom inspect' prints them), GB/s the weights, states, inputs and outputs, once each. What the machine\n"
      "can do is measured afterwards with the same number of threads. With --per-kernel, GB/s count the operands and\n"
      "results of a place's kernels, and the predicted time is what the machine needs at least for the arithmetic, or\n"
      "for reading them from memory: caches may be faster.\n\n" +
      std::string(inputHelp) +
      "\nExamples:\n"
      "  transom bench build/bert --dim batch=1 --dim sequence=128 --threads 2\n"
      "  transom bench build/bert --dim batch=8 --dim seq=128 --json\n"
      "  transom bench build/bert --dim batch=1 --dim seq=16 --per-kernel\n"
      "  transom bench build/bert --dim batch=1 --dim seq=128 --trace=bert.trace.json\n"
      "  transom bench build/gpt2 --entry step --dim batch_size=1 --dim sequence_length=1 --dim "
      "past_sequence_length=128");
  benching->callback([command, &status] { status = bench(*command); });
}
