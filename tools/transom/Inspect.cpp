//===- Inspect.cpp - transom inspect --------------------------------------===//

#include "Command.h"
#include "LoadedModel.h"
#include "ModelCosts.h"
#include "ModelPackage.h"
#include "transom/Import/Import.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;

namespace {
struct InspectCommand {
  CompileOptions options;
  std::vector<std::string> dims;
  bool asJson = false, fusions = false, support = false;
};
} // namespace

static void printValues(llvm::StringRef title, llvm::ArrayRef<SignatureValue> values) {
  llvm::outs() << title << '\n';
  for (const SignatureValue &value : values)
    llvm::outs() << "  " << value.name << ": " << value.text() << '\n';
}

static void writeValues(llvm::json::OStream &out, llvm::StringRef key, llvm::ArrayRef<SignatureValue> values) {
  out.attributeArray(key, [&] {
    for (const SignatureValue &value : values)
      out.object([&] {
        out.attribute("name", llvm::json::fixUTF8(value.name));
        out.attribute("type", value.type.name);
        out.attributeArray("dims", [&] {
          for (const SignatureDim &dim : value.dims)
            if (dim.size >= 0)
              out.value(dim.size);
            else if (dim.symbol.empty())
              out.value(nullptr);
            else
              out.value(llvm::json::fixUTF8(dim.symbol));
        });
      });
  });
}

static void writeJson(const ModelReport &report, std::optional<double> flops) {
  llvm::json::OStream out(llvm::outs(), 2);
  out.object([&] {
    writeValues(out, "inputs", report.signature.inputs);
    writeValues(out, "outputs", report.signature.outputs);
    out.attributeArray("symbols", [&] {
      for (const Symbol &symbol : report.signature.symbols)
        out.value(llvm::json::fixUTF8(symbol.name));
    });
    out.attributeObject("operators", [&] {
      for (const OperatorCount &op : report.operators)
        out.attribute(op.name, op.count);
    });
    out.attribute("parameters", report.parameters);
    out.attribute("weight_bytes", report.weightBytes);
    writeTerms(out, "flops_terms", report.cost.flops);
    if (flops)
      out.attribute("flops", *flops);
    out.attribute("flops_omitted", report.cost.omitted);
  });
  llvm::outs() << '\n';
}

static void writeText(const ModelReport &report, std::optional<double> flops) {
  printValues("inputs", report.signature.inputs);
  printValues("outputs", report.signature.outputs);
  llvm::outs() << "dims";
  for (const Symbol &symbol : report.signature.symbols)
    llvm::outs() << ' ' << symbol.name;
  llvm::outs() << (report.signature.symbols.empty() ? " all fixed\n" : "\n");
  llvm::outs() << "parameters " << report.parameters << " (" << cli::bytesText(report.weightBytes) << ")\n";
  llvm::outs() << "flops " << cli::costText(report.cost);
  if (flops)
    llvm::outs() << " = " << llvm::format("%.6g", *flops);
  llvm::outs() << '\n';
  if (report.cost.omitted)
    llvm::outs() << "  without " << report.cost.omitted << " products whose sizes the named dims do not give\n";
  llvm::outs() << "operators, after the stage raise\n";
  for (const OperatorCount &op : report.operators)
    llvm::outs() << "  " << llvm::format_decimal(op.count, 6) << "  " << op.name << '\n';
}

static void writeSupportJson(llvm::ArrayRef<OperatorUse> operators, const Problems &problems) {
  llvm::json::OStream out(llvm::outs(), 2);
  out.object([&] {
    out.attribute("supported", !problems.hasErrors());
    out.attributeArray("operators", [&] {
      for (const OperatorUse &use : operators)
        out.object([&] {
          out.attribute("domain", llvm::json::fixUTF8(use.domain));
          out.attribute("operator", llvm::json::fixUTF8(use.op));
          out.attribute("opset", use.opset);
          out.attribute("nodes", use.nodes);
          out.attribute("refused", use.refused);
          out.attribute("behind_refused", use.behind);
        });
    });
    out.attributeArray("errors", [&] {
      for (const Problem &problem : problems.list)
        if (problem.severity == Problem::Error)
          out.value(llvm::json::fixUTF8(problem.message));
    });
  });
  llvm::outs() << '\n';
}

static void writeSupport(llvm::ArrayRef<OperatorUse> operators, bool compiles) {
  for (const OperatorUse &use : operators) {
    llvm::outs() << llvm::format_decimal(use.nodes, 6) << "  " << use.domain << ' ' << use.op << ", opset "
                 << use.opset;
    if (use.refused)
      llvm::outs() << ": " << use.refused << " refused";
    if (use.behind)
      llvm::outs() << (use.refused ? ", " : ": ") << use.behind << " behind refused nodes, not looked at";
    llvm::outs() << '\n';
  }
  llvm::outs() << (compiles ? "the model compiles\n" : "the model does not compile\n");
}

/// Whether the model compiles, and what stands in the way.
static int inspectSupport(const InspectCommand &command) {
  Problems problems;
  std::vector<OperatorUse> operators;
  {
    CompileOptions options = command.options;
    cli::ProgressLine progress(options);
    operators = findSupport(options, problems);
  }
  problems.print(llvm::errs());
  bool compiles = !problems.hasErrors();
  if (command.asJson)
    writeSupportJson(operators, problems);
  else if (!operators.empty())
    writeSupport(operators, compiles);
  return compiles ? cli::Success : cli::Failed;
}

/// A compiled model says what it is in its manifest.
static int inspectPackage(const InspectCommand &command) {
  auto package = cli::ModelPackage::find(command.options.model, command.options.name);
  if (!package)
    return cli::fail(package.takeError());
  auto manifest = package->readManifestText();
  if (!manifest)
    return cli::fail(manifest.takeError());
  llvm::outs() << *manifest;
  // Which of the CPUs' kernels are chosen is a matter of the machine.
  auto loaded = cli::LoadedModel::open(*package, /*threads=*/1);
  if (loaded)
    llvm::errs() << "note: here the code for " << (*loaded)->info().target_cpu << " runs\n";
  else
    llvm::errs() << "note: here none of it runs: " << llvm::toString(loaded.takeError()) << '\n';
  return cli::Success;
}

static int inspect(const InspectCommand &command) {
  if (cli::isPackage(command.options.model)) {
    if (command.support)
      return cli::fail("--support: '" + command.options.model + "' is a compiled model");
    if (command.fusions)
      return cli::fail("--fusions: '" + command.options.model +
                       "' is a compiled model; its report says what was fused "
                       "(transom compile --report)");
    return inspectPackage(command);
  }
  if (command.support)
    return inspectSupport(command);
  Problems problems;
  std::optional<ModelReport> report;
  {
    CompileOptions options = command.options;
    cli::ProgressLine progress(options);
    report = inspectModel(options, problems);
  }
  problems.print(llvm::errs());
  if (!report)
    return cli::Failed;
  if (command.fusions) {
    llvm::outs() << (command.asJson ? fusionsJson(report->fusions) : fusionsText(report->fusions));
    return cli::Success;
  }
  std::vector<std::string> symbols;
  for (const Symbol &symbol : report->signature.symbols)
    symbols.push_back(symbol.name);
  auto sizes = cli::readDims(command.dims, symbols);
  if (!sizes)
    return cli::fail(sizes.takeError());
  auto flops = cli::evaluate(report->cost.flops, *sizes);
  if (command.asJson)
    writeJson(*report, flops);
  else
    writeText(*report, flops);
  return cli::Success;
}

void cli::addInspect(CLI::App &app, int &status) {
  auto command = std::make_shared<InspectCommand>();
  CLI::App *inspecting = app.add_subcommand("inspect", "Show a model's signature, operators, parameters and FLOPs");
  inspecting->add_option("model", command->options.model, "A model (.onnx, .onnxtxt), or a compiled one's folder")
      ->required()
      ->type_name("FILE|DIR");
  inspecting->add_option("--dim", command->dims, "NAME=SIZE of a dynamic dim, for the number of FLOPs")
      ->type_name("NAME=SIZE");
  inspecting->add_flag("--fusions", command->fusions,
                       "Show what was fused and from which nodes, what nearly was and why not, what is in pieces");
  inspecting
      ->add_flag(
          "--support", command->support,
          "Show whether the model compiles: its ONNX operators, and every node that is refused and why; status 1\n"
          "where it does not")
      ->excludes("--fusions");
  inspecting->add_flag("--json", command->asJson, "Print JSON");
  inspecting->footer("FLOPs are the multiplications and additions of matrix products, convolutions and attention.\n"
                     "Of a compiled model its manifest is printed; a note says which of its CPUs' kernels run here.\n\n"
                     "Examples:\n"
                     "  transom inspect bert.onnx\n"
                     "  transom inspect bert.onnx --dim batch=1 --dim sequence=128 --json\n"
                     "  transom inspect bert.onnx --fusions\n"
                     "  transom inspect bert.onnx --support\n"
                     "  transom inspect build/bert");
  inspecting->callback([command, &status] { status = inspect(*command); });
}
