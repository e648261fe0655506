//===- HeadsReport.cpp - what became of key/value heads -------------------===//

#include "ReportJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace transom;
using llvm::formatv;
using llvm::StringRef;

int64_t HeadsReport::bytes(bool before) const {
  int64_t sum = 0;
  for (const HeadReport &attention : attentions)
    sum += before ? attention.bytesBefore : attention.bytesAfter;
  return sum;
}

std::string transom::headsSummary(const HeadsReport &report) {
  std::vector<std::string> parts;
  bool isLargest = report.error == "largest";
  auto expected = [&](bool mine) {
    std::string text;
    if (mine && report.predicted)
      text += formatv(", {0:e2} predicted", *report.predicted);
    if (mine && report.budget)
      text += formatv(", {0:e2} allowed", *report.budget);
    return text.empty() ? text : " (" + text.substr(2) + ")";
  };
  if (report.divergence)
    parts.push_back(formatv("KL divergence {0:e2} nats{1}", *report.divergence, expected(!isLargest)));
  if (report.largest)
    parts.push_back(formatv("largest difference {0:e2}{1}", *report.largest, expected(isLargest)));
  if (parts.empty())
    return "";
  parts.front() = "on the calibration inputs " + parts.front();
  parts.push_back(formatv("a token takes {0} bytes in the cache, {1} before", report.bytes(false), report.bytes(true)));
  if (report.tokensBefore && report.tokensAfter)
    parts.push_back(formatv("{0:f0} tokens/s decoded, {1:f0} before", *report.tokensAfter, *report.tokensBefore));
  return llvm::join(parts, "; ");
}

static std::string groupsText(const HeadReport &attention) {
  std::vector<std::string> groups;
  for (const std::vector<int64_t> &group : attention.groups) {
    std::string members;
    for (int64_t head : group)
      members += (members.empty() ? "" : ", ") + std::to_string(head);
    groups.push_back("{" + members + "}");
  }
  return llvm::join(groups, " ");
}

std::string transom::headsText(const HeadsReport &report) {
  if (report.empty())
    return "";
  std::string text = "key and value heads\n";
  llvm::raw_string_ostream os(text);
  for (const HeadReport &attention : report.attentions) {
    os << "  " << attention.node.name << ": " << attention.before << " -> " << attention.after;
    if (attention.after < attention.before) {
      os << ' ' << groupsText(attention)
         << formatv(", residual of keys {0:e1}, of values {1:e1}", attention.keyResidual, attention.valueResidual);
      if (attention.residualAfterFit)
        os << formatv(", of outputs {0:e1} fitted, {1:e1} before", *attention.residualAfterFit,
                      *attention.residualBeforeFit);
    } else {
      os << ", " << attention.reason;
    }
    if (attention.errorAlone)
      os << formatv(", error alone {0:e2}", *attention.errorAlone);
    os << formatv(", {0} bytes a token, {1} before\n", attention.bytesAfter, attention.bytesBefore);
  }
  std::string summary = headsSummary(report);
  if (!summary.empty())
    os << "  " << summary << '\n';
  return text;
}

void transom::writeHeads(llvm::json::OStream &out, const HeadsReport &report) {
  if (report.empty())
    return;
  auto optional = [&](StringRef key, std::optional<double> value) {
    if (value)
      out.attribute(key, *value);
  };
  out.attributeObject("key_value_heads", [&] {
    out.attributeArray("attentions", [&] {
      for (const HeadReport &attention : report.attentions)
        out.object([&] {
          out.attribute("node", llvm::json::fixUTF8(attention.node.name));
          out.attribute("before", attention.before);
          out.attribute("after", attention.after);
          out.attributeArray("groups", [&] {
            for (const std::vector<int64_t> &group : attention.groups)
              out.array([&] {
                for (int64_t head : group)
                  out.value(head);
              });
          });
          out.attribute("key_residual", attention.keyResidual);
          out.attribute("value_residual", attention.valueResidual);
          optional("output_residual_before_fit", attention.residualBeforeFit);
          optional("output_residual_after_fit", attention.residualAfterFit);
          optional("error_alone", attention.errorAlone);
          out.attribute("cache_bytes_before", attention.bytesBefore);
          out.attribute("cache_bytes_after", attention.bytesAfter);
          if (!attention.reason.empty())
            out.attribute("reason", llvm::json::fixUTF8(attention.reason));
        });
    });
    out.attribute("cache_bytes_before", report.bytes(true));
    out.attribute("cache_bytes_after", report.bytes(false));
    if (!report.error.empty())
      out.attribute("error", report.error);
    optional("budget", report.budget);
    optional("predicted", report.predicted);
    optional("measured_divergence", report.divergence);
    optional("measured_largest", report.largest);
    optional("tokens_per_second_before", report.tokensBefore);
    optional("tokens_per_second_after", report.tokensAfter);
  });
}
