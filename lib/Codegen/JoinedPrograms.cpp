//===- JoinedPrograms.cpp - code for several CPUs and GPUs in a library ---===//
//
// The kernels and host programs of all CPUs, and the host programs of all chips,
// join the first CPU's in one module. A weight is in
// the library once: where a GPU reads it row-major and the CPU packs it, the
// runtime unpacks it on its way.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace transom;

/// Copies functions into `program`, with `suffix` behind their names, and calls `mark` with each.
static void join(ModuleOp program, ModuleOp other, const Twine &suffix, llvm::function_ref<void(func::FuncOp)> mark) {
  llvm::StringMap<std::string> renamed;
  for (auto function : other.getOps<func::FuncOp>())
    renamed[function.getName()] = (function.getName() + suffix).str();
  OpBuilder builder(program.getContext());
  builder.setInsertionPointToEnd(program.getBody());
  for (Operation &op : *other.getBody()) {
    if (auto declared = dyn_cast<LLVM::LLVMFuncOp>(op); declared && !program.lookupSymbol(declared.getName()))
      builder.clone(op);
    auto function = dyn_cast<func::FuncOp>(op);
    if (!function)
      continue;
    auto copy = cast<func::FuncOp>(builder.clone(op));
    copy.setName(renamed.lookup(function.getName()));
    copy.walk([&](func::CallOp call) { call.setCallee(renamed.lookup(call.getCallee())); });
    mark(copy);
  }
}

void transom::addCPU(ModuleOp program, ModuleOp variant, StringRef cpu) {
  auto name = StringAttr::get(program.getContext(), cpu);
  join(program, variant, "." + cpu, [&](func::FuncOp function) { function->setAttr("transformer.cpu", name); });
}

void transom::addDeviceHost(ModuleOp program, ModuleOp device, StringRef chip) {
  join(program, device, "_" + chip, [](func::FuncOp function) {
    function->removeAttr("transformer.kernel");
    function->setAttr("transformer.host", UnitAttr::get(function.getContext()));
  });
}

/// The entry that has a constant, as it is before packed; their number if there is none.
size_t WeightImage::find(const Entry &wanted) const {
  auto bits = wanted.type().getElementTypeBitWidth();
  size_t best = entries.size();
  for (auto [i, entry] : llvm::enumerate(entries)) {
    if (entry.value != wanted.value || entry.parts != wanted.parts || entry.axis != wanted.axis ||
        entry.rounded != wanted.rounded)
      continue;
    if (!entry.layout)
      return i;
    // Less than a byte cannot be unpacked.
    if (best == entries.size() && bits >= 8)
      best = i;
  }
  return best;
}

void WeightImage::add(const WeightImage &device) {
  for (const Entry &wanted : device.entries) {
    assert(!wanted.layout && "GPUs read weights as they are");
    if (find(wanted) < entries.size())
      continue;
    entries.push_back(wanted);
    entries.back().offset = size;
    size = llvm::alignTo(size + wanted.bytes, 64);
  }
}

std::vector<WeightImage::DeviceEntry> WeightImage::place(const WeightImage &device) const {
  std::vector<DeviceEntry> result;
  for (const Entry &wanted : device.entries)
    result.push_back({wanted.offset, wanted.bytes, &entries[find(wanted)]});
  return result;
}
