//===- Experts.cpp - mixtures of experts as products of groups of rows ----===//
//
// Each choice that a token makes is a row. Rows are sorted by expert: a block an
// expert counts all choices, so that it knows where its own rows begin, and places
// them in the order of the choices. Products then are over pieces of an expert's
// rows and that expert's weights, the tokens gathered on the way; what a token's
// experts give is added up in the order of its choices. So results do not depend
// on the number of blocks. Of one token each choice is a piece, and nothing is
// sorted. Weights of experts that nobody chose are not read.
//
//===----------------------------------------------------------------------===//

#include "Product.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

class ExpertsWriter {
public:
  ExpertsWriter(DeviceKernel &kb, MoEOp op);
  LogicalResult write();

private:
  Value columnsOf(Value weight) { return kb.dimsOf(weight)[op.columnsDim()]; }
  Product productOf(Operand lhs, const MoEOp::Layer &layer, Value firstColumn, Value width);
  Operand tokenRows();
  void sortChoices();
  Value rowsBefore(Value own);
  void gateRows();
  void addUp();

  Value wide(Value tensor, ArrayRef<Value> at) { return kb.cast(kb.element(tensor, at), kb.elementOf(tensor), f32); }
  Value biased(Value value, Value bias, Value expert, Value column) {
    return bias ? kb.fadd(value, wide(bias, {expert, column})) : value;
  }
  Value number(Value at) { return kb.toIndex(kb.load(numbers, at, i32)); }
  void setNumber(Value at, Value index) { kb.store(kb.toI32(index), numbers, at, i32); }
  Value addIntegers(Value x, Value y) { return arith::AddIOp::create(kb.b, x, y); }
  bool isSorted() const { return kb.form != Form::Row; }
  /// The choice that a row is, and the row that a choice is.
  Value choiceOf(Value row) { return isSorted() ? number(row) : row; }
  Value placeOf(Value choice) { return isSorted() ? number(kb.add(choices, choice)) : choice; }
  Value expertOf(Value choice, Value reports);
  RowGroups groups(bool reports);

  DeviceKernel &kb;
  MoEOp op;
  Type f32, i32;
  Type element; ///< that is multiplied
  SmallVector<Value> tokens, chosen;
  Value choices, experts, inner, width, wideWidth;
  Value numbers; ///< choices by row, rows by choice, how many pieces there are, and expert, first and last row of each
  Value innerRows; ///< that the second product takes
  Value results;   ///< gates, of a weight of their own or not; then what each choice adds to its token
  int64_t pieceRows = 1;
};

ExpertsWriter::ExpertsWriter(DeviceKernel &kb, MoEOp op)
    : kb(kb), op(op), f32(kb.b.getF32Type()), i32(kb.b.getI32Type()), element(multipliedType(op)),
      tokens(kb.dimsOf(op.getTokens())), chosen(kb.dimsOf(op.getExperts())), choices(kb.mul(tokens[0], chosen[1])),
      experts(kb.index(op.countExperts())),
      inner(op.isQuantized() ? kb.index(op.secondLayer().depth) : kb.dimsOf(op.getSecond())[1]),
      width(columnsOf(op.getSecond())), wideWidth(columnsOf(op.getFirst())), numbers(kb.scratch(0)),
      innerRows(kb.scratch(1)), results(kb.scratch(2)) {}

/// The expert of a choice; where there is none of that number the first, which is reported where `reports`.
Value ExpertsWriter::expertOf(Value choice, Value reports) {
  Value id = kb.toIndex(kb.element(op.getExperts(), {kb.div(choice, chosen[1]), kb.rem(choice, chosen[1])}));
  Value bad = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::uge, id, experts);
  if (reports)
    kb.when(kb.both(bad, reports), [&] { kb.fail(TRANSOM_FAIL_INDEX, id, experts); });
  return kb.select(bad, kb.index(0), id);
}

/// How many rows of the expert threads before this one have, whose own are `own`.
Value ExpertsWriter::rowsBefore(Value own) {
  Value ofThreads = kb.shared(kb.blockThreads(), i32), ofWarps = kb.shared(kb.blockThreads() / 32, i32);
  Value count = kb.toI32(own);
  kb.store(count, ofThreads, kb.local, i32);
  Value ofWarp = kb.reduceLanes(count, 32, [&](Value x, Value y) { return addIntegers(x, y); });
  kb.when(kb.equal(kb.lane, kb.index(0)), [&] { kb.store(ofWarp, ofWarps, kb.warp, i32); });
  kb.syncThreads();
  auto sumOf = [&](Value from, Value to, Value room, Value before) {
    return kb.loop(from, to, kb.index(1), ValueRange{before}, [&](Value i, ValueRange sum) {
      return SmallVector<Value>{addIntegers(sum[0], kb.load(room, i, i32))};
    })[0];
  };
  Value before = sumOf(kb.index(0), kb.warp, ofWarps, kb.i32(0));
  return kb.toIndex(sumOf(kb.sub(kb.local, kb.lane), kb.local, ofThreads, before));
}

void ExpertsWriter::sortChoices() {
  Value zero = kb.index(0), one = kb.index(1);
  Value counts = kb.shared(op.countExperts(), i32), room = kb.shared(kb.blockThreads() / 32, i32);
  Value each = kb.ceilDiv(choices, kb.blockThreads()), from = kb.min(kb.mul(kb.local, each), choices),
        to = kb.min(kb.add(from, each), choices);
  auto rowsOf = [&](Value expert) { return kb.toIndex(kb.load(counts, expert, i32)); };
  kb.forBlocks(experts, [&](Value expert) {
    kb.syncThreads(); // the last expert's counts are still read
    kb.forLocal(experts, [&](Value e) { kb.store(kb.i32(0), counts, e, i32); });
    kb.syncThreads();
    Value own = kb.loop(from, to, one, ValueRange{zero}, [&](Value choice, ValueRange sum) {
      Value id = expertOf(choice, kb.equal(expert, zero));
      LLVM::AtomicRMWOp::create(kb.b, LLVM::AtomicBinOp::add, kb.address(counts, id, i32), kb.i32(1),
                                LLVM::AtomicOrdering::monotonic);
      return SmallVector<Value>{kb.select(kb.equal(id, expert), kb.add(sum[0], one), sum[0])};
    })[0];
    kb.syncThreads();
    // Rows and pieces of the experts before.
    SmallVector<Value> sums =
        kb.loop(kb.local, expert, kb.index(kb.blockThreads()), ValueRange{zero, zero}, [&](Value e, ValueRange sum) {
          Value rows = rowsOf(e);
          return SmallVector<Value>{kb.add(sum[0], rows), kb.add(sum[1], kb.ceilDiv(rows, pieceRows))};
        });
    for (Value &sum : sums)
      sum = kb.toIndex(kb.reduceBlock(kb.toI32(sum), room, [&](Value x, Value y) { return addIntegers(x, y); }));
    kb.loop(from, to, one, ValueRange{kb.add(sums[0], rowsBefore(own))}, [&](Value choice, ValueRange next) {
      Value isOwn = kb.equal(expertOf(choice, Value()), expert);
      kb.when(isOwn, [&] {
        setNumber(next[0], choice);
        setNumber(kb.add(choices, choice), next[0]);
      });
      return SmallVector<Value>{kb.select(isOwn, kb.add(next[0], one), next[0])};
    });
    Value rows = rowsOf(expert), pieces = kb.ceilDiv(rows, pieceRows), total = kb.mul(choices, kb.index(2));
    kb.forLocal(pieces, [&](Value piece) {
      Value at = kb.add(kb.add(total, one), kb.mul(kb.add(sums[1], piece), kb.index(3)));
      Value first = kb.mul(piece, kb.index(pieceRows)), end = kb.min(kb.add(first, kb.index(pieceRows)), rows);
      setNumber(at, expert);
      setNumber(kb.add(at, one), kb.add(sums[0], first));
      setNumber(kb.add(at, kb.index(2)), kb.add(sums[0], end));
    });
    Value isLast = kb.equal(expert, kb.index(op.countExperts() - 1));
    kb.when(kb.both(isLast, kb.equal(kb.local, zero)), [&] { setNumber(total, kb.add(sums[1], pieces)); });
  });
}

RowGroups ExpertsWriter::groups(bool reports) {
  if (!isSorted())
    return {choices, [=, this](Value choice, llvm::function_ref<void(Value, Value, Value)> body) {
              Value always = arith::ConstantOp::create(kb.b, kb.b.getBoolAttr(true));
              body(expertOf(choice, reports ? always : Value()), choice, kb.add(choice, kb.index(1)));
            }};
  // Each expert has at most one piece that is not full, and each piece a row.
  Value most = kb.min(kb.add(kb.div(choices, kb.index(pieceRows)), experts), choices);
  return {most, [this](Value piece, llvm::function_ref<void(Value, Value, Value)> body) {
            Value total = kb.mul(choices, kb.index(2));
            kb.when(kb.less(piece, number(total)), [&] {
              Value at = kb.add(kb.add(total, kb.index(1)), kb.mul(piece, kb.index(3)));
              body(number(at), number(kb.add(at, kb.index(1))), number(kb.add(at, kb.index(2))));
            });
          }};
}

Operand ExpertsWriter::tokenRows() {
  Operand rows(kb, op.getTokens(), false, true, kb.shapeOf(op.getTokens()));
  // A stream reads any type; tiles are multiplied in one.
  if (kb.elementOf(op.getTokens()) != element && kb.form == Form::Tiles)
    rows = rows.as(element);
  rows.gather = [this](Value row) { return kb.div(choiceOf(row), chosen[1]); };
  return rows;
}

/// Rows times some columns of each expert's weight.
Product ExpertsWriter::productOf(Operand lhs, const MoEOp::Layer &layer, Value firstColumn, Value count) {
  Value weight = layer.weight, depth = op.isQuantized() ? kb.index(layer.depth) : kb.dimsOf(weight)[1];
  Operand rhs;
  if (op.isQuantized())
    rhs = packedOperand(kb, {weight, layer.scales, layer.zeros, layer.bits(), layer.block(), layer.depth},
                        columnsOf(weight), element);
  else
    rhs = Operand(kb, weight, false, false, kb.shapeOf(weight));
  if (getConstantIntValue(firstColumn) != 0)
    rhs = rhs.columns(firstColumn, count);
  if (!op.isQuantized() && kb.elementOf(weight) != element && kb.form == Form::Tiles)
    rhs = rhs.as(element);
  // Forms are told apart by tokens.
  return Product(kb, op, std::move(lhs), std::move(rhs), f32, tokens[0], depth, count, /*flat=*/false);
}

/// Gate and what it lets through, side by side.
void ExpertsWriter::gateRows() {
  kb.parallelNest({choices, inner}, [&](ArrayRef<Value> at) {
    Value from = kb.add(kb.mul(at[0], wideWidth), kb.mul(at[1], kb.index(2)));
    Value gate = kb.load(results, from, f32), through = kb.load(results, kb.add(from, kb.index(1)), f32);
    kb.store(cpu::gatedByExpert(kb, op, gate, through), innerRows, kb.add(kb.mul(at[0], inner), at[1]), element);
  });
}

/// What a token's experts give, in the order in which it chose them.
void ExpertsWriter::addUp() {
  kb.parallelNest({tokens[0], width}, [&](ArrayRef<Value> at) {
    Value first = kb.mul(at[0], chosen[1]);
    Value sum = kb.loop(kb.index(0), chosen[1], kb.index(1), ValueRange{kb.f32(0)}, [&](Value i, ValueRange before) {
      Value row = placeOf(kb.add(first, i));
      return SmallVector<Value>{kb.fadd(before[0], kb.load(results, kb.add(kb.mul(row, width), at[1]), element))};
    })[0];
    kb.storeResult(0, at, sum);
  });
}

LogicalResult ExpertsWriter::write() {
  Value zero = kb.index(0);
  bool isAlternating = op.getGate() == ExpertGate::alternating, isHalves = op.getGate() == ExpertGate::halves;
  Value firstWidth = isHalves ? inner : wideWidth;
  Product first = productOf(tokenRows(), op.firstLayer(), zero, firstWidth);
  if (failed(first.choose()))
    return failure();
  // All products of the kernel have the first one's tile, so the rows in pieces of its height.
  kb.setBlockThreads(first.choice->tile.threads());
  pieceRows = first.choice->tile.rows;
  first.groups = groups(/*reports=*/true);
  auto inRow = [&](Value row, Value column) { return kb.add(kb.mul(row, firstWidth), column); };
  first.put = [&](ArrayRef<Value> batch, Value row, Value column, Value value) {
    value = biased(value, op.getFirstBias(), batch[0], column);
    if (op.getGate() == ExpertGate::none)
      kb.store(kb.unary(op.getActivation(), value, f32), innerRows, inRow(row, column), element);
    else
      kb.store(value, results, inRow(row, column), f32);
  };

  std::optional<Product> up;
  if (isHalves || op.getUp())
    up.emplace(productOf(tokenRows(), isHalves ? op.firstLayer() : op.upLayer(), isHalves ? inner : zero, inner));
  Product second = productOf(Operand(kb, innerRows, element, inner), op.secondLayer(), zero, width);
  second.put = [&](ArrayRef<Value> batch, Value row, Value column, Value value) {
    Value choice = choiceOf(row);
    Value share = wide(op.getWeights(), {kb.div(choice, chosen[1]), kb.rem(choice, chosen[1])});
    value = kb.fmul(share, biased(value, op.getSecondBias(), batch[0], column));
    kb.store(value, results, kb.add(kb.mul(row, width), column), element);
  };
  for (Product *other : {up ? &*up : nullptr, &second})
    if (other) {
      other->choice = first.choice;
      other->groups = groups(/*reports=*/false);
    }
  if (up)
    up->put = [&](ArrayRef<Value> batch, Value row, Value column, Value value) {
      Value bias = isHalves ? op.getFirstBias() : op.getUpBias();
      value = biased(value, bias, batch[0], isHalves ? kb.add(column, inner) : column);
      Value at = inRow(row, column);
      kb.store(cpu::gatedByExpert(kb, op, kb.load(results, at, f32), value), innerRows, at, element);
    };

  LogicalResult result = success();
  Value isForm = first.whetherForm();
  auto part = [&](llvm::function_ref<void()> body) { kb.when(isForm, body); };
  auto sums = [&](Product &product) { result = success(succeeded(result) && succeeded(product.writeSums())); };
  if (isSorted()) {
    part([&] { sortChoices(); });
    kb.barrier();
  }
  // A thread finds the gates that it has made itself, where both products go over their elements in one way.
  bool isJoined = up && up->rhs.runsAlongColumns() == first.rhs.runsAlongColumns();
  part([&] {
    sums(first);
    if (isJoined)
      sums(*up);
  });
  kb.barrier();
  if (up && !isJoined) {
    part([&] { sums(*up); });
    kb.barrier();
  }
  if (isAlternating) {
    part([&] { gateRows(); });
    kb.barrier();
  }
  part([&] { sums(second); });
  kb.barrier();
  part([&] { addUp(); });
  return result;
}

} // namespace

LogicalResult nvptx::writeMoE(DeviceKernel &kb, MoEOp op) { return ExpertsWriter(kb, op).write(); }
