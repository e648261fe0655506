//===- WorkspaceFormula.cpp - the bytes of the arena, as a formula --------===//
//
// Reads the arithmetic of the function `prepare`, so the formula is what the
// compiled model computes.
//
//===----------------------------------------------------------------------===//

#include "FusionReport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;

namespace {
enum Precedence { Sum, Term, Atom };

struct Text {
  std::string text;
  Precedence precedence = Atom;
};

class FormulaWriter {
public:
  explicit FormulaWriter(const Signature &signature) : signature(signature) {}

  Text write(Value value) {
    auto found = known.find(value);
    if (found != known.end())
      return found->second;
    Text text = compute(value);
    known[value] = text;
    return text;
  }

private:
  static std::string enclosed(const Text &text, Precedence least) {
    return text.precedence < least ? "(" + text.text + ")" : text.text;
  }
  Text infix(Operation *op, const char *sign, Precedence precedence, bool commutes) {
    Text left = write(op->getOperand(0)), right = write(op->getOperand(1));
    return {enclosed(left, precedence) + sign + enclosed(right, commutes ? precedence : Atom), precedence};
  }
  Text call(const char *name, Operation *op) {
    return {name + ("(" + write(op->getOperand(0)).text + ", " + write(op->getOperand(1)).text + ")")};
  }

  Text compute(Value value) {
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant))) {
      SmallString<24> digits;
      constant.toStringSigned(digits);
      return {std::string(digits)};
    }
    Operation *op = value.getDefiningOp();
    if (!op)
      return {"?"};
    return llvm::TypeSwitch<Operation *, Text>(op)
        .Case([&](arith::IndexCastOp op) { return write(op.getIn()); })
        .Case([&](arith::AddIOp op) { return sum(op); })
        .Case([&](arith::SubIOp op) { return infix(op, " - ", Sum, false); })
        .Case([&](arith::MulIOp op) { return infix(op, "*", Term, true); })
        .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>(
            [&](Operation *op) { return infix(op, "/", Term, false); })
        .Case([&](arith::CeilDivSIOp op) { return call("ceildiv", op); })
        .Case<arith::RemSIOp, arith::RemUIOp>([&](Operation *op) { return infix(op, " mod ", Term, false); })
        .Case([&](arith::MaxSIOp op) { return largest(op); })
        .Case([&](arith::MinSIOp op) { return call("min", op); })
        .Case([&](arith::AndIOp op) { return rounded(op); })
        .Case([&](arith::SelectOp op) { return select(op); })
        .Case([&](arith::CmpIOp op) {
          return Text{write(op.getLhs()).text + " " + arith::stringifyCmpIPredicate(op.getPredicate()).str() + " " +
                          write(op.getRhs()).text,
                      Sum};
        })
        .Case([&](LLVM::LoadOp op) { return symbol(op); })
        .Default([](Operation *op) { return Text{op->getName().getStringRef().str()}; });
  }

  /// Of all that nested ones compare, each once.
  Text largest(arith::MaxSIOp op) {
    std::vector<std::string> parts;
    SmallVector<Value> rest = {op.getRhs(), op.getLhs()};
    while (!rest.empty()) {
      Value next = rest.pop_back_val();
      if (auto inner = next.getDefiningOp<arith::MaxSIOp>())
        rest.append({inner.getRhs(), inner.getLhs()});
      else if (std::string text = write(next).text; !llvm::is_contained(parts, text))
        parts.push_back(std::move(text));
    }
    return parts.size() == 1 ? write(op.getLhs()) : Text{"max(" + llvm::join(parts, ", ") + ")"};
  }

  Text sum(arith::AddIOp op) {
    APInt zero;
    for (unsigned side : {0u, 1u})
      if (matchPattern(op->getOperand(side), m_ConstantInt(&zero)) && zero.isZero())
        return write(op->getOperand(1 - side));
    return infix(op, " + ", Sum, true);
  }

  /// (x + 63) & ~63: to a whole number of cache lines.
  Text rounded(arith::AndIOp op) {
    APInt mask, offset;
    auto sum = op.getLhs().getDefiningOp<arith::AddIOp>();
    if (matchPattern(op.getRhs(), m_ConstantInt(&mask)) && mask.getSExtValue() < 0 && sum &&
        matchPattern(sum.getRhs(), m_ConstantInt(&offset)) && (~mask) == offset)
      return {"up" + std::to_string(offset.getSExtValue() + 1) + "(" + write(sum.getLhs()).text + ")"};
    return infix(op, " & ", Sum, true);
  }

  /// select(b == 0, 1, b) guards a division.
  Text select(arith::SelectOp op) {
    APInt one;
    if (matchPattern(op.getTrueValue(), m_ConstantInt(&one)) && one.isOne())
      if (auto test = op.getCondition().getDefiningOp<arith::CmpIOp>();
          test && test.getPredicate() == arith::CmpIPredicate::eq && test.getLhs() == op.getFalseValue())
        return write(op.getFalseValue());
    return {"if(" + write(op.getCondition()).text + ", " + write(op.getTrueValue()).text + ", " +
            write(op.getFalseValue()).text + ")"};
  }

  Text symbol(LLVM::LoadOp load) {
    int64_t index = 0;
    Value pointer = load.getAddr();
    if (auto place = pointer.getDefiningOp<LLVM::GEPOp>()) {
      if (place.getRawConstantIndices().size() != 1 || !place.getDynamicIndices().empty())
        return {"?"};
      index = place.getRawConstantIndices()[0];
    }
    if (static_cast<size_t>(index) >= signature.symbols.size())
      return {"?"};
    return {signature.symbols[index].name};
  }

  const Signature &signature;
  DenseMap<Value, Text> known;
};
} // namespace

std::string transom::workspaceFormula(ModuleOp module, const Signature &signature) {
  auto prepare = module.lookupSymbol<func::FuncOp>("prepare");
  if (!prepare || prepare.isExternal())
    return "";
  Value bytes = prepare.getBody().back().getTerminator()->getOperand(0);
  // -1 stands for sizes that cannot be.
  if (auto valid = bytes.getDefiningOp<arith::SelectOp>())
    bytes = valid.getTrueValue();
  return FormulaWriter(signature).write(bytes).text;
}
