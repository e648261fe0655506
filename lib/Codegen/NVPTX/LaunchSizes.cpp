//===- LaunchSizes.cpp - how many blocks a launch is worth ----------------===//

#include "LaunchSizes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

/// As many blocks as run at a time.
static constexpr int64_t all = int64_t(1) << 40;

/// What `value` is in a grid of one block, if only that and constants decide it;
/// `shared` is set where it depends on the number of blocks.
static std::optional<int64_t> inOneBlock(Value value, bool &shared) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (isa<NVVM::GridDimXOp>(op)) {
    shared = true;
    return 1;
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtUIOp, arith::ExtSIOp, arith::TruncIOp>(op))
    return inOneBlock(op->getOperand(0), shared);
  if (op->getNumOperands() != 2)
    return std::nullopt;
  auto x = inOneBlock(op->getOperand(0), shared), y = inOneBlock(op->getOperand(1), shared);
  if (!x || !y)
    return std::nullopt;
  if (isa<arith::MulIOp>(op))
    return *x * *y;
  if (isa<arith::AddIOp>(op))
    return *x + *y;
  if (isa<arith::SubIOp>(op))
    return *x - *y;
  if (isa<arith::ShLIOp>(op) && *y < 32)
    return *x << *y;
  if (isa<arith::ShRUIOp>(op) && *y < 32)
    return *x >> *y;
  if (isa<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(op) && *y > 0)
    return *x / *y;
  return std::nullopt;
}

LaunchSizes::LaunchSizes(ImplicitLocOpBuilder &b, func::FuncOp device, ValueRange arguments) : b(b), device(device) {
  // Descriptions of tensors are before what the host has.
  size_t maps = device.getNumArguments() - arguments.size() - 1;
  for (auto [mine, given] : llvm::zip(device.getArguments().drop_front(maps), arguments))
    map[mine] = given;
}

Value LaunchSizes::number(int64_t value) { return arith::ConstantIndexOp::create(b, value); }

/// Follows from the kernel's sizes.
bool LaunchSizes::isKnown(Value value) {
  if (isa<BlockArgument>(value))
    return map.contains(value) && value.getType().isIndex();
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  bool result = isa<arith::ArithDialect>(op->getDialect()) &&
                llvm::all_of(op->getOperands(), [&](Value operand) { return isKnown(operand); });
  return known[value] = result;
}

Value LaunchSizes::copy(Value value) {
  if (Value there = map.lookup(value))
    return there;
  Operation *op = value.getDefiningOp();
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(copy(operand));
  // A size of zero must not end the program; what is divided then is zero too.
  if (isa<arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::RemSIOp, arith::DivUIOp, arith::RemUIOp,
          arith::CeilDivUIOp>(op) &&
      op->getResult(0).getType().isIndex())
    operands[1] = arith::MaxSIOp::create(b, operands[1], number(1));
  Operation *made = b.insert(op->clone());
  made->setOperands(operands);
  made->setLoc(b.getLoc());
  for (auto [mine, its] : llvm::zip(op->getResults(), made->getResults()))
    map[mine] = its;
  return map.lookup(value);
}

Value LaunchSizes::need(Operation &op) {
  if (op.hasTrait<OpTrait::IsTerminator>() || isPure(&op))
    return {};
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    Value then = need(*branch.thenBlock());
    Value otherwise = branch.elseBlock() ? need(*branch.elseBlock()) : Value();
    if (!then && !otherwise)
      return {};
    then = then ? then : number(0);
    otherwise = otherwise ? otherwise : number(0);
    if (isKnown(branch.getCondition()))
      return arith::SelectOp::create(b, copy(branch.getCondition()), then, otherwise);
    return arith::MaxSIOp::create(b, arith::MaxSIOp::create(b, then, otherwise), number(1));
  }
  auto loop = dyn_cast<scf::ForOp>(op);
  if (!loop)
    return number(1);
  bool isShared = false;
  auto items = inOneBlock(loop.getStep(), isShared);
  if (isShared) {
    if (!items || *items < 1 || !isKnown(loop.getUpperBound()))
      return number(all);
    Value rounded = arith::AddIOp::create(b, copy(loop.getUpperBound()), number(*items - 1));
    return arith::MaxSIOp::create(b, arith::DivSIOp::create(b, rounded, number(*items)), number(0));
  }
  // A loop that each block has for itself; in it may be one that they share.
  bool shares = false;
  loop.walk([&](scf::ForOp inner) { (void)inOneBlock(inner.getStep(), shares); });
  if (!shares)
    return number(1);
  Value inside = need(*loop.getBody());
  return inside ? arith::MaxSIOp::create(b, inside, number(1)).getResult() : number(1);
}

Value LaunchSizes::need(Block &block) {
  Value most;
  for (Operation &op : block)
    if (Value more = need(op))
      most = most ? arith::MaxSIOp::create(b, most, more).getResult() : more;
  return most;
}

Value LaunchSizes::blocks() {
  Value result = need(device.getBody().front());
  return arith::IndexCastOp::create(b, b.getI64Type(), result ? result : number(0));
}
