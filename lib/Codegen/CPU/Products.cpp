//===- Products.cpp - matmul and linear -----------------------------------===//
//
// The left operand is rows of f32 in memory, or is copied to such first
// (`transformer.stage_lhs`). The right operand lies in panels of columns: packed
// at compile time (`transformer.packed_rhs`) or by this kernel before a barrier
// (`transformer.pack_rhs`). What follows the product works on a tile that is
// still in L1. Other element types take a plain loop.
//
//===----------------------------------------------------------------------===//

#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Tiles that fetch a part of a panel together.
constexpr int64_t tilesOfPart = 4;
/// Rows of a panel ahead of the one in use: far enough for the latency of memory,
/// near enough to stay in L1.
constexpr int64_t rowsAhead = 64;

/// Rows of a block: a multiple of every tile's rows. A pass's part of them, at most
/// 384 numbers of each, stays in L2.
constexpr int64_t mostRows = 168;
/// Panels that many rows pass over before the next part of K. Where K is one pass,
/// each panel is finished while its sums, of fewer rows, are in L1.
constexpr int64_t panelsOfGroup = 4, mostRowsOfOnePass = 96;

class ProductWriter {
public:
  ProductWriter(KernelBuilder &kb, Operation *op, Value lhs, Value rhs, bool transposeLhs, bool transposeRhs)
      : kb(kb), op(op), lhs(lhs), rhs(rhs), transposeLhs(transposeLhs), transposeRhs(transposeRhs),
        columns(kb.shape.panelColumns()) {
    packedColumns = op->hasAttr("transformer.packed_rhs") ? kb.packedColumns(rhs) : columns;
    across = packedColumns / columns;
    assert(across <= panelsOfGroup && "a group is of whole panels in memory");
    lhsDims = kb.dimsOf(lhs);
    rhsDims = kb.dimsOf(rhs);
    resultDims = kb.dimsOf(op->getResult(0));
    size_t l = lhsDims.size(), r = rhsDims.size();
    rows = lhsDims[l - (transposeLhs ? 1 : 2)];
    depth = lhsDims[l - (transposeLhs ? 2 : 1)];
    width = rhsDims[r - (transposeRhs ? 2 : 1)];
  }

  void write();
  /// From the product's element to the op's: bias, activation, residual.
  std::function<Value(Value, ArrayRef<Value>)> after = [](Value value, ArrayRef<Value>) { return value; };

private:
  void writePlain();
  void stageLhs();
  void packRhs();
  void writeRows(Value from, Value to, Value firstPanel, Value endPanel, ArrayRef<Value> batch, Value aOffset,
                 Value bOffset);
  bool isOnePass() const;
  /// The most rows that are bound by memory.
  int64_t fewRows() const { return tilesOfPart * kb.shape.tileRows() - 1; }

  KernelBuilder &kb;
  Operation *op;
  Value lhs, rhs;
  bool transposeLhs, transposeRhs;
  int64_t columns;       ///< that this CPU's tiles take
  int64_t packedColumns; ///< of a panel in memory: those of a few tiles side by side where wider CPUs read it too
  int64_t across;        ///< how many
  SmallVector<Value> lhsDims, rhsDims, resultDims;
  Value rows, depth, width;
  Value a, aStride; ///< rows of f32
  Value b;
  Value sums;        ///< of a block of rows and a group of panels, a panel after the other
  bool flat = false; ///< all rows of all batches are one matrix
};

void ProductWriter::writePlain() {
  Type element = kb.elementOf(op->getResult(0)), type = KernelBuilder::registerType(element);
  constexpr int64_t chunk = 64;
  Value sums = kb.stack(chunk, type);
  SmallVector<Value> tasks(resultDims.begin(), resultDims.end() - 1);
  tasks.push_back(kb.ceilDiv(width, chunk));
  Dims shape = kb.shapeOf(op->getResult(0));
  auto operand = [&](Value tensor, ArrayRef<Value> batch, Value i, Value j) {
    Dims own = kb.shapeOf(tensor), all = shape;
    Index at(batch);
    at.append({i, j});
    all[all.size() - 1] = own[own.size() - 1];
    all[all.size() - 2] = own[own.size() - 2];
    return kb.broadcast(tensor, at, all);
  };
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        ArrayRef<Value> batch = task.drop_back(2);
        Value row = task[task.size() - 2], from = kb.mul(task.back(), kb.index(chunk));
        Value size = kb.min(kb.sub(width, from), kb.index(chunk));
        kb.loop(size, [&](Value j) { kb.store(kb.number(type, 0), sums, j, type); });
        kb.loop(depth, [&](Value k) {
          Value x = transposeLhs ? operand(lhs, batch, k, row) : operand(lhs, batch, row, k);
          kb.loop(size, [&](Value j) {
            Value column = kb.add(from, j);
            Value y = transposeRhs ? operand(rhs, batch, column, k) : operand(rhs, batch, k, column);
            Value product = kb.binary(BinaryKind::mul, x, y, element);
            kb.store(kb.binary(BinaryKind::add, kb.load(sums, j, type), product, element), sums, j, type);
          });
        });
        kb.loop(size, [&](Value j) {
          Index at(task.drop_back());
          at.push_back(kb.add(from, j));
          kb.finish(op, at, after(kb.load(sums, j, type), at));
        });
      },
      0);
}

void ProductWriter::stageLhs() {
  a = kb.scratch(0);
  SmallVector<Value> dims(lhsDims.begin(), lhsDims.end() - 2);
  dims.append({rows, depth});
  kb.parallelNest(dims, [&](ArrayRef<Value> at) {
    Index from(at);
    if (transposeLhs)
      std::swap(from[from.size() - 1], from[from.size() - 2]);
    kb.store(kb.element(lhs, from), a, kb.linear(at, dims), kb.b.getF32Type());
  });
}

void ProductWriter::packRhs() {
  b = kb.scratch(op->hasAttr("transformer.stage_lhs") ? 1 : 0);
  Value panels = kb.ceilDiv(width, columns);
  SmallVector<Value> dims(rhsDims.begin(), rhsDims.end() - 2);
  dims.append({panels, depth});
  kb.parallelNest(
      dims,
      [&](ArrayRef<Value> at) {
        Value position = kb.mul(kb.linear(at, dims), kb.index(columns));
        Value first = kb.mul(at[at.size() - 2], kb.index(columns)), k = at.back();
        Value size = kb.min(kb.sub(width, first), kb.index(columns));
        kb.loop(size, [&](Value j) {
          Index from(at.drop_back(2));
          Value column = kb.add(first, j);
          if (transposeRhs)
            from.append({column, k});
          else
            from.append({k, column});
          kb.store(kb.element(rhs, from), b, kb.add(position, j), kb.b.getF32Type());
        });
        kb.loop(size, kb.index(columns), kb.index(1),
                [&](Value j) { kb.store(kb.f32(0), b, kb.add(position, j), kb.b.getF32Type()); });
      },
      0);
}

/// How much of K one pass takes: a panel's part and a tile's rows stay in L1. Of a panel of several tiles a part has
/// every so many lines, which meet in as few of L1's sets: six of the eight lines that a set of 32 KiB holds.
static int64_t depthOfPass(Value depth, int64_t across) {
  int64_t most = across > 1 ? 96 : 384, usual = across > 1 ? 96 : 256;
  std::optional<int64_t> k = getConstantIntValue(depth);
  if (!k)
    return usual;
  if (*k <= most)
    return std::max<int64_t>(*k, 1); // of none there is no pass, and sums of zero
  for (int64_t part = most; part >= usual / 2; part -= 4)
    if (*k % part == 0)
      return part;
  return usual;
}

bool ProductWriter::isOnePass() const { return getConstantIntValue(depth) == depthOfPass(depth, across); }

/// Panels [firstPanel, endPanel) for rows [from, to), at most a block: pass by pass
/// through K over all of them, so that a pass's part of the rows stays in L2 while
/// the panels go by and each panel is read once; sums are in memory between passes.
/// Then what follows the product.
void ProductWriter::writeRows(Value from, Value to, Value firstPanel, Value endPanel, ArrayRef<Value> batch,
                              Value aOffset, Value bOffset) {
  int64_t lanes = kb.shape.lanes(), vectors = columns / lanes, pass = depthOfPass(depth, across);
  bool packed = op->hasAttr("transformer.packed_rhs"), single = isOnePass();
  Value panelSize = kb.mul(depth, kb.index(packedColumns)), sumSize = kb.mul(kb.sub(to, from), kb.index(columns));
  // Tiles that fetch the next part.
  Value tiles = kb.min(kb.ceilDiv(kb.sub(to, from), kb.shape.tileRows()), kb.index(tilesOfPart));
  Value isOne = kb.equal(tiles, kb.index(1));
  // The whole panel in memory that `panel` is of, from its row k on.
  auto lineOf = [&](Value panel, Value k) {
    Value whole = kb.div(panel, kb.index(across));
    return kb.add(kb.add(bOffset, kb.mul(whole, panelSize)), kb.mul(k, kb.index(packedColumns)));
  };
  auto sumsOf = [&](Value panel) { return kb.mul(kb.sub(panel, firstPanel), sumSize); };

  auto writePart = [&](Value panel, Value k) {
    Value left = kb.sub(depth, k);
    std::optional<int64_t> known = getConstantIntValue(depth);
    Value passDepth = known && *known % pass == 0 ? kb.index(pass) : kb.min(left, kb.index(pass));
    Value within = kb.rem(panel, kb.index(across));
    Value part = kb.add(lineOf(panel, k), kb.mul(within, kb.index(columns)));
    Value partSize = kb.mul(passDepth, kb.index(columns)), next;
    if (packed) {
      // The part that comes after this one: of the next panel in memory, or of the first in the next pass or
      // group; and of it the share of this panel.
      Value panelAfter = kb.add(panel, kb.index(across)), depthAfter = kb.add(k, passDepth);
      Value isBefore = kb.less(panelAfter, endPanel), isEnd = kb.equal(depthAfter, depth);
      next = lineOf(kb.select(isBefore, panelAfter, kb.select(isEnd, panelAfter, firstPanel)),
                    kb.select(isBefore, k, kb.select(isEnd, kb.index(0), depthAfter)));
      next = kb.add(next, kb.mul(within, partSize));
    }
    forRowTiles(kb, from, to, [&](Value row, int64_t count) {
      TileOperands operands;
      operands.a = a;
      operands.aStride = aStride;
      operands.aOffset = kb.add(kb.add(aOffset, k), kb.mul(row, aStride));
      operands.b = b;
      operands.bStride = kb.index(packedColumns);
      operands.bOffset = part;
      operands.bElement = packed ? kb.elementOf(rhs) : kb.b.getF32Type();
      operands.depth = passDepth;
      if (packed) {
        // Tiles share the work of fetching the next part, so that memory and arithmetic
        // go on side by side; a single one is bound by memory, and asks for rows that it
        // needs soon, unless it takes a panel in memory piece by piece.
        Value tile = kb.div(kb.sub(row, from), kb.index(kb.shape.tileRows()));
        Value shared = kb.add(next, kb.mul(tile, kb.div(partSize, tiles)));
        Value soon = kb.add(part, kb.index(rowsAhead * columns));
        operands.ahead = across > 1 ? shared : kb.select(isOne, soon, shared);
        operands.aheadStep = kb.div(kb.add(kb.index(columns - 1), tiles), tiles);
      }
      Value place = kb.add(sumsOf(panel), kb.mul(kb.sub(row, from), kb.index(columns)));
      if (!single) {
        operands.c = sums;
        operands.cOffset = place;
        operands.cStride = kb.index(columns);
      }
      storeTile(kb, writeTileProduct(kb, operands, count, vectors), vectors, sums, place, kb.index(columns));
    });
  };
  auto writePass = [&](Value k) {
    kb.loop(firstPanel, endPanel, kb.index(1), [&](Value panel) { writePart(panel, k); });
  };
  if (single) {
    writePass(kb.index(0));
  } else {
    kb.loop(sumsOf(endPanel), [&](Value i) { kb.store(kb.f32(0), sums, i, kb.b.getF32Type()); });
    kb.loop(kb.index(0), depth, kb.index(pass), writePass);
  }
  kb.loop(firstPanel, endPanel, kb.index(1), [&](Value panel) {
    Value first = kb.mul(panel, kb.index(columns)), size = kb.min(kb.sub(width, first), kb.index(columns));
    kb.loop(from, to, kb.index(1), [&](Value row) {
      Index outer(batch);
      if (flat)
        outer = kb.delinear(row, ArrayRef<Value>(resultDims).drop_back());
      else
        outer.push_back(row);
      Value place = kb.add(sumsOf(panel), kb.mul(kb.sub(row, from), kb.index(columns)));
      kb.loop(size, [&](Value j) {
        Index position(outer);
        position.push_back(kb.add(first, j));
        Value value = kb.load(sums, kb.add(place, j), kb.b.getF32Type());
        kb.finish(op, position, after(value, position));
      });
    });
  });
}

void ProductWriter::write() {
  bool packed = op->hasAttr("transformer.packed_rhs"), packs = op->hasAttr("transformer.pack_rhs");
  if (!packed && !packs)
    return writePlain();
  bool stages = op->hasAttr("transformer.stage_lhs");
  if (stages)
    stageLhs();
  if (packs)
    packRhs();
  if (stages || packs)
    kb.barrier();
  if (packed)
    b = kb.packedWeight(rhs);
  bool single = isOnePass();
  int64_t blockLimit = single ? mostRowsOfOnePass : mostRows, groupSize = single ? 1 : panelsOfGroup;
  sums = kb.stack(blockLimit * columns * groupSize);

  // Rows of the left operand in memory.
  SmallVector<Value> strides;
  Value base = kb.index(0);
  if (stages) {
    SmallVector<Value> dims(lhsDims.begin(), lhsDims.end() - 2);
    dims.append({rows, depth});
    strides.assign(dims.size(), kb.index(1));
    for (size_t i = dims.size() - 1; i-- > 0;)
      strides[i] = kb.mul(strides[i + 1], dims[i + 1]);
  } else {
    std::optional<Place> place = kb.place(lhs);
    assert(place && "the outliner leaves the left operand in memory");
    a = place->pointer;
    strides = place->strides;
    base = place->offset;
  }
  aStride = strides[strides.size() - 2];
  Value panels = kb.ceilDiv(width, columns);
  flat = rhsDims.size() == 2 && (stages || kb.argument(lhs));

  if (flat) {
    Value all = kb.index(1);
    for (Value dim : ArrayRef<Value>(lhsDims).drop_back(2))
      all = kb.mul(all, dim);
    all = kb.mul(all, rows);
    // Panels that stay in L3 pass over blocks of rows.
    int64_t k = getConstantIntValue(depth).value_or(1024), tileRows = kb.shape.tileRows();
    int64_t near = std::max<int64_t>(1, (int64_t(1) << 20) / std::max<int64_t>(1, k * columns));
    near = llvm::alignTo(near, across);
    // Blocks of about the same size: a small one would read all panels for little.
    Value blocks = kb.max(kb.ceilDiv(all, blockLimit), kb.index(1));
    Value even = kb.div(kb.add(all, kb.sub(blocks, kb.index(1))), blocks);
    Value blockRows = kb.mul(kb.ceilDiv(even, tileRows), kb.index(tileRows));
    blockRows = kb.max(blockRows, kb.index(tileRows));
    // Few rows take each panel from end to end, as memory has it.
    Value group = kb.select(kb.less(kb.index(fewRows()), all), kb.index(groupSize), kb.index(1));
    // Tiles side by side go through a panel in memory together.
    auto forGroups = [&](Value first, Value end, llvm::function_ref<void(Value, Value)> body) {
      if (single || across == 1) {
        kb.loop(first, end, group, [&](Value panel) { body(panel, kb.min(kb.add(panel, group), end)); });
        return;
      }
      kb.loop(kb.div(first, kb.index(across)), kb.ceilDiv(end, across), kb.index(1), [&](Value whole) {
        Value start = kb.mul(whole, kb.index(across));
        body(kb.max(start, first), kb.min(kb.add(start, kb.index(across)), end));
      });
    };
    auto [from, to] = kb.share(panels);
    Value last = to;
    kb.loop(from, to, kb.index(near), [&](Value first) {
      Value end = kb.min(kb.add(first, kb.index(near)), last);
      kb.loop(kb.index(0), all, blockRows, [&](Value row) {
        Value rowEnd = kb.min(kb.add(row, blockRows), all);
        forGroups(first, end,
                  [&](Value panel, Value panelEnd) { writeRows(row, rowEnd, panel, panelEnd, {}, base, kb.index(0)); });
      });
    });
    return;
  }

  SmallVector<Value> tasks(resultDims.begin(), resultDims.end() - 2);
  tasks.push_back(panels);
  Dims resultShape = kb.shapeOf(op->getResult(0)), lhsShape = kb.shapeOf(lhs), rhsShape = kb.shapeOf(rhs);
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        ArrayRef<Value> batch = task.drop_back();
        // Where this batch's matrix begins, in elements.
        auto offset = [&](ArrayRef<Dim> shape, ArrayRef<Value> steps, Value start) {
          Index at = kb.broadcastIndex(shape.drop_back(2), batch, ArrayRef<Dim>(resultShape).drop_back(2));
          for (auto [i, position] : llvm::enumerate(at))
            start = kb.add(start, kb.mul(position, steps[i]));
          return start;
        };
        SmallVector<Value> rhsSteps(rhsDims.size() - 2);
        Value step = kb.mul(kb.mul(panels, depth), kb.index(columns));
        for (size_t i = rhsSteps.size(); i-- > 0;) {
          rhsSteps[i] = step;
          step = kb.mul(step, rhsDims[i]);
        }
        Value aOffset = offset(lhsShape, strides, base), bOffset = offset(rhsShape, rhsSteps, kb.index(0));
        kb.loop(kb.index(0), rows, kb.index(blockLimit), [&](Value row) {
          Value end = kb.min(kb.add(row, kb.index(blockLimit)), rows);
          writeRows(row, end, task.back(), kb.add(task.back(), kb.index(1)), batch, aOffset, bOffset);
        });
      },
      0);
}

} // namespace

LogicalResult transom::cpu::writeMatMul(KernelBuilder &kb, MatMulOp op) {
  ProductWriter writer(kb, op, op.getLhs(), op.getRhs(), op.getTransposeA(), op.getTransposeB());
  writer.write();
  return success();
}

Value transom::cpu::afterLinear(KernelBuilder &kb, LinearOp op, Value product, ArrayRef<Value> at) {
  Dims shape = kb.shapeOf(op.getResult());
  Type type = KernelBuilder::registerType(kb.elementOf(op.getResult()));
  if (op.getBias())
    product = kb.fadd(product, kb.cast(kb.broadcast(op.getBias(), at, shape), kb.elementOf(op.getBias()), type));
  product = kb.unary(op.getActivation(), product, type);
  if (op.getResidual())
    product = kb.fadd(product, kb.broadcast(op.getResidual(), at, shape));
  return product;
}

LogicalResult transom::cpu::writeLinear(KernelBuilder &kb, LinearOp op) {
  ProductWriter writer(kb, op, op.getInput(), op.getWeight(), false, false);
  writer.after = [&](Value value, ArrayRef<Value> at) { return afterLinear(kb, op, value, at); };
  writer.write();
  return success();
}
