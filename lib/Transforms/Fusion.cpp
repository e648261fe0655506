//===- Fusion.cpp - what a fused op came from, and what nearly was --------===//

#include "Fusion.h"
#include "Transformer/IR/Transformer.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;

/// The parts of nested fused locations.
static void flatten(Location loc, llvm::SetVector<Location> &parts) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      flatten(part, parts);
    return;
  }
  if (!isa<UnknownLoc>(loc))
    parts.insert(loc);
}

Location transom::fusedLocation(Operation *replaced, Value result) {
  Operation *made = result.getDefiningOp();
  // Constants and sizes belong to nobody; what the new op reads has it as a user.
  auto isKept = [&](Operation *op) {
    return !isa<transformer::TransformerDialect>(op->getDialect()) || isa<transformer::ConstantOp>(op) ||
           op->getNumRegions() != 0;
  };
  llvm::SetVector<Operation *> gone;
  gone.insert(replaced);
  // An op goes when all who read it go; it is looked at again for each of them.
  for (size_t i = 0; i < gone.size(); ++i)
    for (Value operand : gone[i]->getOperands()) {
      Operation *op = operand.getDefiningOp();
      if (!op || op == made || gone.contains(op) || op->getBlock() != replaced->getBlock() || isKept(op))
        continue;
      if (llvm::all_of(op->getUsers(), [&](Operation *user) { return gone.contains(user); }))
        gone.insert(op);
    }
  llvm::SetVector<Location> parts;
  // The op that takes others in comes first, then what it took in, in program order.
  SmallVector<Operation *> order = gone.takeVector();
  llvm::sort(order, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  if (made)
    for (Operation *op : order)
      if (op->getName() == made->getName())
        flatten(op->getLoc(), parts);
  if (parts.empty())
    flatten(replaced->getLoc(), parts);
  for (Operation *op : order)
    flatten(op->getLoc(), parts);
  return FusedLoc::get(replaced->getContext(), parts.getArrayRef());
}

void Fusion::nearMiss(Operation *op, const Twine &reason) {
  if (remarks)
    misses.insert({op, reason.str()});
}

LogicalResult Fusion::nearMiss(PatternRewriter &rewriter, Operation *op, const Twine &reason) {
  nearMiss(op, reason);
  return rewriter.notifyMatchFailure(op, reason);
}

void Fusion::notifyOperationReplaced(Operation *op, ValueRange values) {
  Operation *made = values.size() == 1 && values[0] ? values[0].getDefiningOp() : nullptr;
  // Replaced by something that stood there before: nothing new comes from it.
  if (made && fresh.contains(made) && isa<transformer::TransformerDialect>(made->getDialect()))
    made->setLoc(fusedLocation(op, values[0]));
}

void Fusion::sayNearMisses() {
  for (auto &[op, reason] : misses)
    op->emitRemark() << kind << nearMissMark << reason;
}
