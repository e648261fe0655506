//===- ArenaPlan.cpp - which values share memory --------------------------===//

#include "ArenaPlan.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace {

/// What a size is when every dynamic dim of the signature is 64.
double typical(Dim dim) {
  constexpr double length = 64;
  if (auto number = SizeArith::asConstant(dim))
    return *number;
  Operation *op = cast<Value>(dim).getDefiningOp();
  if (!op || op->getNumOperands() < 2 || !isa<arith::ArithDialect>(op->getDialect()))
    return length;
  double a = typical(getAsOpFoldResult(op->getOperand(0))), b = typical(getAsOpFoldResult(op->getOperand(1)));
  if (isa<arith::AddIOp>(op))
    return a + b;
  if (isa<arith::SubIOp>(op))
    return std::max(a - b, 1.0);
  if (isa<arith::MulIOp>(op))
    return a * b;
  if (isa<arith::FloorDivSIOp, arith::DivSIOp, arith::CeilDivSIOp>(op))
    return b > 0 ? a / b : a;
  if (isa<arith::MinSIOp>(op))
    return std::min(a, b);
  if (isa<arith::MaxSIOp>(op))
    return std::max(a, b);
  return length;
}

double typicalBytes(const ArenaValue &value) {
  double bytes = value.elementBits / 8.0;
  for (Dim dim : value.dims)
    bytes *= typical(dim);
  return std::max(bytes, 1.0);
}

} // namespace

ArenaPlan transom::planArena(ArrayRef<ArenaValue> values) {
  struct Slot {
    int64_t end;
    double bytes;
  };
  ArenaPlan plan;
  std::vector<Slot> slots;
  for (const ArenaValue &value : values) {
    double bytes = typicalBytes(value);
    // The free slot that is nearest in size; one four times too large or too
    // small is better left to others.
    unsigned best = slots.size();
    double distance = std::log(4.0);
    for (auto [i, slot] : llvm::enumerate(slots)) {
      double apart = std::fabs(std::log(slot.bytes / bytes));
      if (slot.end < value.begin && apart <= distance && (best == slots.size() || apart < distance)) {
        best = i;
        distance = apart;
      }
    }
    if (best == slots.size()) {
      slots.push_back({});
      plan.slots.emplace_back();
    }
    slots[best].end = value.end;
    slots[best].bytes = std::max(slots[best].bytes, bytes);
    plan.slots[best].push_back(&value);
    plan.slotOf[value.value] = best;
  }
  return plan;
}
