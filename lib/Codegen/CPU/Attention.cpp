//===- Attention.cpp - attention with an online softmax -------------------===//
//
// Scores never go to memory: a block of queries passes over blocks of keys and
// keeps, for each row, the largest score so far, the sum of exponentials and the
// weighted values (Milakov and Gimelshein, 2018; Dao et al., 2022).
//
// Two forms, chosen by the number of queries at run time: blocks of queries on
// register tiles, with keys and values packed in panels; and single rows, which read keys
// and values where they lie (decoding).
//
//===----------------------------------------------------------------------===//

#include "../KernelGroups.h"
#include "AttentionScores.h"
#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

// A block of scores, its queries and sums, and a panel's part stay in L1 of 32 KiB.
constexpr int64_t queryBlock = 24; ///< a multiple of every tile's rows
constexpr int64_t keyBlock = 128;  ///< a multiple of every panel's columns

class AttentionWriter : AttentionScores {
public:
  AttentionWriter(KernelBuilder &kb, AttentionOp op)
      : AttentionScores(kb, op), keyPlace(*kb.place(op.getKey())), valuePlace(*kb.place(op.getValue())),
        f32(b.getF32Type()), width(getConstantIntValue(query[3])), valueWidth(getConstantIntValue(value[3])) {}

  LogicalResult write() {
    if (!width || !valueWidth)
      return op.emitError("attention with a dynamic head size");
    if (op.getScoreRounding() || op.getProbabilityRounding())
      return op.emitError("attention that rounds its scores or probabilities together with slopes, sinks or key "
                          "lengths has no kernel");
    Value few = kb.less(query[2], kb.index(fewestBlockedQueries));
    kb.when(few, [&] { writeRows(); }, [&] { writeBlocks(); });
    return success();
  }

private:
  void writeRows();
  void writeBlocks();
  void packKeys();
  void packValues();
  /// Elements of one head's values in panels.
  Value valueSize() { return kb.mul(value[2], kb.index(llvm::divideCeil(*valueWidth, columns) * columns)); }
  /// Floats of a row of sums: whole vectors.
  int64_t sumWidth() const { return llvm::divideCeil(*valueWidth, kb.shape.lanes()) * kb.shape.lanes(); }
  void writeBlock(Value batch, Value head, Value firstRow);

  /// Scores of one row in `scores` (already products) to weights; updates the
  /// row's maximum and sum and gives the factor for what was summed before.
  Value weigh(Value scores, Value scoreOffset, Value count, ArrayRef<Value> row, Value firstKey, Value state,
              Value stateOffset);

  Place keyPlace, valuePlace;
  Type f32;
  std::optional<int64_t> width, valueWidth;
  int64_t columns = kb.shape.panelColumns();
  // Of blocks: queries, scores, sums, and (maximum, sum) of each row.
  Value queries, scores, sums, state;
};

Value AttentionWriter::weigh(Value scores, Value scoreOffset, Value count, ArrayRef<Value> row, Value firstKey,
                             Value state, Value stateOffset) {
  auto flags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
  Value before = kb.load(state, stateOffset, f32);
  Value most = kb.loop(kb.index(0), count, kb.index(1), ValueRange{before}, [&](Value j, ValueRange carried) {
    Index at(row);
    at.push_back(kb.add(firstKey, j));
    Value place = kb.add(scoreOffset, j);
    Value full = score(kb.load(scores, place, f32), at);
    kb.store(full, scores, place, f32);
    return SmallVector<Value>{arith::MaxNumFOp::create(b, carried[0], full, flags)};
  })[0];
  // All removed so far: any finite number makes exp(-inf - x) the 0 it should be.
  Value none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, most, kb.f32(-INFINITY));
  Value base = kb.select(none, kb.f32(0), most);
  Value factor = kb.unary(UnaryKind::exp, kb.fsub(before, base), f32);
  Value added = kb.loop(kb.index(0), count, kb.index(1), ValueRange{kb.f32(0)}, [&](Value j, ValueRange carried) {
    Value place = kb.add(scoreOffset, j);
    Value weight = kb.unary(UnaryKind::exp, kb.fsub(kb.load(scores, place, f32), base), f32);
    kb.store(weight, scores, place, f32);
    return SmallVector<Value>{kb.faddAnyOrder(carried[0], weight)};
  })[0];
  Value sumPlace = kb.add(stateOffset, kb.index(1));
  kb.store(most, state, stateOffset, f32);
  kb.store(kb.fadd(kb.fmul(kb.load(state, sumPlace, f32), factor), added), state, sumPlace, f32);
  return factor;
}

//===-- Row by row --------------------------------------------------------===//

void AttentionWriter::writeRows() {
  Value rowQuery = kb.stack(*width), rowScores = kb.stack(keyBlock), rowSums = kb.stack(*valueWidth);
  Value rowState = kb.stack(2);
  kb.parallelNest(
      ArrayRef<Value>(query).take_front(3),
      [&](ArrayRef<Value> row) {
        Value batch = row[0], head = row[1], shared = kb.div(head, group);
        kb.loop(query[3], [&](Value d) {
          Index at(row);
          at.push_back(d);
          Value x = kb.fmul(kb.element(op.getQuery(), at), kb.f32(op.getScale().convertToFloat()));
          kb.store(x, rowQuery, d, f32);
        });
        kb.loop(value[3], [&](Value d) { kb.store(kb.f32(0), rowSums, d, f32); });
        kb.store(initialMaximum(head), rowState, kb.index(0), f32);
        kb.store(initialSum(), rowState, kb.index(1), f32);
        auto [from, to] = visibleWithoutPadding(batch, head, row[2], row[2], keyBlock);
        Value last = to;
        auto base = [&](Place &place, Value itsBatch) {
          return kb.add(place.offset, kb.add(kb.mul(itsBatch, place.strides[0]), kb.mul(shared, place.strides[1])));
        };
        Value keyBase = base(keyPlace, keyBatch(batch)), valueBase = base(valuePlace, valueBatch(batch));
        kb.loop(from, to, kb.index(keyBlock), [&](Value first) {
          Value count = kb.min(kb.sub(last, first), kb.index(keyBlock));
          kb.loop(count, [&](Value j) {
            Value keyRow = kb.add(keyBase, kb.mul(kb.add(first, j), keyPlace.strides[2]));
            Value product =
                kb.loop(kb.index(0), query[3], kb.index(1), ValueRange{kb.f32(0)}, [&](Value d, ValueRange carried) {
                  Value x = kb.load(rowQuery, d, f32);
                  Value y = kb.load(keyPlace.pointer, kb.add(keyRow, d), keyPlace.element);
                  return SmallVector<Value>{kb.faddAnyOrder(carried[0], kb.fmul(x, y))};
                })[0];
            kb.store(product, rowScores, j, f32);
          });
          Value factor = weigh(rowScores, kb.index(0), count, row, first, rowState, kb.index(0));
          kb.loop(value[3], [&](Value d) { kb.store(kb.fmul(kb.load(rowSums, d, f32), factor), rowSums, d, f32); });
          kb.loop(count, [&](Value j) {
            Value weight = kb.load(rowScores, j, f32);
            Value valueRow = kb.add(valueBase, kb.mul(kb.add(first, j), valuePlace.strides[2]));
            kb.loop(value[3], [&](Value d) {
              Value y = kb.load(valuePlace.pointer, kb.add(valueRow, d), valuePlace.element);
              kb.store(kb.fadd(kb.load(rowSums, d, f32), kb.fmul(weight, y)), rowSums, d, f32);
            });
          });
        });
        Value total = kb.load(rowState, kb.index(1), f32);
        kb.loop(value[3], [&](Value d) {
          Index at(row);
          at.push_back(d);
          kb.finish(op, at, normalised(kb.load(rowSums, d, f32), total));
        });
      },
      0);
}

//===-- By blocks ---------------------------------------------------------===//

/// Keys [batch, heads, keys, width] as [batch, heads, panels of keys, width, keys of a panel], zeros beyond the last.
void AttentionWriter::packKeys() {
  SmallVector<Value> tasks = {key[0], key[1], kb.ceilDiv(key[2], columns)};
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        Value panel = kb.mul(kb.linear(task, tasks), kb.mul(key[3], kb.index(columns)));
        Value first = kb.mul(task[2], kb.index(columns));
        Value row =
            kb.add(kb.add(keyPlace.offset, kb.mul(task[0], keyPlace.strides[0])), kb.mul(task[1], keyPlace.strides[1]));
        Value size = kb.sizeOfPart(key[2], first, columns);
        auto put = [&](Value x, Value d, Value j) {
          kb.store(x, kb.scratch(0), kb.add(panel, kb.add(kb.mul(d, kb.index(columns)), j)), f32);
        };
        kb.loop(size, [&](Value j) {
          Value from = kb.add(row, kb.mul(kb.add(first, j), keyPlace.strides[2]));
          kb.loop(key[3], [&](Value d) { put(kb.load(keyPlace.pointer, kb.add(from, d), keyPlace.element), d, j); });
        });
        kb.loop(size, kb.index(columns), kb.index(1),
                [&](Value j) { kb.loop(key[3], [&](Value d) { put(kb.f32(0), d, j); }); });
      },
      0);
}

/// Values [batch, heads, keys, width] as [batch, heads, panels of the width, keys, columns of a panel]: rows of a
/// cache that lie far apart, at distances that share a few sets of L1, lie side by side.
void AttentionWriter::packValues() {
  SmallVector<Value> tasks = {value[0], value[1], kb.ceilDiv(value[2], columns)};
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        Value matrix = kb.mul(kb.linear({task[0], task[1]}, {value[0], value[1]}), valueSize());
        Value from = kb.add(kb.add(valuePlace.offset, kb.mul(task[0], valuePlace.strides[0])),
                            kb.mul(task[1], valuePlace.strides[1]));
        Value first = kb.mul(task[2], kb.index(columns)), end = kb.min(kb.add(first, kb.index(columns)), value[2]);
        kb.loop(first, end, kb.index(1), [&](Value j) {
          Value row = kb.add(from, kb.mul(j, valuePlace.strides[2]));
          for (int64_t column = 0; column < *valueWidth; column += columns) {
            Value panel = kb.add(matrix, kb.mul(kb.index(column), value[2]));
            Value to = kb.add(panel, kb.mul(j, kb.index(columns)));
            int64_t size = std::min(columns, *valueWidth - column);
            kb.loop(kb.index(size), [&](Value d) {
              Value x = kb.load(valuePlace.pointer, kb.add(row, kb.add(kb.index(column), d)), valuePlace.element);
              kb.store(x, kb.scratch(1), kb.add(to, d), f32);
            });
            kb.loop(kb.index(size), kb.index(columns), kb.index(1),
                    [&](Value d) { kb.store(kb.f32(0), kb.scratch(1), kb.add(to, d), f32); });
          }
        });
      },
      0);
}

void AttentionWriter::writeBlock(Value batch, Value head, Value firstRow) {
  int64_t lanes = kb.shape.lanes(), vectors = columns / lanes;
  Value rows = kb.min(kb.sub(query[2], firstRow), kb.index(queryBlock)), shared = kb.div(head, group);
  Value queryStride = kb.index(*width), scoreStride = kb.index(keyBlock), sumStride = kb.index(sumWidth());
  kb.loop(rows, [&](Value r) {
    kb.loop(query[3], [&](Value d) {
      Value x = kb.element(op.getQuery(), {batch, head, kb.add(firstRow, r), d});
      kb.store(kb.fmul(x, kb.f32(op.getScale().convertToFloat())), queries, kb.add(kb.mul(r, queryStride), d), f32);
    });
    kb.loop(sumStride, [&](Value d) { kb.store(kb.f32(0), sums, kb.add(kb.mul(r, sumStride), d), f32); });
    Value at = kb.mul(r, kb.index(2));
    kb.store(initialMaximum(head), state, at, f32);
    kb.store(initialSum(), state, kb.add(at, kb.index(1)), f32);
  });

  Value lastRow = kb.sub(kb.add(firstRow, rows), kb.index(1));
  auto [from, to] = visibleWithoutPadding(batch, head, firstRow, lastRow, columns);
  Value last = to;
  Value panels = kb.ceilDiv(key[2], columns), panelSize = kb.mul(key[3], kb.index(columns));
  Value firstPanel = kb.mul(kb.add(kb.mul(keyBatch(batch), key[1]), shared), panels);
  Value matrix = kb.mul(kb.add(kb.mul(valueBatch(batch), value[1]), shared), valueSize());
  kb.loop(from, to, kb.index(keyBlock), [&](Value first) {
    Value count = kb.min(kb.sub(last, first), kb.index(keyBlock));
    // scores = queries keys^T
    kb.loop(kb.index(0), count, kb.index(columns), [&](Value column) {
      Value panel = kb.add(firstPanel, kb.div(kb.add(first, column), kb.index(columns)));
      forRowTiles(kb, kb.index(0), rows, [&](Value row, int64_t tileRows) {
        multiplyRows(kb, row, tileRows, vectors, {queries, kb.index(0), queryStride},
                     {kb.scratch(0), kb.mul(panel, panelSize), kb.index(columns)}, query[3],
                     {scores, column, scoreStride});
      });
    });
    kb.loop(rows, [&](Value r) {
      SmallVector<Value> row = {batch, head, kb.add(firstRow, r)};
      Value factor = weigh(scores, kb.mul(r, scoreStride), count, row, first, state, kb.mul(r, kb.index(2)));
      kb.loop(sumStride, [&](Value d) {
        Value at = kb.add(kb.mul(r, sumStride), d);
        kb.store(kb.fmul(kb.load(sums, at, f32), factor), sums, at, f32);
      });
    });
    // sums += weights values
    for (int64_t column = 0; column < *valueWidth; column += columns) {
      int64_t tileVectors = llvm::divideCeil(std::min(columns, *valueWidth - column), lanes);
      Value panel = kb.add(matrix, kb.mul(kb.index(column), value[2]));
      forRowTiles(kb, kb.index(0), rows, [&](Value row, int64_t tileRows) {
        multiplyRows(kb, row, tileRows, tileVectors, {scores, kb.index(0), scoreStride},
                     {kb.scratch(1), kb.add(panel, kb.mul(first, kb.index(columns))), kb.index(columns)}, count,
                     {sums, kb.index(column), sumStride}, /*adds=*/true);
      });
    }
  });
  kb.loop(rows, [&](Value r) {
    Value total = kb.load(state, kb.add(kb.mul(r, kb.index(2)), kb.index(1)), f32);
    kb.loop(value[3], [&](Value d) {
      Value sum = kb.load(sums, kb.add(kb.mul(r, sumStride), d), f32);
      kb.finish(op, {batch, head, kb.add(firstRow, r), d}, normalised(sum, total));
    });
  });
}

void AttentionWriter::writeBlocks() {
  packKeys();
  packValues();
  kb.barrier();
  queries = kb.stack(queryBlock * *width);
  scores = kb.stack(queryBlock * keyBlock);
  sums = kb.stack(queryBlock * sumWidth());
  state = kb.stack(queryBlock * 2);
  SmallVector<Value> tasks = {query[0], query[1], kb.ceilDiv(query[2], queryBlock)};
  kb.parallelNest(
      tasks, [&](ArrayRef<Value> task) { writeBlock(task[0], task[1], kb.mul(task[2], kb.index(queryBlock))); }, 0);
}

} // namespace

LogicalResult transom::cpu::writeAttention(KernelBuilder &kb, AttentionOp op) {
  return AttentionWriter(kb, op).write();
}
