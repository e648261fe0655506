//===- DebugLines.cpp - lines of a model's listing in LLVM's dialect ------===//
//
// Expects locations that name nodes, as siteOf reads them. Afterwards they are
// lines of the file that lists the nodes, which debuggers and profilers show for
// the instructions; what comes from no node has the line of its function, which
// is that of the node that the kernel is named after in profiles.
//
//===----------------------------------------------------------------------===//

#include "ProgramParts.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/BinaryFormat/Dwarf.h"

using namespace mlir;
using namespace transom;

namespace {

class LineWriter {
public:
  LineWriter(MLIRContext *context, const LineTable &table)
      : context(context), table(table), fileName(StringAttr::get(context, table.file)),
        file(LLVM::DIFileAttr::get(context, table.file, "")) {}

  void write(LLVM::LLVMFuncOp function) {
    unsigned line = lineOf(function.getLoc()).value_or(0);
    LLVM::DISubprogramAttr scope = subprogram(function.getName(), line);
    function->setLoc(FusedLoc::get({at(line)}, scope, context));
    function.getBody().walk([&](Operation *op) { op->setLoc(at(lineOf(op->getLoc()).value_or(line))); });
    // A block's arguments become instructions, too, which LLVM gives no line.
  }

private:
  Location at(unsigned line) { return FileLineColLoc::get(fileName, line, line ? 1 : 0); }

  std::optional<unsigned> lineOf(Location loc) {
    auto [known, isNew] = lines.try_emplace(loc);
    if (isNew)
      if (auto found = table.lines.find(siteOf(loc)); found != table.lines.end())
        known->second = found->second;
    return known->second;
  }

  LLVM::DISubprogramAttr subprogram(StringRef name, unsigned line) {
    auto id = [&] { return DistinctAttr::create(UnitAttr::get(context)); };
    auto unit = LLVM::DICompileUnitAttr::get(id(), llvm::dwarf::DW_LANG_C11, file, StringAttr::get(context, "transom"),
                                             /*isOptimized=*/true, LLVM::DIEmissionKind::Full);
    auto type = LLVM::DISubroutineTypeAttr::get(context, ArrayRef<LLVM::DITypeAttr>());
    return LLVM::DISubprogramAttr::get(context, id(), unit, file, StringAttr::get(context, name), StringAttr(), file,
                                       line, line,
                                       LLVM::DISubprogramFlags::Definition | LLVM::DISubprogramFlags::Optimized, type,
                                       /*retainedNodes=*/{}, /*annotations=*/{});
  }

  MLIRContext *context;
  const LineTable &table;
  StringAttr fileName;
  LLVM::DIFileAttr file;
  llvm::DenseMap<Location, std::optional<unsigned>> lines;
};

} // namespace

void transom::addLines(ModuleOp module, const LineTable &table) {
  LineWriter writer(module.getContext(), table);
  module.walk([&](LLVM::LLVMFuncOp function) {
    if (!function.isExternal())
      writer.write(function);
  });
}
