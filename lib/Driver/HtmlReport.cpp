//===- HtmlReport.cpp - the compile report as one page --------------------===//
//
// Everything is in the page: it opens from a file, without a network.
//
//===----------------------------------------------------------------------===//

#include "CompileReport.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;
using llvm::StringRef;

static constexpr StringRef head = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root { --page: #ffffff; --text: #1b1f24; --dim: #5b6470; --line: #d8dee4; --box: #f5f7f9; --mark: #0b62c4; --warn: #9a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171a; --text: #e4e8ec; --dim: #9aa4af; --line: #333a42; --box: #1d2226; --mark: #6cb2ff; --warn: #f0a860; }
}
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 4rem; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; }
code, td.code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; }
td.number { text-align: right; padding-right: 1rem; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .3rem .8rem; }
details[open] { background: var(--box); }
summary { cursor: pointer; }
.dim { color: var(--dim); }
.warn { color: var(--warn); }
.op { color: var(--mark); }
.counts span { display: inline-block; border: 1px solid var(--line); border-radius: 6px; padding: .1rem .6rem; margin: .15rem .3rem .15rem 0; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem; margin: .8rem 0 0; color: inherit;
  background: var(--box); border: 1px solid var(--line); border-radius: 6px; position: sticky; top: .5rem; }
[hidden] { display: none; }
</style>
)html";

// Rows that hold all words of the search stay; their layers open.
static constexpr StringRef script = R"html(<script>
const search = document.getElementById("search");
const rows = [...document.querySelectorAll("tr.row")];
const layers = [...document.querySelectorAll("details")];
const wasOpen = new Map(layers.map(layer => [layer, layer.open]));
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(word => text.includes(word));
  }
  for (const layer of layers) {
    const found = layer.querySelector("tr.row:not([hidden])") !== null;
    layer.hidden = words.length > 0 && !found;
    layer.open = words.length > 0 ? found : wasOpen.get(layer);
  }
});
for (const layer of layers)
  layer.addEventListener("toggle", () => { if (!search.value) wasOpen.set(layer, layer.open); });
</script>
)html";

namespace {
/// ONNX names are any bytes, and may look like tags.
std::string escaped(StringRef text) {
  std::string result;
  llvm::raw_string_ostream os(result);
  llvm::printHTMLEscaped(llvm::json::fixUTF8(text), os);
  return result;
}

class Page {
public:
  Page(const CompileReport &report, const Manifest &manifest) : report(report), manifest(manifest), os(text) {}

  std::string write() {
    os << head << "<title>" << escaped(report.model) << "</title>\n</head>\n<body>\n";
    os << "<h1>" << escaped(report.model) << "</h1>\n";
    writeFacts();
    os << "<input id=\"search\" type=\"search\" placeholder=\"Search nodes, operators, ops, kernels\" "
          "aria-label=\"Search\">\n";
    writeNearMisses();
    writeHeads();
    writeLayers();
    writeFused();
    writeUnfused();
    writeKernels();
    os << script << "</body>\n</html>\n";
    return std::move(text);
  }

private:
  void fact(StringRef name, StringRef value) {
    os << "<tr><th>" << name << "</th><td class=\"code\">" << escaped(value) << "</td></tr>\n";
  }
  void writeFacts() {
    os << "<p class=\"counts\">";
    for (const auto &[kind, count] : report.fusions.counts())
      os << "<span>" << count << ' ' << escaped(kind) << "</span>";
    os << "</p>\n<table>\n";
    fact("library", manifest.name + " for " + manifest.cpuNames());
    fact("weights", std::to_string(manifest.weightsBytes) + " bytes" +
                        (manifest.weightsFile.empty() ? ", embedded" : " in " + manifest.weightsFile));
    fact("workspace, in bytes", report.workspace);
    for (const auto &[cpu, workspace] : report.otherWorkspaces)
      fact("workspace for " + cpu, workspace);
    if (report.fusions.keyValueHeads)
      fact("key and value heads", std::to_string(*report.fusions.keyValueHeads));
    fact("options that change numbers",
         report.numericOptions.empty() ? "none" : llvm::join(report.numericOptions, "; "));
    fact("compiled in parts",
         std::to_string(report.parts) + ", " + std::to_string(report.cachedParts) + " of them from the cache");
    os << "</table>\n<p class=\"dim\">upN(x) is x rounded up to a multiple of N, / rounds down; values whose sizes "
          "depend on data "
          "come on top.</p>\n";
  }

  void nodes(llvm::ArrayRef<ModelNode> list) {
    os << "<td class=\"code\">";
    llvm::interleave(
        list, os,
        [&](const ModelNode &node) {
          os << escaped(node.name) << " <span class=\"dim\">" << escaped(node.op) << "</span>";
        },
        "<br>");
    os << "</td>";
  }
  void openTable(llvm::ArrayRef<StringRef> columns) {
    os << "<table><thead><tr>";
    for (StringRef column : columns)
      os << "<th>" << column << "</th>";
    os << "</tr></thead><tbody>\n";
  }
  void closeTable() { os << "</tbody></table>\n"; }

  void writeNearMisses() {
    os << "<h2>Nearly fused</h2>\n";
    if (report.fusions.nearMisses.empty()) {
      os << "<p>Nothing.</p>\n";
      return;
    }
    openTable({"what", "node", "why not"});
    for (const NearMiss &miss : report.fusions.nearMisses) {
      os << "<tr class=\"row\"><td>" << escaped(miss.kind) << "</td>";
      nodes(miss.node);
      os << "<td class=\"warn\">" << escaped(miss.reason) << "</td></tr>\n";
    }
    closeTable();
  }

  void writeHeads() {
    const HeadsReport &heads = report.heads;
    if (heads.empty())
      return;
    os << "<h2>Key and value heads</h2>\n";
    if (std::string summary = headsSummary(heads); !summary.empty())
      os << "<p>" << escaped(summary) << "</p>\n";
    openTable({"attention", "before", "after", "residual of keys", "of values", "of outputs, fitted", "error alone",
               "bytes a token", "why not fewer"});
    auto number = [&](std::optional<double> value) {
      os << "<td class=\"number\">" << (value ? llvm::formatv("{0:e2}", *value).str() : "") << "</td>";
    };
    for (const HeadReport &attention : heads.attentions) {
      os << "<tr class=\"row\">";
      nodes(attention.node);
      os << "<td class=\"number\">" << attention.before << "</td><td class=\"number\">" << attention.after << "</td>";
      number(attention.keyResidual);
      number(attention.valueResidual);
      number(attention.residualAfterFit);
      number(attention.errorAlone);
      os << "<td class=\"number\">" << attention.bytesAfter << " of " << attention.bytesBefore << "</td><td>"
         << escaped(attention.after < attention.before ? "" : attention.reason) << "</td></tr>\n";
    }
    closeTable();
  }

  void writeLayers() {
    os << "<h2>Layers</h2>\n";
    for (const ModelLayer &layer : report.layers) {
      size_t count = 0;
      for (const LayerStep &step : layer.steps)
        count += step.nodes.size();
      os << "<details><summary>" << escaped(layer.name) << " <span class=\"dim\">" << count << " nodes, "
         << layer.steps.size() << " ops</span></summary>\n";
      openTable({"before: nodes of the model", "after: op", "", "result"});
      for (const LayerStep &step : layer.steps) {
        os << "<tr class=\"row\">";
        nodes(step.nodes);
        os << "<td class=\"code op\">" << escaped(step.op) << "</td><td>" << escaped(step.detail)
           << "</td><td class=\"code dim\">" << escaped(step.result) << "</td></tr>\n";
      }
      closeTable();
      os << "</details>\n";
    }
  }

  void writeFused() {
    os << "<h2>Fused</h2>\n<details><summary>" << report.fusions.fused.size() << " ops</summary>\n";
    openTable({"op", "", "from", "part of"});
    for (const FusedEntry &entry : report.fusions.fused) {
      os << "<tr class=\"row\"><td class=\"code op\">" << escaped(entry.op) << "</td><td>" << escaped(entry.detail)
         << "</td>";
      nodes(entry.nodes);
      os << "<td>" << escaped(entry.part) << "</td></tr>\n";
    }
    closeTable();
    os << "</details>\n";
  }

  void writeUnfused() {
    os << "<h2>In pieces</h2>\n<details><summary>" << report.fusions.unfused.size() << " ops</summary>\n";
    openTable({"op", "nodes", "part of"});
    for (const UnfusedEntry &entry : report.fusions.unfused) {
      os << "<tr class=\"row\"><td class=\"code op\">" << escaped(entry.op) << "</td>";
      nodes(entry.nodes);
      os << "<td>" << escaped(entry.part) << "</td></tr>\n";
    }
    closeTable();
    os << "</details>\n";
  }

  void writeKernels() {
    os << "<h2>Kernels</h2>\n<details><summary>" << report.kernels.size() << " kernels</summary>\n";
    openTable({"launches", "kernel", "at"});
    for (const KernelReport &kernel : report.kernels) {
      std::vector<ModelNode> places;
      for (const std::vector<ModelNode> &launch : kernel.launches)
        llvm::append_range(places, launch);
      os << "<tr class=\"row\"><td class=\"number\">" << kernel.launches.size() << "</td><td class=\"code op\">"
         << escaped(kernel.name) << "</td>";
      nodes(places);
      os << "</tr>\n";
    }
    closeTable();
    os << "</details>\n";
  }

  const CompileReport &report;
  const Manifest &manifest;
  std::string text;
  llvm::raw_string_ostream os;
};
} // namespace

std::string transom::htmlReport(const CompileReport &report, const Manifest &manifest) {
  return Page(report, manifest).write();
}
