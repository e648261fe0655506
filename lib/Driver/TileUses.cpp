//===- TileUses.cpp - the tiles that a model's products got ---------------===//

#include "TileUses.h"
#include "SizePolynomials.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "transom/Codegen/Codegen.h"

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

namespace {
struct NotedTile {
  std::string key, tile;
  bool operator==(const NotedTile &) const = default;
};
} // namespace

/// What each kernel's functions have noted (`transformer.tile`).
static llvm::StringMap<SmallVector<NotedTile>> notedTiles(ModuleOp module) {
  llvm::StringMap<SmallVector<NotedTile>> noted;
  for (auto device : module.getOps<gpu::GPUModuleOp>())
    for (auto function : device.getOps<func::FuncOp>())
      if (auto tile = function->getAttrOfType<ArrayAttr>("transformer.tile")) {
        auto text = [&](unsigned i) { return cast<StringAttr>(tile[i]).getValue().str(); };
        SmallVector<NotedTile> &all = noted[function->getAttrOfType<StringAttr>("transformer.of").getValue()];
        // The parts of a function have noted the same.
        if (NotedTile made{text(0), text(1)}; !llvm::is_contained(all, made))
          all.push_back(std::move(made));
      }
  return noted;
}

/// The rows of the kernel's product, or queries of its attention; nothing where no polynomial gives them.
static std::optional<Polynomial> rowsOf(func::FuncOp kernel, SizePolynomials &sizes) {
  for (Operation &op : kernel.getBody().front()) {
    sizes.setPlace(&op);
    if (auto attention = dyn_cast<tf::AttentionOp>(op))
      return sizes.of(sizes.dimsOf(attention.getQuery())[2]);
    if (isa<tf::LinearOp, tf::LinearNBitsOp, tf::MatMulOp>(op)) {
      tf::Dims dims = sizes.dimsOf(op.getResult(0));
      return sizes.product(ArrayRef<tf::Dim>(dims).drop_back());
    }
    if (auto experts = dyn_cast<tf::MoEOp>(op))
      return sizes.of(sizes.dimsOf(experts.getTokens())[0]);
  }
  return std::nullopt;
}

std::vector<TileUse> transom::tileUses(ModuleOp module) {
  llvm::StringMap<SmallVector<NotedTile>> noted = notedTiles(module);
  // Dims are computed by new ops: in a copy. It shares the weights.
  OwningOpRef<ModuleOp> copy = module.clone();
  SymbolTable symbols(*copy);
  std::vector<TileUse> uses;
  for (auto function : copy->getOps<func::FuncOp>()) {
    if (!function->hasAttr("transformer.entry"))
      continue;
    SizePolynomials host(function);
    SmallVector<tf::LaunchOp> launches;
    function.walk([&](tf::LaunchOp launch) { launches.push_back(launch); });
    for (tf::LaunchOp launch : launches) {
      auto found = noted.find(launch.getKernel());
      if (found == noted.end())
        continue;
      host.setPlace(launch);
      auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
      SizePolynomials sizes(kernel);
      nameKernelSizes(launch, kernel, host, sizes);
      std::optional<Polynomial> rows = rowsOf(kernel, sizes);
      unsigned omitted = !rows;
      TileUse use;
      std::tie(use.node, use.op) = siteOf(launch.getLoc());
      if (rows)
        use.rows = termsOf(*rows, omitted);
      if (omitted)
        use.rows.reset();
      for (const NotedTile &tile : found->second) {
        use.key = tile.key;
        use.tile = tile.tile;
        uses.push_back(use);
      }
    }
  }
  return uses;
}
