//===- DeviceProgram.cpp - the host's side of GPU code in a library -------===//
//
// The host programs of all chips join the CPU's in one module. A weight is in
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

void transom::addDeviceHost(ModuleOp program, ModuleOp device, StringRef chip) {
  llvm::StringMap<std::string> renamed;
  for (auto function : device.getOps<func::FuncOp>())
    renamed[function.getName()] = (function.getName() + "_" + chip).str();
  OpBuilder builder(program.getContext());
  builder.setInsertionPointToEnd(program.getBody());
  for (Operation &op : *device.getBody()) {
    if (auto declared = dyn_cast<LLVM::LLVMFuncOp>(op); declared && !program.lookupSymbol(declared.getName()))
      builder.clone(op);
    auto function = dyn_cast<func::FuncOp>(op);
    if (!function)
      continue;
    auto copy = cast<func::FuncOp>(builder.clone(op));
    copy.setName(renamed.lookup(function.getName()));
    copy->removeAttr("transformer.kernel");
    copy->setAttr("transformer.host", builder.getUnitAttr());
    copy.walk([&](func::CallOp call) { call.setCallee(renamed.lookup(call.getCallee())); });
  }
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
