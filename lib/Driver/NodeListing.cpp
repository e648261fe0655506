//===- NodeListing.cpp - a model's nodes, a line each ---------------------===//

#include "NodeListing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace transom;

/// Names may be anything; a node is one line.
static void writeName(llvm::raw_ostream &os, llvm::StringRef name) {
  for (char c : name)
    if (llvm::isPrint(c) || static_cast<unsigned char>(c) >= 0x80)
      os << c;
    else
      os << "\\x" << llvm::hexdigit(static_cast<unsigned char>(c) >> 4) << llvm::hexdigit(c & 15);
}

static void writeNames(llvm::raw_ostream &os, llvm::ArrayRef<std::string> names) {
  llvm::interleave(
      names, os, [&](const std::string &name) { name.empty() ? void(os << '-') : writeName(os, name); }, ", ");
}

std::string transom::listingText(llvm::ArrayRef<ImportedNode> nodes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (auto [i, node] : llvm::enumerate(nodes)) {
    os << i + 1 << ' ';
    writeName(os, node.op);
    os << ' ';
    writeName(os, node.name);
    os << ": ";
    writeNames(os, node.inputs);
    os << " -> ";
    writeNames(os, node.outputs);
    os << '\n';
  }
  return text;
}

LineTable transom::linesOf(llvm::ArrayRef<ImportedNode> nodes, llvm::StringRef file) {
  LineTable table;
  table.file = file.str();
  for (auto [i, node] : llvm::enumerate(nodes))
    table.lines.try_emplace({node.name, node.op}, i + 1);
  return table;
}
