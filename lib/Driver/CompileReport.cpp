//===- CompileReport.cpp - the compile report as text and JSON ------------===//

#include "CompileReport.h"
#include "ReportJson.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;
using llvm::StringRef;

static std::string textReport(const CompileReport &report, const Manifest &manifest) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << report.model << " as " << manifest.name << " for " << manifest.cpuNames() << '\n';
  os << "weights: " << manifest.weightsBytes << " bytes"
     << (manifest.weightsFile.empty() ? ", embedded" : " in " + manifest.weightsFile) << '\n';
  os << "workspace, in bytes: " << report.workspace << '\n';
  for (const auto &[cpu, workspace] : report.otherWorkspaces)
    os << "  for " << cpu << ": " << workspace << '\n';
  os << "  upN(x) is x rounded up to a multiple of N, / rounds down; values whose sizes depend on data come on top\n";
  os << "options that change numbers: " << (report.numericOptions.empty() ? "none" : "") << '\n';
  for (const std::string &option : report.numericOptions)
    os << "  " << option << '\n';
  os << "compiled in parts: " << report.parts << ", " << report.cachedParts << " of them from the cache\n";
  os << fusionsText(report.fusions) << headsText(report.heads);
  os << "layers\n";
  for (const ModelLayer &layer : report.layers) {
    os << "  " << layer.name << '\n';
    for (const LayerStep &step : layer.steps) {
      os << "    " << step.op << (step.detail.empty() ? "" : " ") << step.detail << " -> " << step.result << "  <-";
      for (const ModelNode &node : step.nodes)
        os << ' ' << node.name << " (" << node.op << ')';
      os << '\n';
    }
  }
  os << "kernels, and how often each is launched\n";
  for (const KernelReport &kernel : report.kernels)
    os << "  " << kernel.launches.size() << "  " << kernel.name << '\n';
  return text;
}

static std::string jsonReport(const CompileReport &report, const Manifest &manifest) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream out(os, 2);
  out.object([&] {
    out.attribute("model", llvm::json::fixUTF8(report.model));
    out.attribute("name", manifest.name);
    out.attribute("cpu", manifest.target.cpu);
    out.attributeArray("cpus", [&] {
      for (const CPUTarget &target : manifest.cpus)
        out.value(target.cpu);
    });
    out.attribute("weight_bytes", manifest.weightsBytes);
    out.attribute("workspace_bytes", llvm::json::fixUTF8(report.workspace));
    out.attributeObject("other_workspace_bytes", [&] {
      for (const auto &[cpu, workspace] : report.otherWorkspaces)
        out.attribute(cpu, llvm::json::fixUTF8(workspace));
    });
    out.attributeArray("numeric_options", [&] {
      for (const std::string &option : report.numericOptions)
        out.value(option);
    });
    out.attribute("parts", report.parts);
    out.attribute("cached_parts", report.cachedParts);
    writeFusions(out, report.fusions);
    writeHeads(out, report.heads);
    out.attributeArray("layers", [&] {
      for (const ModelLayer &layer : report.layers)
        out.object([&] {
          out.attribute("name", llvm::json::fixUTF8(layer.name));
          out.attributeArray("steps", [&] {
            for (const LayerStep &step : layer.steps)
              out.object([&] {
                out.attribute("op", step.op);
                out.attribute("detail", step.detail);
                out.attribute("result", step.result);
                writeNodes(out, step.nodes);
              });
          });
        });
    });
    out.attributeArray("kernels", [&] {
      for (const KernelReport &kernel : report.kernels)
        out.object([&] {
          out.attribute("name", kernel.name);
          out.attribute("launches", static_cast<int64_t>(kernel.launches.size()));
          out.attributeArray("places", [&] {
            for (const std::vector<ModelNode> &nodes : kernel.launches)
              out.object([&] { writeNodes(out, nodes); });
          });
        });
    });
  });
  os << '\n';
  return text;
}

std::optional<ReportFormat> transom::reportFormat(StringRef file) {
  if (file.ends_with(".txt"))
    return ReportFormat::Text;
  if (file.ends_with(".json"))
    return ReportFormat::Json;
  if (file.ends_with(".html"))
    return ReportFormat::Html;
  return std::nullopt;
}

std::string transom::reportText(const CompileReport &report, const Manifest &manifest, ReportFormat format) {
  switch (format) {
  case ReportFormat::Text: return textReport(report, manifest);
  case ReportFormat::Json: return jsonReport(report, manifest);
  case ReportFormat::Html: return htmlReport(report, manifest);
  }
  llvm_unreachable("no such format");
}
