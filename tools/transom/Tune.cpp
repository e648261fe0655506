//===- Tune.cpp - transom tune --------------------------------------------===//
//
// Measures the tiles that a model's products and attentions may have, in the model
// itself: the model is compiled with one candidate after the other, all products at
// a time, and the profile of its runs says what each place takes. Products that
// share a place take turns.
//
//===----------------------------------------------------------------------===//

#include "Command.h"
#include "Inputs.h"
#include "LoadedModel.h"
#include "transom/Codegen/TileFile.h"
#include "transom/Package/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <ctime>
#include <dlfcn.h>
#include <set>

using namespace llvm;
using namespace transom;

namespace {

struct TuneCommand {
  std::string output, device = "cuda:0";
  CompileOptions compiling;
  cli::InputOptions inputs;
  unsigned runs = 15, warmup = 3;
};

/// A node and its operator.
using Place = std::pair<std::string, std::string>;
using Times = std::map<Place, double>; ///< microseconds

/// A product that runs, and its tiles.
struct Product {
  std::string key;
  std::vector<std::string> tiles; ///< the table's first
  std::set<Place> places;
  unsigned turn = 0;         ///< those of another turn may share a place
  std::vector<double> times; ///< of the tiles measured so far

  double timeIn(const Times &all) const {
    double sum = 0;
    for (const Place &place : places)
      if (auto found = all.find(place); found != all.end())
        sum += found->second;
    return sum;
  }
  /// Another tile than the table's has to be better by more than runs differ.
  size_t best() const {
    constexpr double worthIt = 0.98;
    size_t least = std::min_element(times.begin(), times.end()) - times.begin();
    return times[least] < worthIt * times[0] ? least : 0;
  }
};

class Tuning {
public:
  explicit Tuning(const TuneCommand &command, NVPTXTarget target) : command(command), table(std::move(target)) {}

  /// Reads what is known already, measures, and writes the file.
  Error run();

private:
  Error readKnown();
  Expected<Times> measure(const TileFile &tiles, CompileReport *report = nullptr);
  Expected<Times> timeRuns(cli::LoadedModel &model);
  void choosePlaces(ArrayRef<TileUse> uses);
  void takeTurns();
  Error measureTurn(unsigned turn);
  void describe(const cli::LoadedModel &model);
  void print() const;

  const TuneCommand &command;
  TileTable table;
  TileFile file; ///< what is known, then what was measured
  cli::DimSizes sizes;
  std::vector<Product> products;
};

} // namespace

static double median(std::vector<double> values) {
  llvm::sort(values);
  size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Tiles of files given to it stay for products that do not run now.
Error Tuning::readKnown() {
  for (const std::string &path : command.compiling.tiles) {
    auto known = TileFile::read(path);
    if (!known)
      return known.takeError();
    if (known->chip != table.target().chip)
      return createStringError("'" + path + "' has tiles of " + known->chip + ", not of " + table.target().chip);
    for (auto &[key, choice] : known->tiles)
      file.tiles[key] = std::move(choice);
  }
  return Error::success();
}

/// Compiles the model with these tiles and gives what each of its places takes.
Expected<Times> Tuning::measure(const TileFile &tiles, CompileReport *report) {
  auto folder = cli::TemporaryFolder::make();
  if (!folder)
    return folder.takeError();
  CompileOptions options = command.compiling;
  options.executable = cli::executablePath();
  options.reportTiles = report != nullptr;
  options.tiles.clear();
  if (!tiles.tiles.empty()) {
    options.tiles.push_back(folder->file("tiles.json"));
    if (Error error = replaceFile(options.tiles.front(), tiles.text()))
      return error;
  }
  Problems problems;
  std::optional<Manifest> manifest;
  {
    cli::ProgressLine progress(options);
    manifest = compileModel(options, folder->file("package"), problems, report);
  }
  // All compiles say the same; the first is heard.
  if (!report)
    erase_if(problems.list, [](const Problem &problem) { return problem.severity != Problem::Error; });
  problems.print(errs());
  if (!manifest)
    return createStringError("'" + options.model + "' was not compiled");
  auto package = cli::ModelPackage::find(folder->file("package"), manifest->name);
  if (!package)
    return package.takeError();
  auto model = cli::LoadedModel::open(*package, /*threads=*/1, /*entry=*/"", command.device);
  if (!model)
    return model.takeError();
  auto inputs = cli::makeInputs((*model)->info(), command.inputs);
  if (!inputs)
    return inputs.takeError();
  (*model)->bind(std::move(*inputs));
  if (report)
    describe(**model);
  return timeRuns(**model);
}

/// Medians, after some runs that do not count.
Expected<Times> Tuning::timeRuns(cli::LoadedModel &model) {
  for (unsigned i = 0; i < command.warmup; ++i)
    if (Error error = model.run())
      return error;
  std::map<Place, std::vector<double>> all;
  for (unsigned i = 0; i < command.runs; ++i) {
    // Starts a profile anew.
    if (transom_profile_enable(model.context(), 1) != TRANSOM_OK)
      return createStringError(transom_error(model.context()));
    if (Error error = model.run())
      return error;
    std::vector<TransomProfileEntry> entries(transom_profile_read(model.context(), nullptr, 0));
    (void)transom_profile_read(model.context(), entries.data(), static_cast<uint32_t>(entries.size()));
    for (const TransomProfileEntry &entry : entries)
      if (entry.calls)
        all[{entry.node, entry.op}].push_back(static_cast<double>(entry.nanoseconds) / 1e3);
  }
  Times times;
  for (auto &[place, values] : all)
    times[place] = median(std::move(values));
  return times;
}

/// The GPU's name and its driver, as the file speaks of them.
void Tuning::describe(const cli::LoadedModel &model) {
  sizes = cli::dimsOf(model.info(), model.inputs());
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  char date[sizeof "2026-01-01"] = "";
  if (gmtime_r(&now, &utc) && std::strftime(date, sizeof date, "%Y-%m-%d", &utc))
    file.date = date;
  // The model's own runtime has opened it.
  void *driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!driver)
    return;
  auto getVersion = reinterpret_cast<int (*)(int *)>(dlsym(driver, "cuDriverGetVersion"));
  auto getDevice = reinterpret_cast<int (*)(int *, int)>(dlsym(driver, "cuDeviceGet"));
  auto getName = reinterpret_cast<int (*)(char *, int, int)>(dlsym(driver, "cuDeviceGetName"));
  int version = 0, ordinal = 0, device = 0;
  char name[256] = "";
  if (getVersion && getVersion(&version) == 0)
    file.driver = (Twine("CUDA ") + Twine(version / 1000) + "." + Twine(version % 1000 / 10)).str();
  StringRef place = transom_device(model.context());
  if (place.consume_front("cuda:") && !place.getAsInteger(10, ordinal) && getDevice && getName &&
      getDevice(&device, ordinal) == 0 && getName(name, sizeof name, device) == 0)
    file.device = name;
}

/// The products that run with these sizes, and where.
void Tuning::choosePlaces(ArrayRef<TileUse> uses) {
  std::map<std::string, size_t> known;
  std::set<std::string> unknown;
  for (const TileUse &use : uses) {
    std::optional<TileKey> key = TileKey::parse(use.key);
    if (!key)
      continue;
    bool isAnyRows = key->firstRow == 1 && !key->lastRow;
    auto rows = use.rows ? cli::evaluate(*use.rows, sizes) : std::nullopt;
    if (!isAnyRows && !rows) {
      unknown.insert(use.key);
      continue;
    }
    if (!isAnyRows && (*rows < double(key->firstRow) || (key->lastRow && *rows > double(key->lastRow))))
      continue;
    auto [found, isNew] = known.try_emplace(use.key, products.size());
    if (isNew) {
      Product product;
      product.key = use.key;
      for (const Tile &tile : table.candidates(*key))
        product.tiles.push_back(tile.text());
      products.push_back(std::move(product));
    }
    products[found->second].places.insert({use.node, use.op});
  }
  for (const std::string &key : unknown)
    errs() << "note: '" << key << "' is not measured: its rows depend on data\n";
}

/// Products that share a place are not changed at the same time.
void Tuning::takeTurns() {
  for (size_t i = 0; i < products.size(); ++i) {
    std::set<unsigned> taken;
    for (size_t j = 0; j < i; ++j)
      if (any_of(products[i].places, [&](const Place &place) { return products[j].places.count(place); }))
        taken.insert(products[j].turn);
    while (taken.count(products[i].turn))
      ++products[i].turn;
  }
}

Error Tuning::measureTurn(unsigned turn) {
  size_t most = 0;
  for (const Product &product : products)
    if (product.turn == turn)
      most = std::max(most, product.tiles.size());
  for (size_t number = 1; number < most; ++number) {
    TileFile tiles = file;
    for (const Product &product : products)
      tiles.tiles[product.key] = {product.tiles[product.turn == turn && number < product.tiles.size() ? number : 0],
                                  std::nullopt, std::nullopt};
    auto times = measure(tiles);
    if (!times)
      return times.takeError();
    for (Product &product : products)
      if (product.turn == turn && number < product.tiles.size())
        product.times.push_back(product.timeIn(*times));
  }
  return Error::success();
}

Error Tuning::run() {
  if (Error error = readKnown())
    return error;
  file.chip = table.target().chip;
  CompileReport report;
  TileFile none;
  none.chip = file.chip;
  auto times = measure(none, &report);
  if (!times)
    return times.takeError();
  choosePlaces(report.tiles);
  for (Product &product : products)
    product.times.push_back(product.timeIn(*times));
  takeTurns();
  unsigned turns = 0;
  for (const Product &product : products)
    turns = std::max(turns, product.turn + 1);
  for (unsigned turn = 0; turn < turns; ++turn)
    if (Error error = measureTurn(turn))
      return error;
  for (const Product &product : products) {
    size_t best = product.best();
    file.tiles[product.key] = {product.tiles[best], product.times[best], product.times[0]};
  }
  print();
  return replaceFile(command.output, file.text());
}

void Tuning::print() const {
  for (const auto &[name, size] : sizes)
    outs() << name << " = " << size << ", ";
  outs() << command.runs << " runs on " << (file.device.empty() ? command.device : file.device) << '\n';
  for (const Product &product : products) {
    size_t best = product.best();
    outs() << format("%10.1f us  ", product.times[best]) << product.key << ": " << product.tiles[best];
    if (best)
      outs() << format(", %.1f us with ", product.times[0]) << product.tiles[0];
    outs() << '\n';
  }
  outs() << command.output << ": tiles of " << file.tiles.size() << " products and attentions\n";
}

static int tune(const TuneCommand &command) {
  StringRef target = command.compiling.target;
  if (!target.consume_front("nvptx:") || target.contains(',')) {
    errs() << "error: --target=" << command.compiling.target
           << ": tiles are measured for one GPU: nvptx:CHIP, as nvptx:sm_90a\n";
    return cli::Misused;
  }
  auto chip = NVPTXTarget::resolve(target);
  if (!chip)
    return cli::fail(chip.takeError());
  chip->tf32 = command.compiling.tf32;
  Error error = Tuning(command, std::move(*chip)).run();
  return error ? cli::fail(std::move(error)) : cli::Success;
}

void cli::addTune(CLI::App &app, int &status) {
  auto command = std::make_shared<TuneCommand>();
  CLI::App *tuning = app.add_subcommand("tune", "Measure the tiles of a model's products on a GPU");
  tuning->add_option("model", command->compiling.model, "The model: .onnx, or .onnxtxt in ONNX's textual syntax")
      ->required()
      ->type_name("FILE");
  tuning->add_option("-o,--output", command->output, "The file of tiles, which 'transom compile --tiles' reads")
      ->required()
      ->type_name("FILE");
  addInputOptions(*tuning, command->inputs);
  tuning->add_option("--device", command->device, "The GPU: cuda:N")->capture_default_str()->type_name("DEVICE");
  tuning->add_option("--runs", command->runs, "Timed runs of each tile; the median counts")
      ->check(CLI::Range(1, 100000).description(""))
      ->capture_default_str()
      ->type_name("N");
  tuning->add_option("--warmup", command->warmup, "Runs before these")->capture_default_str()->type_name("N");
  addCompileOptions(*tuning, command->compiling);
  tuning->footer(
      "Compiles the model with every tile that its products and attentions may have on the chip, runs it on the GPU,\n"
      "and writes what was fastest. Only what runs with the given sizes is measured; tiles of files given with "
      "--tiles\n"
      "stay for the rest, so one file grows from several calls. A tile replaces the table's where it is faster by\n"
      "more than 2%.\n\n" +
      std::string(inputHelp) +
      "\nExamples:\n"
      "  transom tune gpt2.onnx --target=nvptx:sm_90a --dim batch=1 --dim sequence=512 -o tiles.json\n"
      "  transom tune gpt2.onnx --target=nvptx:sm_90a --dim batch=1 --dim sequence=1 --tiles tiles.json -o tiles.json\n"
      "  transom compile gpt2.onnx --target=nvptx:sm_90a --tiles tiles.json -o build/gpt2");
  tuning->callback([command, &status] { status = tune(*command); });
}
