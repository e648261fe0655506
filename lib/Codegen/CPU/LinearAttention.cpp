//===- LinearAttention.cpp - attention through a state --------------------===//
//
// A head's state is [features, columns of the values] in panels, and queries and
// keys pass by in chunks. Causal queries read what stands in their own chunk by
// products between queries and keys, and all before it through the state
// (Hua et al., 2022), so that memory does not grow with the sequence.
//
// One thread does a head and a block of columns, chunk after chunk, whatever the
// number of threads. Where queries do not wait for keys, they are split further.
//
//===----------------------------------------------------------------------===//

#include "../KernelGroups.h"
#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Floats of a chunk's features: what stays in L2 beside the state.
constexpr int64_t chunkFloats = 32768;
constexpr int64_t longestChunk = 64;

class LinearAttentionWriter {
public:
  LinearAttentionWriter(KernelBuilder &kb, LinearAttentionOp op)
      : kb(kb), op(op), f32(kb.b.getF32Type()), query(kb.dimsOf(op.getQuery())), value(kb.dimsOf(op.getValue())),
        features(op.getQuery().getType().getDimSize(3)), width(op.getValue().getType().getDimSize(3)) {}

  LogicalResult write();

private:
  struct Head {
    Value batch, head, block;
  };

  void makeBuffers();
  void loadState(const Head &head);
  void storeState(const Head &head);
  void takeKeys(const Head &head, Value first, Value count);
  void answerQueries(const Head &head, Value first, Value count);
  void scoreChunk(Value count);
  void loadRows(Value tensor, const Head &head, Value first, Value count);
  void transposeRows(Value count);
  void loadValues(const Head &head, Value first, Value count);
  void subtractKnown(const Head &head, Value count);
  void forChunks(Value length, llvm::function_ref<void(Value, Value)> body);
  void forHeads(llvm::function_ref<void(const Head &)> body);
  void forPanels(const Head &head, llvm::function_ref<void(Value panel, Value inBlock)> body);
  /// `out`: the chunk's rows times the panels of the state.
  void readState(const Head &head, Value count);
  /// A row of features times the sums of keys.
  Value readSums(const Head &head, Value row);

  Value panelStart(const Head &head, Value panel) {
    Value number = kb.linear({head.batch, head.head, panel}, {query[0], query[1], kb.index(panels)});
    return kb.mul(number, kb.index(features * columns));
  }
  /// Each block of columns has its own copy of the sums, as it goes over the keys on its own.
  Value sumsStart(const Head &head) {
    Value number = kb.linear({head.batch, head.head, head.block}, {query[0], query[1], kb.index(blocks)});
    return kb.mul(number, kb.index(features));
  }
  /// Where what keys change lies. A delta rule reads what was before, too: that is the first copy of two.
  Value changing(Value start, int64_t elementsOfHead) {
    return op.getDelta() ? kb.add(start, kb.mul(kb.mul(query[0], query[1]), kb.index(elementsOfHead))) : start;
  }
  Value changingPanel(const Head &head, Value panel) {
    return changing(panelStart(head, panel), panels * features * columns);
  }
  FloatRows featureRows() { return {rows, kb.index(0), kb.index(features)}; }
  FloatRows valuePanel(Value inBlock) {
    return {values, kb.mul(inBlock, kb.index(chunk * columns)), kb.index(columns)};
  }
  FloatRows outPanel(Value inBlock) {
    return {out, kb.mul(inBlock, kb.index(columns)), kb.index(panelsOfBlock * columns)};
  }
  Value changingSums(const Head &head) { return changing(sumsStart(head), blocks * features); }

  KernelBuilder &kb;
  LinearAttentionOp op;
  Type f32;
  SmallVector<Value> query, value;
  int64_t features, width;
  int64_t columns = kb.shape.panelColumns(), lanes = kb.shape.lanes();
  int64_t panels = 0, panelsOfBlock = 0, blocks = 0, chunk = 0;
  int64_t vectors = 0; ///< of a panel
  // Of a chunk: rows of features [chunk, features], keys [features, chunk], values in panels [chunk, columns], scores
  // [chunk, chunk] and what leaves it [chunk, columns of a block].
  Value rows, keys, values, scores, out;
};

void LinearAttentionWriter::forChunks(Value length, llvm::function_ref<void(Value, Value)> body) {
  kb.loop(kb.index(0), length, kb.index(chunk),
          [&](Value first) { body(first, kb.min(kb.sub(length, first), kb.index(chunk))); });
}

void LinearAttentionWriter::forHeads(llvm::function_ref<void(const Head &)> body) {
  kb.parallelNest(
      {query[0], query[1], kb.index(blocks)}, [&](ArrayRef<Value> task) { body({task[0], task[1], task[2]}); }, 0);
}

void LinearAttentionWriter::forPanels(const Head &head, llvm::function_ref<void(Value, Value)> body) {
  Value first = kb.mul(head.block, kb.index(panelsOfBlock));
  Value count = kb.min(kb.sub(kb.index(panels), first), kb.index(panelsOfBlock));
  kb.loop(count, [&](Value i) { body(kb.add(first, i), i); });
}

void LinearAttentionWriter::loadState(const Head &head) {
  forPanels(head, [&](Value panel, Value) {
    Value start = panelStart(head, panel), copy = changingPanel(head, panel);
    Value firstColumn = kb.mul(panel, kb.index(columns));
    Value real = kb.sizeOfPart(value[3], firstColumn, columns);
    auto put = [&](Value x, Value m, Value d) {
      Value at = kb.add(kb.mul(m, kb.index(columns)), d);
      kb.store(x, kb.scratch(0), kb.add(start, at), f32);
      if (op.getDelta())
        kb.store(x, kb.scratch(0), kb.add(copy, at), f32);
    };
    kb.loop(kb.index(features), [&](Value m) {
      kb.loop(real, [&](Value d) {
        Value x =
            op.getState() ? kb.element(op.getState(), {head.batch, head.head, m, kb.add(firstColumn, d)}) : kb.f32(0);
        put(x, m, d);
      });
      kb.loop(real, kb.index(columns), kb.index(1), [&](Value d) { put(kb.f32(0), m, d); });
    });
  });
  Value start = sumsStart(head), copy = changingSums(head);
  kb.loop(kb.index(features), [&](Value m) {
    Value x = op.getSums() ? kb.element(op.getSums(), {head.batch, head.head, m}) : kb.f32(0);
    kb.store(x, kb.scratch(1), kb.add(start, m), f32);
    if (op.getDelta())
      kb.store(x, kb.scratch(1), kb.add(copy, m), f32);
  });
}

void LinearAttentionWriter::storeState(const Head &head) {
  forPanels(head, [&](Value panel, Value) {
    Value start = changingPanel(head, panel), firstColumn = kb.mul(panel, kb.index(columns));
    Value real = kb.sizeOfPart(value[3], firstColumn, columns);
    kb.loop(kb.index(features), [&](Value m) {
      kb.loop(real, [&](Value d) {
        Value x = kb.load(kb.scratch(0), kb.add(start, kb.add(kb.mul(m, kb.index(columns)), d)), f32);
        kb.storeResult(1, {head.batch, head.head, m, kb.add(firstColumn, d)}, x);
      });
    });
  });
  kb.when(kb.equal(head.block, kb.index(0)), [&] {
    Value start = changingSums(head);
    kb.loop(kb.index(features), [&](Value m) {
      kb.storeResult(2, {head.batch, head.head, m}, kb.load(kb.scratch(1), kb.add(start, m), f32));
    });
  });
}

void LinearAttentionWriter::loadRows(Value tensor, const Head &head, Value first, Value count) {
  kb.loop(count, [&](Value r) {
    Value row = kb.add(first, r), to = kb.mul(r, kb.index(features));
    kb.loop(kb.index(features),
            [&](Value m) { kb.store(kb.element(tensor, {head.batch, head.head, row, m}), rows, kb.add(to, m), f32); });
  });
}

void LinearAttentionWriter::transposeRows(Value count) {
  kb.loop(kb.index(features), [&](Value m) {
    Value to = kb.mul(m, kb.index(chunk));
    kb.loop(count, [&](Value r) {
      kb.store(kb.load(rows, kb.add(kb.mul(r, kb.index(features)), m), f32), keys, kb.add(to, r), f32);
    });
  });
}

void LinearAttentionWriter::loadValues(const Head &head, Value first, Value count) {
  forPanels(head, [&](Value panel, Value inBlock) {
    Value start = kb.mul(inBlock, kb.index(chunk * columns)), firstColumn = kb.mul(panel, kb.index(columns));
    Value real = kb.sizeOfPart(value[3], firstColumn, columns);
    kb.loop(count, [&](Value r) {
      Value to = kb.add(start, kb.mul(r, kb.index(columns))), row = kb.add(first, r);
      kb.loop(real, [&](Value d) {
        Value x = kb.element(op.getValue(), {head.batch, head.head, row, kb.add(firstColumn, d)});
        kb.store(x, values, kb.add(to, d), f32);
      });
      kb.loop(real, kb.index(columns), kb.index(1), [&](Value d) { kb.store(kb.f32(0), values, kb.add(to, d), f32); });
    });
  });
}

void LinearAttentionWriter::readState(const Head &head, Value count) {
  forPanels(head, [&](Value panel, Value inBlock) {
    FloatRows state = {kb.scratch(0), panelStart(head, panel), kb.index(columns)};
    forRowTiles(kb, kb.index(0), count, [&](Value row, int64_t tileRows) {
      multiplyRows(kb, row, tileRows, vectors, featureRows(), state, kb.index(features), outPanel(inBlock));
    });
  });
}

Value LinearAttentionWriter::readSums(const Head &head, Value row) {
  Value start = sumsStart(head), from = kb.mul(row, kb.index(features));
  return kb.loop(kb.index(0), kb.index(features), kb.index(1), ValueRange{kb.f32(0)}, [&](Value m, ValueRange carried) {
    Value x = kb.load(rows, kb.add(from, m), f32), sum = kb.load(kb.scratch(1), kb.add(start, m), f32);
    return SmallVector<Value>{kb.faddAnyOrder(carried[0], kb.fmul(x, sum))};
  })[0];
}

/// The values less what the state gives for their keys, which `rows` has.
void LinearAttentionWriter::subtractKnown(const Head &head, Value count) {
  readState(head, count);
  int64_t outWidth = panelsOfBlock * columns;
  kb.loop(count, [&](Value r) {
    Value below = op.getEpsilon() ? kb.fadd(readSums(head, r), kb.f32(op.getEpsilon()->convertToDouble())) : Value();
    forPanels(head, [&](Value, Value inBlock) {
      kb.loop(kb.index(vectors * lanes), [&](Value d) {
        Value from = kb.add(kb.mul(r, kb.index(outWidth)), kb.add(kb.mul(inBlock, kb.index(columns)), d));
        Value at = kb.add(kb.mul(kb.add(kb.mul(inBlock, kb.index(chunk)), r), kb.index(columns)), d);
        Value known = kb.load(out, from, f32);
        known = below ? kb.fdiv(known, below) : known;
        kb.store(kb.fsub(kb.load(values, at, f32), known), values, at, f32);
      });
    });
  });
}

/// Keys of a chunk into the state: keys^T values, a row of tiles a few features.
void LinearAttentionWriter::takeKeys(const Head &head, Value first, Value count) {
  loadRows(op.getKey(), head, first, count);
  transposeRows(count);
  loadValues(head, first, count);
  if (op.getDelta())
    subtractKnown(head, count);
  if (op.getReads() == LinearReads::causal)
    answerQueries(head, first, count);
  forPanels(head, [&](Value panel, Value inBlock) {
    FloatRows state = {kb.scratch(0), changingPanel(head, panel), kb.index(columns)};
    forRowTiles(kb, kb.index(0), kb.index(features), [&](Value row, int64_t tileRows) {
      multiplyRows(kb, row, tileRows, vectors, {keys, kb.index(0), kb.index(chunk)}, valuePanel(inBlock), count, state,
                   /*adds=*/true);
    });
  });
  Value start = changingSums(head);
  kb.loop(kb.index(features), [&](Value m) {
    Value from = kb.mul(m, kb.index(chunk)), at = kb.add(start, m);
    Value added = kb.loop(kb.index(0), count, kb.index(1), ValueRange{kb.f32(0)}, [&](Value r, ValueRange carried) {
      return SmallVector<Value>{kb.faddAnyOrder(carried[0], kb.load(keys, kb.add(from, r), f32))};
    })[0];
    kb.store(kb.fadd(kb.load(kb.scratch(1), at, f32), added), kb.scratch(1), at, f32);
  });
}

/// Products of a chunk's queries with the keys up to each one's own.
void LinearAttentionWriter::scoreChunk(Value count) {
  int64_t tileColumns = std::min(columns, chunk), tileVectors = tileColumns / lanes;
  kb.loop(kb.index(0), count, kb.index(tileColumns), [&](Value column) {
    forRowTiles(kb, kb.index(0), count, [&](Value row, int64_t tileRows) {
      kb.when(kb.less(column, kb.add(row, kb.index(tileRows))), [&] {
        multiplyRows(kb, row, tileRows, tileVectors, featureRows(), {keys, column, kb.index(chunk)}, kb.index(features),
                     {scores, column, kb.index(chunk)});
      });
    });
  });
  kb.loop(count, [&](Value r) {
    kb.loop(kb.add(r, kb.index(1)), count, kb.index(1),
            [&](Value t) { kb.store(kb.f32(0), scores, kb.add(kb.mul(r, kb.index(chunk)), t), f32); });
  });
}

void LinearAttentionWriter::answerQueries(const Head &head, Value first, Value count) {
  bool isCausal = op.getReads() == LinearReads::causal;
  int64_t outWidth = panelsOfBlock * columns;
  loadRows(op.getQuery(), head, first, count);
  readState(head, count);
  if (isCausal) {
    scoreChunk(count);
    forPanels(head, [&](Value, Value inBlock) {
      forRowTiles(kb, kb.index(0), count, [&](Value row, int64_t tileRows) {
        Value depth = kb.min(count, kb.add(row, kb.index(tileRows)));
        multiplyRows(kb, row, tileRows, vectors, {scores, kb.index(0), kb.index(chunk)}, valuePanel(inBlock), depth,
                     outPanel(inBlock), /*adds=*/true);
      });
    });
  }
  kb.loop(count, [&](Value r) {
    Value below;
    if (op.getEpsilon()) {
      below = readSums(head, r);
      if (isCausal) {
        Value from = kb.mul(r, kb.index(chunk));
        Value own = kb.loop(kb.index(0), kb.add(r, kb.index(1)), kb.index(1), ValueRange{kb.f32(0)},
                            [&](Value t, ValueRange carried) {
                              Value score = kb.load(scores, kb.add(from, t), f32);
                              return SmallVector<Value>{kb.faddAnyOrder(carried[0], score)};
                            })[0];
        below = kb.fadd(below, own);
      }
      below = kb.fadd(below, kb.f32(op.getEpsilon()->convertToDouble()));
    }
    Value firstColumn = kb.mul(head.block, kb.index(outWidth));
    kb.loop(kb.sizeOfPart(value[3], firstColumn, outWidth), [&](Value d) {
      Value x = kb.load(out, kb.add(kb.mul(r, kb.index(outWidth)), d), f32);
      kb.storeResult(0, {head.batch, head.head, kb.add(first, r), kb.add(firstColumn, d)},
                     below ? kb.fdiv(x, below) : x);
    });
  });
}

void LinearAttentionWriter::makeBuffers() {
  panels = llvm::divideCeil(width, columns);
  panelsOfBlock = linearAttentionColumns / columns;
  blocks = llvm::divideCeil(panels, panelsOfBlock);
  panelsOfBlock = std::min(panelsOfBlock, panels);
  vectors = panels == 1 ? llvm::divideCeil(width, lanes) : columns / lanes;
  // A power of two, so that tiles of keys end where it does.
  chunk =
      std::clamp<int64_t>(llvm::bit_floor<uint64_t>(std::max<int64_t>(chunkFloats / features, 1)), lanes, longestChunk);
  rows = kb.stack(chunk * features);
  keys = kb.stack(chunk * features);
  values = kb.stack(chunk * panelsOfBlock * columns);
  out = kb.stack(chunk * panelsOfBlock * columns);
  if (op.getReads() == LinearReads::causal)
    scores = kb.stack(chunk * chunk);
}

LogicalResult LinearAttentionWriter::write() {
  if (ShapedType::isDynamic(features) || ShapedType::isDynamic(width) || features == 0 || width == 0)
    return op.emitError("linear attention with a dynamic number of features or columns");
  makeBuffers();
  Value keyCount = value[2];
  auto takeAll = [&](const Head &head) {
    forChunks(keyCount, [&](Value first, Value count) { takeKeys(head, first, count); });
    storeState(head);
  };
  // All queries read the same state: chunks of them are tasks.
  auto answerAll = [&] {
    SmallVector<Value> tasks = {query[0], query[1], kb.index(blocks), kb.ceilDiv(query[2], chunk)};
    kb.parallelNest(
        tasks,
        [&](ArrayRef<Value> task) {
          Value first = kb.mul(task[3], kb.index(chunk));
          answerQueries({task[0], task[1], task[2]}, first, kb.min(kb.sub(query[2], first), kb.index(chunk)));
        },
        0);
  };
  switch (op.getReads()) {
  case LinearReads::causal:
    forHeads([&](const Head &head) {
      loadState(head);
      takeAll(head);
    });
    break;
  case LinearReads::all:
    forHeads([&](const Head &head) {
      loadState(head);
      takeAll(head);
    });
    kb.barrier();
    answerAll();
    break;
  case LinearReads::before:
    forHeads([&](const Head &head) { loadState(head); });
    kb.barrier();
    answerAll();
    kb.barrier();
    forHeads(takeAll);
    break;
  }
  return success();
}

} // namespace

LogicalResult transom::cpu::writeLinearAttention(KernelBuilder &kb, LinearAttentionOp op) {
  return LinearAttentionWriter(kb, op).write();
}
