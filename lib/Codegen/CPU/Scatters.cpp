//===- Scatters.cpp - scatter_elements, scatter_nd, kv_write --------------===//
//
// Copies with elements replaced. The copy comes first, split in any way; then,
// behind a barrier, the updates, split by destination: what one element gets
// it gets from one thread, in the order of the updates.
//
//===----------------------------------------------------------------------===//

#include "Lines.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

/// The result is the input, before updates.
static void copyInput(KernelBuilder &kb, Value input) {
  kb.parallelNest(kb.dimsOf(input), [&](ArrayRef<Value> at) { kb.storeResult(0, at, kb.element(input, at)); });
  kb.barrier();
}

/// The position that an ONNX index means (negative ones count from the end),
/// and whether there is one.
static std::pair<Value, Value> wrapped(KernelBuilder &kb, Value number, Value dim) {
  Value i = kb.toIndex(number);
  Value position = kb.select(kb.less(i, kb.index(0)), kb.add(i, dim), i);
  Value inside = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::ult, position, dim);
  kb.when(inside, [] {}, [&] { kb.fail(TRANSOM_FAIL_INDEX, i, dim); });
  return {position, inside};
}

static void update(KernelBuilder &kb, ScatterKind kind, Value offset, Value value, Type element) {
  auto with = [&](BinaryKind binary) {
    return kb.binary(binary, kb.load(kb.result(0), offset, element), value, element);
  };
  switch (kind) {
  case ScatterKind::set: break;
  case ScatterKind::add: value = with(BinaryKind::add); break;
  case ScatterKind::mul: value = with(BinaryKind::mul); break;
  case ScatterKind::min: value = with(BinaryKind::min); break;
  case ScatterKind::max: value = with(BinaryKind::max); break;
  }
  kb.store(value, kb.result(0), offset, element);
}

LogicalResult transom::cpu::writeScatterElements(KernelBuilder &kb, ScatterElementsOp op) {
  copyInput(kb, op.getInput());
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(op.getInput()), counts = kb.dimsOf(op.getIndices());
  Type element = kb.elementOf(op.getInput());
  // Updates of different lines of the axis have different destinations.
  forLines(kb, counts, axis, [&](const LineBundle &lines) {
    kb.loop(counts[axis], [&](Value i) {
      kb.loop(lines.width, [&](Value lane) {
        Index at = lines.element(kb, i, lane);
        auto [position, inside] = wrapped(kb, kb.element(op.getIndices(), at), dims[axis]);
        kb.when(inside, [&, position = position] {
          Index to = at;
          to[axis] = position;
          update(kb, op.getKind(), kb.linear(to, dims), kb.element(op.getUpdates(), at), element);
        });
      });
    });
  });
  return success();
}

LogicalResult transom::cpu::writeScatterND(KernelBuilder &kb, ScatterNDOp op) {
  copyInput(kb, op.getInput());
  auto indicesType = cast<RankedTensorType>(op.getIndices().getType());
  if (indicesType.isDynamicDim(indicesType.getRank() - 1))
    return op.emitOpError("needs index tuples of a length known when compiling");
  size_t tuple = indicesType.getShape().back();
  SmallVector<Value> dims = kb.dimsOf(op.getInput()), counts = kb.dimsOf(op.getIndices());
  counts.pop_back();
  ArrayRef<Value> scattered = ArrayRef<Value>(dims).take_front(tuple), whole = ArrayRef<Value>(dims).drop_front(tuple);
  Type element = kb.elementOf(op.getInput());
  auto product = [&](ArrayRef<Value> factors) {
    Value result = kb.index(1);
    for (Value factor : factors)
      result = kb.mul(result, factor);
    return result;
  };
  Value slice = product(whole), updates = product(counts);

  // Threads divide the elements of a slice; where that is one element, the
  // destinations, and each looks at all indices.
  bool byElement = !whole.empty();
  auto [from, to] = kb.share(byElement ? slice : product(scattered));
  kb.loop(updates, [&, from = from, to = to](Value number) {
    Index at = kb.delinear(number, counts), where = at;
    where.push_back(kb.index(0));
    Value target = kb.index(0), inside;
    for (size_t i = 0; i < tuple; ++i) {
      where.back() = kb.index(i);
      auto [position, valid] = wrapped(kb, kb.element(op.getIndices(), where), scattered[i]);
      target = kb.add(kb.mul(target, scattered[i]), position);
      inside = inside ? kb.both(inside, valid) : valid;
    }
    auto write = [&] {
      if (!byElement)
        return update(kb, op.getKind(), target, kb.element(op.getUpdates(), at), element);
      Value first = kb.mul(target, slice);
      kb.loop(from, to, kb.index(1), [&](Value i) {
        Value value;
        if (Value pointer = kb.argument(op.getUpdates())) {
          value = kb.load(pointer, kb.add(kb.mul(number, slice), i), element);
        } else {
          Index of = at;
          of.append(kb.delinear(i, whole));
          value = kb.element(op.getUpdates(), of);
        }
        update(kb, op.getKind(), kb.add(first, i), value, element);
      });
    };
    if (!byElement) {
      Value own = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::sge, target, from);
      own = kb.both(own, kb.less(target, to));
      inside = inside ? kb.both(inside, own) : own;
    }
    if (inside)
      kb.when(inside, write);
    else
      write();
  });
  return success();
}

//===-- kv_write ----------------------------------------------------------===//

LogicalResult transom::cpu::writeKVWrite(KernelBuilder &kb, KVWriteOp op) {
  Value cache = op.getCache(), update = op.getUpdate(), start = op.getStart(), zero = kb.index(0);
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(cache), news = kb.dimsOf(update);
  Value rows = dims[axis], count = news[axis];
  // One item a row: what follows the axis is copied in one loop.
  auto forRows =
      [&](ArrayRef<Value> shape,
          llvm::function_ref<void(ArrayRef<Value>, llvm::function_ref<void(llvm::function_ref<void(ArrayRef<Value>)>)>)>
              body) {
        SmallVector<Value> outer(shape.take_front(axis + 1)), inner(shape.drop_front(axis + 1));
        Value items = kb.index(1);
        for (Value dim : outer)
          items = kb.mul(items, dim);
        auto [from, to] = kb.share(items);
        kb.loop(from, to, kb.index(1), [&](Value item) {
          Index at = kb.delinear(item, outer);
          body(at, [&](llvm::function_ref<void(ArrayRef<Value>)> each) {
            kb.nest(inner, [&](ArrayRef<Value> rest) {
              Index all = at;
              all.append(rest.begin(), rest.end());
              each(all);
            });
          });
        });
      };
  auto startOf = [&](ArrayRef<Value> at) {
    Value first = start ? kb.toIndex(kb.element(start, {at[0]})) : zero;
    if (!op.getCircular())
      return first;
    Value r = arith::RemSIOp::create(kb.b, first, kb.max(rows, kb.index(1)));
    return kb.select(kb.less(r, zero), kb.add(r, rows), r);
  };

  forRows(news, [&](ArrayRef<Value> at, auto forElements) {
    Value position = kb.add(startOf(at), at[axis]), usable;
    if (op.getCircular()) {
      // Of more new rows than the cache has, the last ones stay.
      usable = kb.less(kb.sub(kb.sub(count, at[axis]), kb.index(1)), rows);
      position = kb.rem(position, kb.max(rows, kb.index(1)));
    } else {
      usable = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::ult, position, rows);
      kb.when(usable, [] {}, [&] { kb.fail(TRANSOM_FAIL_INDEX, position, rows); });
    }
    kb.when(usable, [&] {
      forElements([&](ArrayRef<Value> from) {
        Index to(from);
        to[axis] = position;
        kb.storeResult(0, to, kb.element(update, from));
      });
    });
  });

  if (op->hasAttr("transformer.in_place"))
    return success();
  // The other rows.
  forRows(dims, [&](ArrayRef<Value> at, auto forElements) {
    Value number = kb.sub(at[axis], startOf(at));
    if (op.getCircular())
      number = kb.select(kb.less(number, zero), kb.add(number, rows), number);
    Value kept = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::uge, number, count);
    kb.when(kept, [&] { forElements([&](ArrayRef<Value> all) { kb.storeResult(0, all, kb.element(cache, all)); }); });
  });
  return success();
}
