//===- Experts.cpp - mixtures of experts ----------------------------------===//
//
// Each choice that a token makes is a row. Rows are sorted by expert, so that an
// expert's products are over rows that lie together, and an expert that nobody
// chose is not read. What the experts give is added up by token, in the order of
// its choices.
//
// All threads take part in each expert's products, a share of the panels each,
// by what they cost. An element is computed by one thread in one order, whatever
// the number of threads.
//
//===----------------------------------------------------------------------===//

#include "PackedExperts.h"
#include "PanelProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"

using namespace mlir;
using namespace transom;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Columns that a thread sums or gates at a time.
constexpr int64_t columnsOfTask = 64;

class ExpertsWriter {
public:
  ExpertsWriter(KernelBuilder &kb, MoEOp op);
  void write();

private:
  /// One of an expert's products: rows of `in` times a weight.
  struct Layer {
    MoEOp::Layer of;
    PanelOperands operands;
  };
  using Elements = llvm::function_ref<void(Value row, Value column, Value value)>;

  void sortChoices();
  void gatherRows();
  void packWeights();
  void multiply(const Layer &layer, Elements finish);
  void forShares(Value panels, llvm::function_ref<void(Value expert, Value first, Value end)> body);
  void gateRows();
  void addUp();

  Value wide(Value tensor, ArrayRef<Value> at) { return kb.cast(kb.element(tensor, at), kb.elementOf(tensor), f32); }
  Value number(Value at) { return kb.toIndex(kb.load(numbers, at, i64)); }
  void setNumber(Value at, Value index) { kb.store(kb.toI64(index), numbers, at, i64); }
  /// Where the rows of an expert begin; those of the one after the last where they end.
  Value startOf(Value expert) { return number(kb.add(choices, expert)); }
  Value rowsOf(Value expert) { return kb.sub(startOf(kb.add(expert, kb.index(1))), startOf(expert)); }
  /// What a panel of an expert's weight costs: a few rows wait for memory as long as one.
  Value costOf(Value expert) {
    Value rows = rowsOf(expert), least = kb.index(mostRowsBoundByMemory(kb) + 1);
    return kb.select(kb.less(kb.index(0), rows), kb.max(rows, least), kb.index(0));
  }

  KernelBuilder &kb;
  MoEOp op;
  Type f32, i64;
  SmallVector<Value> tokens, chosen;
  Value choices, experts, hidden, inner, width;
  Value numbers;  ///< of each choice its row; then where each expert's rows begin, and once more for counting
  Value rows;     ///< of tokens, then of results
  Value wideRows; ///< of the first product
  Value innerRows;
  Value sums;                           ///< of tiles
  PackedExperts::Parameters parameters; ///< of quantised weights
  Layer first, up, second;
};

ExpertsWriter::ExpertsWriter(KernelBuilder &kb, MoEOp op)
    : kb(kb), op(op), f32(kb.b.getF32Type()), i64(kb.b.getI64Type()), tokens(kb.dimsOf(op.getTokens())),
      chosen(kb.dimsOf(op.getExperts())), choices(kb.mul(tokens[0], chosen[1])), experts(kb.index(op.countExperts())),
      hidden(tokens[1]), inner(op.isQuantized() ? kb.index(op.secondLayer().depth) : kb.dimsOf(op.getSecond())[1]),
      width(kb.dimsOf(op.getSecond())[op.columnsDim()]), numbers(kb.scratch(0)), rows(kb.scratch(1)),
      wideRows(kb.scratch(2)), innerRows(op.isGateJoined() ? kb.scratch(3) : wideRows) {
  unsigned next = op.isGateJoined() ? 4 : 3;
  int64_t floats = 0, partFloats = 0, parameterFloats = 0;
  auto make = [&](const MoEOp::Layer &of, Value from) {
    Layer made = {of, {}};
    PanelOperands &operands = made.operands;
    operands.a = from;
    operands.aStride = operands.depth = op.isQuantized() ? kb.index(of.depth) : kb.dimsOf(of.weight)[1];
    operands.width = kb.dimsOf(of.weight)[op.columnsDim()];
    operands.isWeight = !op.isQuantized() && kb.isPackedWeight(of.weight);
    operands.bElement = operands.isWeight ? kb.elementOf(of.weight) : f32;
    operands.packedColumns = operands.isWeight ? kb.packedColumns(of.weight) : kb.shape.panelColumns();
    if (op.isQuantized()) {
      operands.b.resize(1); // one part for all layers, as large as any needs
      int64_t rows = PanelProduct::mostRowsOfPart(operands, kb.shape.panelColumns());
      partFloats = std::max(partFloats, rows * kb.shape.panelColumns());
      parameterFloats = std::max(parameterFloats, PackedExperts(kb, of).parameterFloats(rows));
    } else {
      operands.b = {operands.isWeight ? kb.packedWeight(of.weight) : kb.scratch(next++)};
    }
    floats = std::max(floats, PanelProduct::sumFloats(kb, operands));
    return made;
  };
  first = make(op.firstLayer(), rows);
  if (op.getUp())
    up = make(op.upLayer(), rows);
  second = make(op.secondLayer(), innerRows);
  sums = kb.stack(floats);
  if (op.isQuantized()) {
    first.operands.b = up.operands.b = second.operands.b = {kb.stack(partFloats)};
    parameters = {kb.stack(parameterFloats), kb.stack(parameterFloats)};
  }
}

/// By counting: of each choice, its place among all sorted by expert.
void ExpertsWriter::sortChoices() {
  kb.onFirstThread([&] {
    Value one = kb.index(1), counts = kb.add(choices, one);
    kb.loop(kb.add(experts, kb.index(2)), [&](Value e) { setNumber(kb.add(choices, e), kb.index(0)); });
    kb.loop(choices, [&](Value i) {
      Value id = kb.toIndex(kb.element(op.getExperts(), {kb.div(i, chosen[1]), kb.rem(i, chosen[1])}));
      Value bad = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::uge, id, experts);
      kb.when(bad, [&] { kb.fail(TRANSOM_FAIL_INDEX, id, experts); });
      Value expert = kb.select(bad, kb.index(0), id), at = kb.add(kb.add(counts, expert), one);
      setNumber(i, expert);
      setNumber(at, kb.add(number(at), one));
    });
    // Sums of what is before; placing a row makes each the sum with its own, which is where the next one begins.
    kb.loop(kb.index(0), experts, one, ValueRange{kb.index(0)}, [&](Value e, ValueRange before) {
      Value at = kb.add(counts, e), sum = kb.add(before[0], number(at));
      setNumber(at, sum);
      return SmallVector<Value>{sum};
    });
    kb.loop(choices, [&](Value i) {
      Value at = kb.add(counts, number(i)), place = number(at);
      setNumber(i, place);
      setNumber(at, kb.add(place, one));
    });
  });
}

void ExpertsWriter::gatherRows() {
  kb.parallelNest({choices, hidden}, [&](ArrayRef<Value> at) {
    Value x = wide(op.getTokens(), {kb.div(at[0], chosen[1]), at[1]});
    kb.store(x, rows, kb.add(kb.mul(number(at[0]), hidden), at[1]), f32);
  });
}

/// Those of experts that somebody chose.
void ExpertsWriter::packWeights() {
  for (const Layer &layer : {first, up, second})
    if (layer.of.weight && !layer.operands.isWeight && !op.isQuantized())
      packPanels(kb, layer.of.weight, false, layer.operands.b[0],
                 [&](ArrayRef<Value> batch) { return kb.less(kb.index(0), rowsOf(batch[0])); });
}

/// The panels of each expert that are this thread's: contiguous shares of what all cost together.
void ExpertsWriter::forShares(Value panels, llvm::function_ref<void(Value, Value, Value)> body) {
  Value zero = kb.index(0), one = kb.index(1);
  Value ofPanel = kb.loop(zero, experts, one, ValueRange{zero},
                          [&](Value e, ValueRange sum) { return SmallVector<Value>{kb.add(sum[0], costOf(e))}; })[0];
  auto [from, to] = kb.share(kb.mul(ofPanel, panels));
  Value begin = from, end = to;
  kb.loop(zero, experts, one, ValueRange{zero}, [&](Value e, ValueRange before) {
    Value cost = costOf(e), divisor = kb.max(cost, one);
    // A panel is of the share in which it begins.
    auto panelAt = [&](Value at) {
      Value inside = kb.max(kb.sub(at, before[0]), zero);
      return kb.min(kb.div(kb.add(inside, kb.sub(divisor, one)), divisor), panels);
    };
    Value firstPanel = panelAt(begin), endPanel = panelAt(end);
    kb.when(kb.both(kb.less(zero, cost), kb.less(firstPanel, endPanel)), [&] { body(e, firstPanel, endPanel); });
    return SmallVector<Value>{kb.add(before[0], kb.mul(cost, panels))};
  });
}

/// Calls `finish` with the elements of all experts' products that are this thread's.
void ExpertsWriter::multiply(const Layer &layer, Elements finish) {
  std::optional<PackedExperts> packed;
  Value expertAtHand;
  PanelOperands operands = layer.operands;
  if (op.isQuantized()) {
    packed.emplace(kb, layer.of);
    operands.makePart = [&](Value panel, Value k, Value depth) {
      packed->unpackPart(expertAtHand, panel, k, depth, parameters, layer.operands.b[0]);
    };
  }
  PanelProduct product(kb, operands, sums);
  int64_t columns = kb.shape.panelColumns();
  forShares(kb.ceilDiv(layer.operands.width, columns), [&](Value expert, Value begin, Value end) {
    Value start = startOf(expert), rowOffset = kb.mul(start, layer.operands.aStride);
    expertAtHand = expert;
    auto finishColumns = [&](Value row, Value column, Value count, ArrayRef<Value> places) {
      kb.loop(count, [&](Value j) {
        Value value = kb.load(sums, kb.add(places[0], j), f32), at = kb.add(column, j);
        if (layer.of.bias)
          value = kb.fadd(value, wide(layer.of.bias, {expert, at}));
        finish(kb.add(start, row), at, value);
      });
    };
    auto writeBlocks = [&] {
      product.writeBlocks(rowsOf(expert), begin, end, rowOffset, kb.mul(expert, product.matrixSize()), finishColumns);
    };
    if (!packed || !packed->multipliesRows())
      return writeBlocks();
    // Floats in memory would cost one row more than its product.
    auto writeRow = [&] {
      kb.loop(begin, end, kb.index(1), [&](Value panel) {
        Value column = kb.mul(panel, kb.index(columns)), zero = kb.index(0);
        packed->multiplyRow(expert, panel, operands.a, rowOffset, sums, zero);
        finishColumns(zero, column, kb.sizeOfPart(operands.width, column, columns), zero);
      });
    };
    kb.when(kb.equal(rowsOf(expert), kb.index(1)), writeRow, writeBlocks);
  });
}

/// Gate and what it lets through, of one weight.
void ExpertsWriter::gateRows() {
  bool isHalves = op.getGate() == ExpertGate::halves;
  kb.parallelNest(
      {choices, kb.ceilDiv(inner, columnsOfTask)},
      [&](ArrayRef<Value> task) {
        Value from = kb.mul(task[0], kb.mul(inner, kb.index(2))), to = kb.mul(task[0], inner);
        Value column = kb.mul(task[1], kb.index(columnsOfTask));
        kb.loop(kb.sizeOfPart(inner, column, columnsOfTask), [&](Value j) {
          Value i = kb.add(column, j), gateAt = isHalves ? i : kb.mul(i, kb.index(2));
          Value gate = kb.load(wideRows, kb.add(from, gateAt), f32);
          Value through = kb.load(wideRows, kb.add(from, kb.add(gateAt, isHalves ? inner : kb.index(1))), f32);
          kb.store(gatedByExpert(kb, op, gate, through), innerRows, kb.add(to, i), f32);
        });
      },
      0);
}

/// What a token's experts give, in the order in which it chose them.
void ExpertsWriter::addUp() {
  Value total = kb.stack(columnsOfTask);
  kb.parallelNest(
      {tokens[0], kb.ceilDiv(width, columnsOfTask)},
      [&](ArrayRef<Value> task) {
        Value column = kb.mul(task[1], kb.index(columnsOfTask));
        Value count = kb.sizeOfPart(width, column, columnsOfTask);
        kb.loop(count, [&](Value j) { kb.store(kb.f32(0), total, j, f32); });
        kb.loop(chosen[1], [&](Value i) {
          Value share = wide(op.getWeights(), {task[0], i});
          Value row = number(kb.add(kb.mul(task[0], chosen[1]), i)), from = kb.add(kb.mul(row, width), column);
          kb.loop(count, [&](Value j) {
            Value more = kb.fmul(share, kb.load(rows, kb.add(from, j), f32));
            kb.store(kb.fadd(kb.load(total, j, f32), more), total, j, f32);
          });
        });
        kb.loop(count, [&](Value j) { kb.storeResult(0, {task[0], kb.add(column, j)}, kb.load(total, j, f32)); });
      },
      0);
}

void ExpertsWriter::write() {
  Value wideWidth = first.operands.width;
  auto inRow = [&](Value row, Value column) { return kb.add(kb.mul(row, wideWidth), column); };
  sortChoices();
  kb.barrier();
  gatherRows();
  packWeights();
  kb.barrier();
  multiply(first, [&](Value row, Value column, Value value) {
    if (op.getGate() == ExpertGate::none)
      value = kb.unary(op.getActivation(), value, f32);
    kb.store(value, wideRows, inRow(row, column), f32);
  });
  // As wide as the first product, so this thread has made the gates that it meets.
  if (op.getUp())
    multiply(up, [&](Value row, Value column, Value value) {
      Value at = inRow(row, column);
      kb.store(gatedByExpert(kb, op, kb.load(wideRows, at, f32), value), wideRows, at, f32);
    });
  kb.barrier();
  if (op.isGateJoined()) {
    gateRows();
    kb.barrier();
  }
  multiply(second, [&](Value row, Value column, Value value) {
    kb.store(value, rows, kb.add(kb.mul(row, width), column), f32);
  });
  kb.barrier();
  addUp();
}

} // namespace

Value transom::cpu::gatedByExpert(KernelBuilder &kb, MoEOp op, Value gate, Value through) {
  Type f32 = kb.b.getF32Type();
  if (op.getLimit()) {
    Value high = kb.f32(op.getLimit()->convertToFloat()), low = kb.f32(-op.getLimit()->convertToFloat());
    gate = kb.fmin(gate, high);
    through = kb.fmax(kb.fmin(through, high), low);
  }
  if (!op.getBeta().isZero())
    through = kb.fadd(through, kb.f32(op.getBeta().convertToFloat()));
  float alpha = op.getAlpha().convertToFloat();
  if (alpha == 1.0f)
    return kb.fmul(kb.unary(op.getActivation(), gate, f32), through);
  return kb.fmul(kb.fmul(gate, kb.unary(UnaryKind::sigmoid, kb.fmul(gate, kb.f32(alpha)), f32)), through);
}

LogicalResult transom::cpu::writeMoE(KernelBuilder &kb, MoEOp op) {
  ExpertsWriter(kb, op).write();
  return success();
}
