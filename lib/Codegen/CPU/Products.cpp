//===- Products.cpp - matmul and linear -----------------------------------===//
//
// The left operand is rows of f32 in memory, or is copied to such first
// (`transformer.stage_lhs`). The right operand lies in panels of columns: packed
// at compile time (`transformer.packed_rhs`) or by this kernel before a barrier
// (`transformer.pack_rhs`). What follows the product works on a tile that is
// still in L1. Other element types take a plain loop.
//
//===----------------------------------------------------------------------===//

#include "PanelProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

class ProductWriter {
public:
  ProductWriter(KernelBuilder &kb, Operation *op, Value lhs, Value rhs, bool transposeLhs, bool transposeRhs)
      : kb(kb), op(op), lhs(lhs), rhs(rhs), transposeLhs(transposeLhs), transposeRhs(transposeRhs) {
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
  /// Another product of the same rows and form, both of weights in panels: its elements are made beside this one's.
  LinearOp partner;

private:
  void writePlain();
  void stageLhs();
  void writeFlat(PanelProduct &product, Value base);
  void writeBatches(PanelProduct &product, ArrayRef<Value> strides, Value base);
  void finish(Value sums, ArrayRef<Value> batch, Value row, Value first, Value count, ArrayRef<Value> places);

  KernelBuilder &kb;
  Operation *op;
  Value lhs, rhs;
  bool transposeLhs, transposeRhs;
  SmallVector<Value> lhsDims, rhsDims, resultDims;
  Value rows, depth, width;
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
        Value size = kb.sizeOfPart(width, from, chunk);
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
  Value a = kb.scratch(0);
  SmallVector<Value> dims(lhsDims.begin(), lhsDims.end() - 2);
  dims.append({rows, depth});
  kb.parallelNest(dims, [&](ArrayRef<Value> at) {
    Index from(at);
    if (transposeLhs)
      std::swap(from[from.size() - 1], from[from.size() - 2]);
    kb.store(kb.element(lhs, from), a, kb.linear(at, dims), kb.b.getF32Type());
  });
}

/// What comes after the product, of columns that lie in `sums`.
void ProductWriter::finish(Value sums, ArrayRef<Value> batch, Value row, Value first, Value count,
                           ArrayRef<Value> places) {
  Index outer(batch);
  if (flat)
    outer = kb.delinear(row, ArrayRef<Value>(resultDims).drop_back());
  else
    outer.push_back(row);
  kb.loop(count, [&](Value j) {
    Index position(outer);
    position.push_back(kb.add(first, j));
    auto sum = [&](size_t matrix) { return kb.load(sums, kb.add(places[matrix], j), kb.b.getF32Type()); };
    if (partner)
      kb.bind(partner.getResult(), position, afterLinear(kb, partner, sum(1), position));
    kb.finish(op, position, after(sum(0), position));
  });
}

void ProductWriter::write() {
  bool packed = op->hasAttr("transformer.packed_rhs"), packs = op->hasAttr("transformer.pack_rhs");
  if (!packed && !packs)
    return writePlain();
  bool stages = op->hasAttr("transformer.stage_lhs");
  PanelOperands operands;
  operands.depth = depth;
  operands.width = width;
  operands.isWeight = packed;
  operands.bElement = packed ? kb.elementOf(rhs) : kb.b.getF32Type();
  operands.packedColumns = packed ? kb.packedColumns(rhs) : kb.shape.panelColumns();
  if (stages)
    stageLhs();
  operands.b = {packed ? kb.packedWeight(rhs) : kb.scratch(stages ? 1 : 0)};
  if (partner)
    operands.b.push_back(kb.packedWeight(partner.getWeight()));
  if (packs)
    packPanels(kb, rhs, transposeRhs, operands.b[0]);
  if (stages || packs)
    kb.barrier();
  Value sums = kb.stack(PanelProduct::sumFloats(kb, operands));

  // Rows of the left operand in memory.
  SmallVector<Value> strides;
  Value base = kb.index(0);
  if (stages) {
    SmallVector<Value> dims(lhsDims.begin(), lhsDims.end() - 2);
    dims.append({rows, depth});
    strides.assign(dims.size(), kb.index(1));
    for (size_t i = dims.size() - 1; i-- > 0;)
      strides[i] = kb.mul(strides[i + 1], dims[i + 1]);
    operands.a = kb.scratch(0);
  } else {
    std::optional<Place> place = kb.place(lhs);
    assert(place && "the outliner leaves the left operand in memory");
    operands.a = place->pointer;
    strides = place->strides;
    base = place->offset;
  }
  operands.aStride = strides[strides.size() - 2];
  PanelProduct product(kb, operands, sums);
  flat = rhsDims.size() == 2 && (stages || kb.argument(lhs));
  if (flat)
    return writeFlat(product, base);
  writeBatches(product, strides, base);
}

void ProductWriter::writeFlat(PanelProduct &product, Value base) {
  Value all = kb.index(1);
  for (Value dim : ArrayRef<Value>(lhsDims).drop_back(2))
    all = kb.mul(all, dim);
  all = kb.mul(all, rows);
  auto [from, to] = kb.share(kb.ceilDiv(width, kb.shape.panelColumns()));
  product.writeBlocks(all, from, to, base, kb.index(0),
                      [&](Value row, Value first, Value count, ArrayRef<Value> places) {
                        finish(product.sums, {}, row, first, count, places);
                      });
}

void ProductWriter::writeBatches(PanelProduct &product, ArrayRef<Value> strides, Value base) {
  int64_t blockLimit = product.mostRowsOfBlock();
  SmallVector<Value> tasks(resultDims.begin(), resultDims.end() - 2);
  tasks.push_back(kb.ceilDiv(width, kb.shape.panelColumns()));
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
        Value step = product.matrixSize();
        for (size_t i = rhsSteps.size(); i-- > 0;) {
          rhsSteps[i] = step;
          step = kb.mul(step, rhsDims[i]);
        }
        Value aOffset = offset(lhsShape, strides, base), bOffset = offset(rhsShape, rhsSteps, kb.index(0));
        kb.loop(kb.index(0), rows, kb.index(blockLimit), [&](Value row) {
          Value end = kb.min(kb.add(row, kb.index(blockLimit)), rows);
          product.writeRows(row, end, task.back(), kb.add(task.back(), kb.index(1)), aOffset, bOffset,
                            [&](Value at, Value first, Value count, ArrayRef<Value> places) {
                              finish(product.sums, batch, at, first, count, places);
                            });
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
  writer.partner = kb.partnerOf(op);
  writer.write();
  return success();
}
