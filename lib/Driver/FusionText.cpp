//===- FusionText.cpp - what was fused, as text and JSON ------------------===//

#include "FusionReport.h"
#include "ReportJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace transom;
using llvm::StringRef;
using llvm::Twine;

/// "a (MatMul), b (Add), ... 4 more"
static std::string nodesText(llvm::ArrayRef<ModelNode> nodes, size_t most) {
  std::string text;
  for (const ModelNode &node : nodes.take_front(most))
    text += (text.empty() ? "" : ", ") + node.name + " (" + node.op + ")";
  if (nodes.size() > most)
    text += ", ... " + std::to_string(nodes.size() - most) + " more";
  return text;
}

static std::string countsText(const FusionReport &report) {
  std::vector<std::string> parts;
  std::map<std::string, unsigned> counts = report.counts();
  for (StringRef kind : fusionKinds())
    if (unsigned count = counts[kind.str()])
      parts.push_back(kind.str() + " " + std::to_string(count));
  return parts.empty() ? "nothing" : llvm::join(parts, ", ");
}

std::string transom::fusionsText(const FusionReport &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "fused: " << countsText(report) << '\n';
  if (report.keyValueHeads)
    os << "key and value heads " << *report.keyValueHeads << '\n';
  for (const FusedEntry &entry : report.fused) {
    os << "  " << entry.op;
    if (!entry.detail.empty())
      os << ": " << entry.detail;
    if (!entry.part.empty())
      os << ", in " << entry.part;
    os << "\n    from " << nodesText(entry.nodes, 6) << '\n';
  }
  os << "nearly fused: " << (report.nearMisses.empty() ? "nothing" : "") << '\n';
  for (const NearMiss &miss : report.nearMisses)
    os << "  " << miss.kind << ": " << miss.node.text() << ": " << miss.reason << '\n';
  // By op, in pieces that belong to no block first.
  std::map<std::pair<std::string, std::string>, std::vector<ModelNode>> unfused;
  for (const UnfusedEntry &entry : report.unfused)
    llvm::append_range(unfused[{entry.part, entry.op}], entry.nodes);
  os << "in pieces: " << (unfused.empty() ? "nothing" : "") << '\n';
  for (const auto &[key, nodes] : unfused)
    os << "  " << nodes.size() << ' ' << key.second << (key.first.empty() ? "" : ", in " + key.first) << ": "
       << nodesText(nodes, 3) << '\n';
  return text;
}

void transom::writeNodes(llvm::json::OStream &out, llvm::ArrayRef<ModelNode> nodes) {
  out.attributeArray("nodes", [&] {
    for (const ModelNode &node : nodes)
      out.object([&] {
        out.attribute("name", llvm::json::fixUTF8(node.name));
        out.attribute("operator", llvm::json::fixUTF8(node.op));
      });
  });
}

void transom::writeFusions(llvm::json::OStream &out, const FusionReport &report) {
  out.attributeObject("fused", [&] {
    for (const auto &[kind, count] : report.counts())
      out.attribute(kind, count);
    if (report.keyValueHeads)
      out.attribute("kv_heads_exact", *report.keyValueHeads);
  });
  auto part = [&](const std::string &name) {
    if (!name.empty())
      out.attribute("part_of", llvm::json::fixUTF8(name));
  };
  out.attributeArray("fusions", [&] {
    for (const FusedEntry &entry : report.fused)
      out.object([&] {
        if (!entry.kind.empty())
          out.attribute("kind", entry.kind);
        out.attribute("op", entry.op);
        out.attribute("detail", entry.detail);
        part(entry.part);
        writeNodes(out, entry.nodes);
      });
  });
  out.attributeArray("near_misses", [&] {
    for (const NearMiss &miss : report.nearMisses)
      out.object([&] {
        out.attribute("kind", miss.kind);
        out.attribute("node", llvm::json::fixUTF8(miss.node.name));
        out.attribute("operator", llvm::json::fixUTF8(miss.node.op));
        out.attribute("reason", llvm::json::fixUTF8(miss.reason));
      });
  });
  out.attributeArray("unfused", [&] {
    for (const UnfusedEntry &entry : report.unfused)
      out.object([&] {
        out.attribute("op", entry.op);
        part(entry.part);
        writeNodes(out, entry.nodes);
      });
  });
}

std::string transom::fusionsJson(const FusionReport &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream out(os, 2);
  out.object([&] { writeFusions(out, report); });
  os << '\n';
  return text;
}

//===-- Requirements ------------------------------------------------------===//

llvm::Expected<std::vector<RequiredFusion>> transom::parseRequiredFusions(StringRef text) {
  std::vector<RequiredFusion> required;
  std::string problems;
  llvm::SmallVector<StringRef> items;
  text.split(items, ',');
  for (StringRef item : items) {
    auto [kind, number] = item.trim().split(':');
    RequiredFusion fusion{kind.str(), 0};
    if (!llvm::is_contained(fusionKinds(), kind))
      problems += "\n  '" + kind.str() + "' is none of " + llvm::join(fusionKinds(), ", ");
    else if (number.getAsInteger(10, fusion.count))
      problems += "\n  '" + item.str() + "': KIND:NUMBER is expected";
    else if (llvm::is_contained(llvm::map_range(required, [](auto &other) { return other.kind; }), fusion.kind))
      problems += "\n  '" + kind.str() + "' is there twice";
    required.push_back(std::move(fusion));
  }
  if (!problems.empty())
    return llvm::createStringError("--require-fusion=" + text + ":" + problems);
  return required;
}

llvm::Error transom::checkFusions(const FusionReport &report, llvm::ArrayRef<RequiredFusion> required) {
  std::map<std::string, unsigned> counts = report.counts();
  std::string message;
  for (const RequiredFusion &fusion : required) {
    unsigned found = counts[fusion.kind];
    if (found == fusion.count)
      continue;
    message += "\n  " + fusion.kind + ": " + std::to_string(found) + " where " + std::to_string(fusion.count) +
               (fusion.count == 1 ? " is" : " are") + " required";
    unsigned misses = 0;
    for (const NearMiss &miss : report.nearMisses)
      if (miss.kind == fusion.kind) {
        message += "\n    nearly: " + miss.node.text() + ": " + miss.reason;
        ++misses;
      }
    if (!misses && found < fusion.count)
      message += "\n    nothing else came near one";
  }
  if (message.empty())
    return llvm::Error::success();
  return llvm::createStringError("not fused as required (found: " + countsText(report) + ")" + message);
}
