//===- Product.cpp - operands and results of matrix products --------------===//

#include "Product.h"
#include "TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

bool nvptx::isMultipleOf(Value value, int64_t factor) {
  if (auto known = getConstantIntValue(value))
    return *known % factor == 0;
  Operation *op = value.getDefiningOp();
  if (isa_and_present<arith::MulIOp>(op))
    return isMultipleOf(op->getOperand(0), factor) || isMultipleOf(op->getOperand(1), factor);
  if (isa_and_present<arith::AddIOp, arith::SubIOp>(op))
    return isMultipleOf(op->getOperand(0), factor) && isMultipleOf(op->getOperand(1), factor);
  return false;
}

//===-- Operands ----------------------------------------------------------===//

Operand::Operand(DeviceKernel &kb, Value tensor, bool transposed, bool flat, const Dims &resultShape)
    : alongColumns(transposed), kb(&kb), tensor(tensor), transposed(transposed), flat(flat), resultShape(resultShape) {
  // Rows of all batches are one matrix only where they follow each other.
  if (!flat || kb.isArgument(tensor) || DeviceKernel::rankOf(tensor) == 2)
    place = kb.place(tensor);
  if (!place)
    return;
  size_t rank = place->strides.size();
  bool turned =
      getConstantIntValue(place->strides[rank - 1]) != 1 && getConstantIntValue(place->strides[rank - 2]) == 1;
  alongColumns = transposed != turned;
  findPieces(kb.dimsOf(tensor));
}

Operand::Operand(DeviceKernel &kb, Value memory, Type element, Value depth)
    : kb(&kb), madeAs(element), flat(true), place(Place{memory, element, {depth, kb.index(1)}, kb.index(0)}) {
  findPieces({depth, depth});
}

void Operand::findPieces(ArrayRef<Value> shape) {
  size_t rank = place->strides.size();
  Value row = place->strides[rank - 2], column = place->strides[rank - 1];
  bool plain = getConstantIntValue(column) == 1, turned = !plain && getConstantIntValue(row) == 1;
  piece = 1;
  aligned = false;
  Type element = place->element;
  bool copied = isForTensorCores(element);
  bool whole = copied || element.isInteger(8) || element.isInteger(16) || element.isInteger(32);
  if (!whole || (!plain && !turned))
    return;
  int64_t length = 128 / element.getIntOrFloatBitWidth();
  bool fits = isMultipleOf(place->offset, length) && isMultipleOf(plain ? row : column, length) &&
              isMultipleOf(shape[rank - (plain ? 1 : 2)], length);
  for (size_t i = 0; i + 2 < rank && !flat; ++i)
    fits &= isMultipleOf(place->strides[i], length);
  piece = fits ? length : 1;
  aligned = fits && copied;
}

Operand Operand::columns(Value first, Value width) const {
  Operand result = *this;
  if (!place) {
    result = as(storedAs());
    result.make = [inner = *this, first](ArrayRef<Value> batch, Value row, Value column) {
      return inner.element(batch, std::nullopt, row, inner.kb->add(column, first));
    };
    return result;
  }
  size_t rank = place->strides.size();
  result.place->offset = kb->add(place->offset, kb->mul(first, place->strides[rank - (transposed ? 2 : 1)]));
  SmallVector<Value> shape = kb->dimsOf(tensor);
  shape[rank - (transposed ? 2 : 1)] = width;
  result.findPieces(shape);
  return result;
}

Operand Operand::as(Type element) const {
  Operand result(*kb, element, [inner = *this](ArrayRef<Value> batch, Value row, Value column) {
    return inner.element(batch, inner.matrix(batch), row, column);
  });
  result.alongColumns = alongColumns;
  result.gather = gather;
  return result;
}

SmallVector<Value> Operand::elements(const Matrix &matrix, Value row, Value column, int64_t count) const {
  int64_t length = std::min(piece, count);
  Value offset = kb->add(matrix.base, kb->add(kb->mul(row, matrix.rowStride), kb->mul(column, matrix.columnStride)));
  SmallVector<Value> result;
  for (int64_t first = 0; first < count; first += length) {
    Value vector = kb->loadVectorOf(matrix.pointer, kb->add(offset, kb->index(first)), length, matrix.element,
                                    length * matrix.element.getIntOrFloatBitWidth() / 8);
    for (int64_t i = 0; i < length; ++i)
      result.push_back(kb->fromStorage(kb->extract(vector, i), matrix.element));
  }
  return result;
}

std::optional<unsigned> Operand::argument() const {
  if (make || gather || !tensor || !kb->isArgument(tensor))
    return std::nullopt;
  SmallVector<Value> dims = kb->dimsOf(tensor);
  if (!isMultipleOf(dims.back(), pieceOf(kb->elementOf(tensor))))
    return std::nullopt;
  // What is before rows and columns is one dim: nothing may be broadcast in it.
  Dims own = kb->shapeOf(tensor);
  bool same = own.size() == resultShape.size();
  for (size_t i = 0; same && i + 2 < own.size(); ++i)
    same = own[i] == resultShape[i];
  if (!flat && !same)
    return std::nullopt;
  return cast<BlockArgument>(tensor).getArgNumber();
}

std::optional<Matrix> Operand::matrix(ArrayRef<Value> batch) const {
  if (!place)
    return std::nullopt;
  size_t rank = place->strides.size();
  Matrix matrix{place->pointer, place->element, place->offset, place->strides[rank - 2], place->strides[rank - 1]};
  if (transposed)
    std::swap(matrix.rowStride, matrix.columnStride);
  if (flat)
    return matrix;
  Dims own = kb->shapeOf(tensor);
  size_t count = rank - 2, lead = batch.size() - count;
  for (size_t i = 0; i < count; ++i) {
    auto size = SizeArith::asConstant(own[i]);
    Value at = batch[lead + i];
    if (own[i] != resultShape[lead + i] && (!size || *size == 1))
      at = size ? kb->index(0) : kb->select(kb->equal(kb->index(own[i]), kb->index(1)), kb->index(0), at);
    matrix.base = kb->add(matrix.base, kb->mul(at, place->strides[i]));
  }
  return matrix;
}

Value Operand::element(ArrayRef<Value> batch, const std::optional<Matrix> &matrix, Value row, Value column) const {
  if (make)
    return make(batch, row, column);
  if (matrix)
    return kb->load(
        matrix->pointer,
        kb->add(matrix->base, kb->add(kb->mul(row, matrix->rowStride), kb->mul(column, matrix->columnStride))),
        matrix->element);
  if (flat) {
    if (transposed)
      std::swap(row, column);
    SmallVector<Value> outer = kb->dimsOf(tensor);
    outer.pop_back();
    Index at = kb->delinear(row, outer);
    at.push_back(column);
    return kb->element(tensor, at);
  }
  Dims own = kb->shapeOf(tensor), all = resultShape;
  Index at(batch);
  if (transposed)
    std::swap(row, column);
  at.append({row, column});
  all[all.size() - 1] = own[own.size() - 1];
  all[all.size() - 2] = own[own.size() - 2];
  return kb->broadcast(tensor, at, all);
}

//===-- Products ----------------------------------------------------------===//

Product::Product(DeviceKernel &kb, Operation *op, Operand lhs, Operand rhs, Type sum, Value rows, Value depth,
                 Value width, bool flat)
    : kb(kb), op(op), lhs(std::move(lhs)), rhs(std::move(rhs)), sum(sum), rows(rows), depth(depth), width(width),
      flat(flat), resultDims(kb.dimsOf(op->getResult(0))) {}

Value Product::multiplyAdd(Value total, Value x, Value y) {
  if (sum.isF32() || sum.isF64())
    return kb.fma(x, y, total);
  return arith::AddIOp::create(kb.b, total, arith::MulIOp::create(kb.b, x, y));
}

void Product::finish(ArrayRef<Value> batch, Value row, Value column, Value value) {
  if (put)
    return put(batch, row, column, value);
  Index at(batch);
  if (flat)
    at = kb.delinear(row, ArrayRef<Value>(resultDims).drop_back());
  else
    at.push_back(row);
  at.push_back(column);
  kb.finish(op, at, after(value, at));
}

Value Product::checked(Value value, ArrayRef<Value> batch, Value row, Value column) {
  Value lost = arith::CmpFOp::create(kb.b, arith::CmpFPredicate::UNO, value, value);
  auto again = [&] {
    auto left = lhs.matrix(batch), right = rhs.matrix(batch);
    Value leftRow = lhs.rowOf(row);
    return kb.loop(kb.index(0), depth, kb.index(1), ValueRange{zero()}, [&](Value k, ValueRange carried) {
      return SmallVector<Value>{
          multiplyAdd(carried[0], lhs.element(batch, left, leftRow, k), rhs.element(batch, right, k, column))};
    })[0];
  };
  return kb.choose(lost, again, [&] { return value; });
}

void Product::forTiles(int64_t tileRows, int64_t tileColumns,
                       llvm::function_ref<void(ArrayRef<Value>, Value, Value)> body) {
  // Blocks that run at the same time make a piece of the result that is about as
  // high as wide: they share rows of the left operand and columns of the right
  // one, which stay in the cache meanwhile.
  constexpr int64_t groupRows = 8; // of tiles
  Value down = groups ? groups->mostPieces : kb.ceilDiv(rows, tileRows), across = kb.ceilDiv(width, tileColumns);
  SmallVector<Value> tasks;
  if (!flat)
    tasks.assign(resultDims.begin(), resultDims.end() - 2);
  tasks.push_back(kb.mul(across, down));
  Value count = kb.index(1);
  for (Value dim : tasks)
    count = kb.mul(count, dim);
  auto loop = [&](Value all, llvm::function_ref<void(Value)> each) {
    kb.forBlocks(all, [&](Value task) {
      tilesBefore = kb.div(kb.sub(task, kb.block), kb.blocks);
      each(task);
    });
  };
  forSplits(count, loop, [&](Value task) {
    Index at = kb.delinear(task, tasks);
    Value ofGroup = kb.mul(across, kb.index(groupRows));
    Value group = kb.div(at.back(), ofGroup), within = kb.rem(at.back(), ofGroup);
    Value first = kb.mul(group, kb.index(groupRows));
    Value height = kb.min(kb.sub(down, first), kb.index(groupRows));
    Value row = kb.add(first, kb.rem(within, height)), column = kb.div(within, height);
    Value firstColumn = kb.mul(column, kb.index(tileColumns));
    if (groups)
      return groups->visit(row, [&](Value group, Value firstRow, Value end) {
        endRow = end;
        body({group}, firstRow, firstColumn);
      });
    endRow = rows;
    body(ArrayRef<Value>(at).drop_back(1), kb.mul(row, kb.index(tileRows)), firstColumn);
  });
}

void Product::forRows(Value count, llvm::function_ref<void(Value, llvm::function_ref<void(Value)>)> loop,
                      llvm::function_ref<void(ArrayRef<Value>, Value, Value)> body) {
  if (groups)
    return loop(kb.mul(count, groups->mostPieces), [&](Value task) {
      groups->visit(kb.div(task, count), [&](Value group, Value firstRow, Value end) {
        endRow = end;
        body({group}, firstRow, kb.rem(task, count));
      });
    });
  endRow = rows;
  forSplits(count, loop, [&](Value task) { body({}, kb.index(0), task); });
}

void Product::finishTile(ArrayRef<Value> batch, Value firstRow, Value firstColumn, int64_t tileRows,
                         int64_t tileColumns, int64_t slices, Value room, int64_t stride,
                         llvm::function_ref<void(Value)> put) {
  int64_t sliceRows = tileRows / slices;
  kb.loop(kb.index(slices), [&](Value slice) {
    kb.syncThreads(); // the room is still read
    put(slice);
    kb.syncThreads();
    Value first = kb.add(firstRow, kb.mul(slice, kb.index(sliceRows)));
    kb.forLocal(kb.index(sliceRows * tileColumns), [&](Value i) {
      Value r = kb.div(i, kb.index(tileColumns)), c = kb.rem(i, kb.index(tileColumns));
      Value row = kb.add(first, r), column = kb.add(firstColumn, c);
      kb.when(kb.both(kb.less(row, endRow), kb.less(column, width)), [&] {
        Value value = kb.load(room, kb.add(kb.mul(r, kb.index(stride)), c), sum);
        putSum(batch, row, column, value);
      });
    });
  });
  kb.syncThreads();
}

//===-- Parts of the depth ------------------------------------------------===//

void Product::forSplits(Value count, llvm::function_ref<void(Value, llvm::function_ref<void(Value)>)> loop,
                        llvm::function_ref<void(Value)> body) {
  if (splits == 1)
    return loop(count, body);
  loop(kb.mul(count, kb.index(splits)), [&](Value task) {
    split = kb.div(task, count);
    body(kb.rem(task, count));
  });
}

std::pair<Value, Value> Product::depthOfSplit(int64_t step) {
  if (splits == 1)
    return {kb.index(0), depth};
  Value each = kb.mul(kb.ceilDiv(kb.ceilDiv(depth, step), splits), kb.index(step)), begin = kb.mul(split, each);
  return {begin, kb.min(kb.add(begin, each), depth)};
}

void Product::putSum(ArrayRef<Value> batch, Value row, Value column, Value value) {
  if (splits == 1)
    return finish(batch, row, column, mayLoseInfinities ? checked(value, batch, row, column) : value);
  Value line = kb.add(kb.mul(split, rows), row);
  kb.store(value, kb.scratch(0), kb.add(kb.mul(line, width), column), sum);
}

/// The second pass.
void Product::addSplits() {
  Value size = kb.mul(rows, width);
  kb.parallelNest({rows, width}, [&](ArrayRef<Value> at) {
    Value place = kb.add(kb.mul(at[0], width), at[1]), total;
    for (int64_t s = 0; s < splits; ++s) {
      Value part = kb.load(kb.scratch(0), kb.add(place, kb.mul(size, kb.index(s))), sum);
      total = s ? kb.fadd(total, part) : part;
    }
    finish({}, at[0], at[1], mayLoseInfinities ? checked(total, {}, at[0], at[1]) : total);
  });
}

//===-- Forms -------------------------------------------------------------===//

TileKey Product::key(TileWay way) const {
  Type element = lhs.storedAs();
  TileKey key{way, TileKey::typeName(element && way != TileWay::Scalar ? element : sum)};
  switch (kb.form) {
  case Form::Row: key.lastRow = 1; break;
  case Form::Few: key.firstRow = 2, key.lastRow = fewRows; break;
  case Form::Split: key.firstRow = fewRows + 1, key.lastRow = splitRows; break;
  case Form::Tiles: key.firstRow = (splitsOf(op, Form::Split) ? splitRows : fewRows) + 1; break;
  case Form::Any: break;
  }
  key.isBatched = !flat;
  key.width = getConstantIntValue(width).value_or(0);
  key.depth = getConstantIntValue(depth).value_or(0);
  return key;
}

Value Product::whetherForm() {
  if (kb.form == Form::Any)
    return {};
  TileKey range = key(TileWay::Scalar);
  if (range.firstRow == range.lastRow)
    return kb.equal(rows, kb.index(range.lastRow));
  Value enough = kb.less(kb.index(range.firstRow - 1), rows);
  return range.lastRow ? kb.both(enough, kb.less(rows, kb.index(range.lastRow + 1))) : enough;
}

TileWay Product::way() const {
  if (kb.form == Form::Row || kb.form == Form::Few)
    return TileWay::Stream;
  Type left = lhs.storedAs();
  if (!sum.isF32() || left != rhs.storedAs() || !isForTensorCores(left))
    return TileWay::Scalar;
  auto known = getConstantIntValue(width);
  bool isNarrow = known && *known < narrowWidth, hasFewTiles = kb.form == Form::Split;
  // Of warp groups, the left operand's lines run along the depth.
  if (!kb.target.hasWgmma || isNarrow || hasFewTiles || lhs.runsAlongColumns() || left.isF32())
    return TileWay::MMA;
  return !groups && lhs.argument() && rhs.argument() ? TileWay::Pipelined : TileWay::Warpgroup;
}

LogicalResult Product::choose() {
  if (choice)
    return success();
  TileWay made = way();
  FailureOr<Tile> tile = kb.tileFor(key(made), op);
  if (succeeded(tile))
    choice = {made, *tile};
  return tile;
}

LogicalResult Product::writeSums() {
  if (failed(choose()))
    return failure();
  switch (choice->way) {
  case TileWay::Stream: writeFewRows(*this, choice->tile); break;
  case TileWay::Scalar: writeScalarTiles(*this, choice->tile); break;
  case TileWay::MMA: writeTensorCoreTiles(*this, choice->tile); break;
  case TileWay::Warpgroup: writeWarpgroupTiles(*this, choice->tile); break;
  case TileWay::Pipelined: writePipelinedTiles(*this, choice->tile); break;
  case TileWay::Attention:
  case TileWay::WarpgroupAttention:
  case TileWay::SplitAttention: llvm_unreachable("no way of a product");
  }
  return success();
}

LogicalResult Product::write() {
  LogicalResult result = success();
  Value isForm = whetherForm();
  if (!isForm)
    return writeSums();
  kb.when(isForm, [&] { result = writeSums(); });
  if (succeeded(result) && splits > 1) {
    kb.barrier();
    kb.when(isForm, [&] { addSplits(); });
  }
  return result;
}

//===-- The ops -----------------------------------------------------------===//

/// A product of two tensors: which rows and columns, and whether all batches
/// are one matrix.
static Product productOf(DeviceKernel &kb, Operation *op, Value lhs, Value rhs, bool transposeLhs, bool transposeRhs,
                         Type sum) {
  SmallVector<Value> lhsDims = kb.dimsOf(lhs), rhsDims = kb.dimsOf(rhs);
  size_t l = lhsDims.size(), r = rhsDims.size();
  bool flat = r == 2 && (!transposeLhs || l == 2);
  Value rows = lhsDims[l - (transposeLhs ? 1 : 2)], depth = lhsDims[l - (transposeLhs ? 2 : 1)];
  Value width = rhsDims[r - (transposeRhs ? 2 : 1)];
  if (Value known = rhsDims[r - (transposeRhs ? 1 : 2)]; getConstantIntValue(known))
    depth = known;
  if (flat)
    for (Value dim : ArrayRef<Value>(lhsDims).drop_back(2))
      rows = kb.mul(rows, dim);
  Dims shape = kb.shapeOf(op->getResult(0));
  return Product(kb, op, Operand(kb, lhs, transposeLhs, flat, shape), Operand(kb, rhs, transposeRhs, flat, shape), sum,
                 rows, depth, width, flat);
}

LogicalResult nvptx::writeMatMul(DeviceKernel &kb, MatMulOp op) {
  Type sum = DeviceKernel::registerType(kb.elementOf(op.getResult()));
  return productOf(kb, op, op.getLhs(), op.getRhs(), op.getTransposeA(), op.getTransposeB(), sum).write();
}

LogicalResult nvptx::writeLinear(DeviceKernel &kb, LinearOp op) {
  Type sum = DeviceKernel::registerType(kb.elementOf(op.getResult()));
  Product product = productOf(kb, op, op.getInput(), op.getWeight(), false, false, sum);
  product.after = [&](Value value, ArrayRef<Value> at) { return cpu::afterLinear(kb, op, value, at); };
  return product.write();
}

LogicalResult nvptx::writeMatMulInteger(DeviceKernel &kb, MatMulIntegerOp op) {
  Type i32 = kb.b.getI32Type();
  Product product = productOf(kb, op, op.getLhs(), op.getRhs(), false, false, i32);
  Dims shape = kb.shapeOf(op.getResult());
  auto zeroPoint = [&](Value zero, ArrayRef<Value> batch, Value position, bool isRow) {
    Index at(batch);
    if (product.flat && DeviceKernel::rankOf(zero) > 1)
      at = kb.delinear(position, ArrayRef<Value>(product.resultDims).drop_back()), position = at.pop_back_val();
    return cpu::integerZeroPoint(kb, zero, at, position, isRow);
  };
  Operand lhs = product.lhs, rhs = product.rhs;
  Type lhsElement = kb.elementOf(op.getLhs()), rhsElement = kb.elementOf(op.getRhs());
  product.lhs.make = [&](ArrayRef<Value> batch, Value row, Value k) {
    Value x = kb.cast(lhs.element(batch, lhs.matrix(batch), row, k), lhsElement, i32);
    Value zero = op.getLhsZero();
    return zero ? arith::SubIOp::create(kb.b, x, zeroPoint(zero, batch, row, true)).getResult() : x;
  };
  product.rhs.make = [&](ArrayRef<Value> batch, Value k, Value column) {
    Value y = kb.cast(rhs.element(batch, rhs.matrix(batch), k, column), rhsElement, i32);
    Value zero = op.getRhsZero();
    return zero ? arith::SubIOp::create(kb.b, y, zeroPoint(zero, batch, column, false)).getResult() : y;
  };
  return product.write();
}

Operand nvptx::packedOperand(DeviceKernel &kb, const PackedWeight &packed, Value columns, Type element) {
  ImplicitLocOpBuilder &b = kb.b;
  Type f32 = b.getF32Type(), i8 = b.getI8Type();
  int64_t bits = packed.bits, block = packed.block, perByte = 8 / bits;
  int64_t blocks = llvm::divideCeil(packed.depth, block), bytes = block * bits / 8;
  // Flat and [N, blocks] parameters have one order.
  auto read = [&kb](Value tensor, Value position) {
    if (kb.isArgument(tensor))
      return kb.load(kb.argument(tensor), position, kb.elementOf(tensor));
    return kb.element(tensor, kb.delinear(position, kb.dimsOf(tensor)));
  };
  // Packed values lie low bits first.
  auto unpack = [=, &kb, &b](Value tensor, Value byte, Value place) {
    Value packed = read(tensor, byte);
    if (perByte == 1)
      return kb.cast(packed, b.getIntegerType(8, false), f32);
    Value shift = arith::IndexCastOp::create(b, i8, kb.mul(place, kb.index(bits)));
    Value value = arith::AndIOp::create(b, arith::ShRUIOp::create(b, packed, shift), kb.number(i8, (1 << bits) - 1));
    return kb.cast(value, b.getIntegerType(8, false), f32);
  };
  Operand operand(kb, element, [=, &kb](ArrayRef<Value> batch, Value k, Value column) {
    if (!batch.empty())
      column = kb.add(kb.mul(batch.back(), columns), column);
    Value number = kb.div(k, kb.index(block)), within = kb.rem(k, kb.index(block));
    Value parameter = kb.add(kb.mul(column, kb.index(blocks)), number);
    Value byte = kb.add(kb.mul(parameter, kb.index(bytes)), kb.div(within, kb.index(perByte)));
    Value weight = unpack(packed.weight, byte, kb.rem(within, kb.index(perByte)));
    Value zero = kb.f32(int64_t(1) << (bits - 1));
    if (Value zeros = packed.zeros) {
      if (isa<FloatType>(kb.elementOf(zeros))) {
        zero = read(zeros, parameter);
      } else {
        int64_t rowBytes = llvm::divideCeil(blocks * bits, 8);
        Value at = kb.add(kb.mul(column, kb.index(rowBytes)), kb.div(number, kb.index(perByte)));
        zero = unpack(zeros, at, kb.rem(number, kb.index(perByte)));
      }
    }
    return kb.fmul(kb.fsub(weight, zero), read(packed.scales, parameter));
  });
  operand.alongColumns = true;
  return operand;
}

LogicalResult nvptx::writeLinearNBits(DeviceKernel &kb, LinearNBitsOp op) {
  SmallVector<Value> outer = kb.dimsOf(op.getInput());
  outer.pop_back();
  Value rows = kb.index(1);
  for (Value dim : outer)
    rows = kb.mul(rows, dim);
  PackedWeight packed{op.getWeight(),
                      op.getScales(),
                      op.getZeros(),
                      static_cast<int64_t>(op.getBits()),
                      static_cast<int64_t>(op.getBlockSize()),
                      static_cast<int64_t>(op.getK())};
  // Made as the input's elements are, so that tensor cores multiply both.
  Operand rhs = packedOperand(kb, packed, kb.index(op.getN()), kb.elementOf(op.getInput()));
  Operand lhs(kb, op.getInput(), false, true, kb.shapeOf(op.getResult()));
  Product product(kb, op, lhs, rhs, kb.b.getF32Type(), rows, kb.index(op.getK()), kb.index(op.getN()), true);
  product.after = [&](Value value, ArrayRef<Value> at) {
    return op.getBias() ? kb.fadd(value, kb.element(op.getBias(), {at.back()})) : value;
  };
  return product.write();
}
