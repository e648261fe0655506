//===- KernelWriter.cpp - the function of one group of ops ----------------===//

#include "KernelWriter.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

/// One element, whatever the rank: held in the kernel's code.
static bool isSplat(Operation *op) {
  auto constant = dyn_cast_if_present<ConstantOp>(op);
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  return dense && dense.isSplat();
}

/// Whether the operand has to lie in memory, a constant too.
static bool readsMemory(OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned number = use.getOperandNumber();
  if (isa<LinearOp, MatMulIntegerOp>(op))
    return number < 2;
  if (isa<AttentionOp>(op))
    return number == 1 || number == 2;
  return isa<MatMulOp, LinearNBitsOp, ConvOp, PoolOp, ResizeOp, MoEOp>(op);
}

/// What `value` is as one constant, rounded or not; null for others.
static StoredConstant storedConstant(Value value) {
  if (!isWeight(value.getDefiningOp()))
    return {};
  Type element = typeOf(value).getElementType();
  if (auto rounded = value.getDefiningOp<CastOp>())
    value = rounded.getInput();
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? StoredConstant(constant.getValue(), element) : StoredConstant();
}

/// The earliest size that the host program has found equal before the kernel
/// runs: inside, what is equal has to be one argument.
Value KernelWriter::checkedEqual(Value of) {
  auto [known, isUnknown] = equals.try_emplace(of, of);
  if (!isUnknown)
    return known->second;
  Value size = of;
  for (bool isNew = true; isNew;) {
    isNew = false;
    for (Operation *user : size.getUsers()) {
      auto check = dyn_cast<CheckSizesOp>(user);
      if (!check || check.getBroadcast() || check->getBlock() != group.root->getBlock() ||
          !check->isBeforeInBlock(group.root))
        continue;
      Value other = check.getLhs() == size ? check.getRhs() : check.getLhs();
      Operation *here = size.getDefiningOp(), *there = other.getDefiningOp();
      if (here && there && here->getBlock() == there->getBlock() && there->isBeforeInBlock(here)) {
        size = other;
        isNew = true;
        break;
      }
    }
  }
  return equals[of] = size;
}

Value KernelWriter::size(Dim dim) {
  Value value = checkedEqual(arith.value(group.root->getLoc(), dim));
  sizes.insert(value);
  return value;
}

/// The weight that `value` is, seen through transposes of the last two dims, and
/// whether these swap them.
static std::pair<Value, bool> constantBehind(Value value) {
  bool swapped = false;
  while (auto transpose = value.getDefiningOp<TransposeOp>()) {
    ArrayRef<int64_t> perm = transpose.getPerm();
    size_t rank = perm.size();
    if (rank < 2 || perm[rank - 1] != int64_t(rank) - 2 || perm[rank - 2] != int64_t(rank) - 1 ||
        !llvm::equal(perm.drop_back(2), llvm::seq<int64_t>(0, rank - 2)))
      return {};
    swapped = !swapped;
    value = transpose.getInput();
  }
  return isWeight(value.getDefiningOp()) ? std::make_pair(value, swapped) : std::make_pair(Value(), false);
}

PackedWeights transom::packedWeights(ModuleOp module, int64_t columns) {
  PackedWeights packed;
  auto add = [&](Value rhs, bool transposed) {
    Type element = typeOf(rhs).getElementType();
    auto [weight, swapped] = constantBehind(rhs);
    StoredConstant constant = weight ? storedConstant(weight) : StoredConstant();
    if (columns && constant.first && isa<FloatType>(element) && !element.isF64() && typeOf(weight).getRank() == 2)
      packed.try_emplace(constant, DenseI64ArrayAttr::get(module.getContext(), {columns, swapped != transposed, 1}));
  };
  module.walk([&](MatMulOp op) { add(op.getRhs(), op.getTransposeB()); });
  module.walk([&](LinearOp op) { add(op.getWeight(), false); });
  return packed;
}

/// A table that is a product's weight too (tied embeddings) is looked up in the
/// panels, so that there is one copy of it.
void KernelWriter::planLookups() {
  for (Value tensor : tensors) {
    StoredConstant table = storedConstant(tensor);
    DenseI64ArrayAttr layout = table.first ? packed.lookup(table) : DenseI64ArrayAttr();
    if (layout && llvm::all_of(body, [&](Operation *op) {
          return llvm::all_of(op->getOpOperands(), [&](OpOperand &use) {
            return use.get() != tensor || (isa<GatherOp>(op) && use.getOperandNumber() == 0);
          });
        }))
      panels[tensor] = layout;
  }
}

/// How the tile products of matmul and linear get their operands: the left one
/// as rows of f32, the right one in panels.
void KernelWriter::planProduct(Value lhs, Value rhs, bool transposeLhs, bool transposeRhs) {
  Type element = typeOf(lhs).getElementType();
  if (!panelColumns || !isa<FloatType>(element) || element.isF64())
    return;
  Location loc = group.root->getLoc();
  if (!element.isF32() || transposeLhs) {
    anchorMarks.push_back("transformer.stage_lhs");
    scratch.push_back(arith.product(loc, dims.of(lhs)));
  }
  auto [constant, swapped] = constantBehind(rhs);
  if (constant) {
    anchorMarks.push_back("transformer.packed_rhs");
    panels[constant] = host.getDenseI64ArrayAttr({weightColumns, swapped != transposeRhs, 1});
    return;
  }
  anchorMarks.push_back("transformer.pack_rhs");
  Dims shape = dims.of(rhs);
  size_t rank = shape.size();
  Dim k = shape[rank - (transposeRhs ? 1 : 2)], n = shape[rank - (transposeRhs ? 2 : 1)];
  Dim batch = arith.product(loc, ArrayRef<Dim>(shape).drop_back(2));
  scratch.push_back(arith.mul(loc, arith.product(loc, {batch, panelCount(n), k}), arith.constant(panelColumns)));
}

/// Its left operand is the anchor's.
void KernelWriter::planPartner(Value weight) { panels[weight] = host.getDenseI64ArrayAttr({weightColumns, false, 1}); }

/// What the parts of a depth give, f32 of each row and column, where a GPU splits it.
void KernelWriter::planSplits(Operation *product) {
  if (!tiles || !isForFewRows(product))
    return;
  Location loc = group.root->getLoc();
  RankedTensorType lhs = typeOf(product->getOperand(0)), result = typeOf(product->getResult(0));
  int64_t width = result.getDimSize(result.getRank() - 1), depth = lhs.getDimSize(lhs.getRank() - 1);
  if (auto packedWeight = dyn_cast<LinearNBitsOp>(product)) {
    depth = packedWeight.getK();
  } else {
    auto matmul = dyn_cast<MatMulOp>(product);
    int64_t own = typeOf(product->getOperand(1)).getDimSize(matmul && matmul.getTransposeB() ? 1 : 0);
    depth = ShapedType::isDynamic(own) ? depth : own;
  }
  if (ShapedType::isDynamic(width) || ShapedType::isDynamic(depth))
    return;
  std::string type = TileKey::typeName(lhs.getElementType());
  Dim rows = arith.product(loc, ArrayRef<Dim>(dims.of(product->getResult(0))).drop_back());
  auto known = SizeArith::asConstant(rows);
  // Of a form for so many rows, unless it is known not to be taken.
  auto splitsOf = [&](TileWay way, int64_t first, int64_t last) -> int64_t {
    if (known && (*known < first || *known > last))
      return 1;
    auto tile = tiles->choose({way, type, first, last, /*isBatched=*/false, width, depth});
    return tile ? tile->splits : 1;
  };
  bool hasForm = (!known || (fewRows < *known && *known <= splitRows)) && tiles->hasSplitForm(type, width, depth);
  int64_t row = splitsOf(TileWay::Stream, 1, 1), few = splitsOf(TileWay::Stream, 2, fewRows);
  int64_t some = hasForm ? splitsOf(TileWay::MMA, fewRows + 1, splitRows) : 0;
  splits = host.getDenseI64ArrayAttr({row, few, some});
  Dim most;
  for (auto [parts, last] : {std::pair(row, int64_t(1)), {few, fewRows}, {some, splitRows}})
    if (parts > 1) {
      Dim lines = arith.mul(loc, arith.min(loc, rows, arith.constant(last)), arith.constant(parts));
      most = most ? arith.max(loc, most, lines) : lines;
    }
  if (most)
    scratch.push_back(arith.mul(loc, most, arith.constant(width)));
  else if (!hasForm)
    splits = {};
}

/// Of 8-bit numbers: rows of the left operand in fours and their sums; the right
/// one in panels of fours and their sums.
void KernelWriter::planIntegerProduct(MatMulIntegerOp op) {
  if (!panelColumns || !stagedBytes)
    return;
  Location loc = group.root->getLoc();
  Dims lhs = dims.of(op.getLhs()), rhs = dims.of(op.getRhs());
  Dim rows = arith.product(loc, ArrayRef<Dim>(lhs).drop_back());
  Dim groups = parts(lhs.back(), tapsOfGroup);
  Dim rowWords = arith.add(loc, arith.mul(loc, groups, arith.constant(stagedBytes)), arith.constant(1));
  scratch.push_back(arith.mul(loc, rows, rowWords));
  auto [constant, swapped] = constantBehind(op.getRhs());
  if (constant && typeOf(constant).getRank() == 2) {
    anchorMarks.push_back("transformer.packed_rhs");
    panels[constant] = host.getDenseI64ArrayAttr({weightColumns, swapped, tapsOfGroup});
    return;
  }
  anchorMarks.push_back("transformer.pack_rhs");
  Dim batch = arith.product(loc, ArrayRef<Dim>(rhs).drop_back(2)), lines = arith.add(loc, groups, arith.constant(1));
  scratch.push_back(
      arith.mul(loc, arith.product(loc, {batch, panelCount(rhs.back()), lines}), arith.constant(panelColumns)));
}

Dim KernelWriter::parts(Dim size, int64_t each) {
  Location loc = group.root->getLoc();
  return arith.floorDiv(loc, arith.add(loc, size, arith.constant(each - 1)), arith.constant(each));
}

/// Keys and values in panels of columns for blocks of queries. Of
/// few queries: what each part of the keys gives a row.
void KernelWriter::planAttention(AttentionOp attention) {
  Location loc = group.root->getLoc();
  Dims key = dims.of(attention.getKey());
  if (attentionParts) {
    Dims query = dims.of(attention.getQuery());
    Dim rows = arith.product(loc, {query[0], query[1], arith.min(loc, query[2], arith.constant(attentionRows))});
    Dim width = arith.add(loc, dims.of(attention.getValue())[3], arith.constant(2)); // a maximum and a sum more
    scratch.push_back(arith.product(loc, {rows, arith.constant(attentionParts), width}));
  }
  if (!panelColumns)
    return;
  // 1, or 0 where there are no blocks.
  Dim used = arith.floorDiv(loc, arith.min(loc, dims.of(attention.getQuery())[2], arith.constant(fewestBlockedQueries)),
                            arith.constant(fewestBlockedQueries));
  scratch.push_back(arith.mul(loc, arith.product(loc, {used, key[0], key[1], panelCount(key[2]), key[3]}),
                              arith.constant(panelColumns)));
  Dims value = dims.of(attention.getValue());
  scratch.push_back(arith.mul(loc, arith.product(loc, {used, value[0], value[1], value[2], panelCount(value[3])}),
                              arith.constant(panelColumns)));
}

/// The state of each head in panels of columns, as it changes, and what was before a delta rule's changes. Then the
/// sums, once for each block of columns.
void KernelWriter::planLinearAttention(LinearAttentionOp attention) {
  Location loc = group.root->getLoc();
  Dims key = dims.of(attention.getKey());
  Dim width = dims.of(attention.getValue())[3];
  Dim copies = arith.constant(attention.getDelta() ? 2 : 1);
  scratch.push_back(arith.mul(loc, arith.product(loc, {copies, key[0], key[1], panelCount(width), key[3]}),
                              arith.constant(panelColumns)));
  scratch.push_back(arith.product(loc, {copies, key[0], key[1], parts(width, linearAttentionColumns), key[3]}));
}

/// Where each choice's row is among those sorted by expert, and where each expert's begin, in i64; the rows, and after
/// them the results; what the first products give; and of a joined gate what it lets through. Then weights that the
/// kernel packs itself: those that are quantised it makes floats part by part.
void KernelWriter::planExperts(MoEOp moe) {
  if (!panelColumns)
    return planSortedExperts(moe);
  Location loc = group.root->getLoc();
  auto times = [&](Dim a, Dim b) { return arith.mul(loc, a, b); };
  int64_t columns = moe.columnsDim();
  Dims tokens = dims.of(moe.getTokens()), chosen = dims.of(moe.getExperts()), first = dims.of(moe.getFirst()),
       second = dims.of(moe.getSecond());
  Dim choices = times(tokens[0], chosen[1]);
  Dim numbers = arith.add(loc, choices, arith.constant(moe.countExperts() + 2));
  scratch.push_back(times(numbers, arith.constant(2)));
  scratch.push_back(times(choices, arith.max(loc, tokens[1], second[columns])));
  scratch.push_back(times(choices, first[columns]));
  if (moe.isGateJoined())
    scratch.push_back(times(choices, moe.isQuantized() ? arith.constant(moe.secondLayer().depth) : second[1]));
  for (const MoEOp::Layer &layer : {moe.firstLayer(), moe.upLayer(), moe.secondLayer()})
    for (Value weight : {layer.weight, layer.scales, layer.zeros}) {
      if (!weight)
        continue;
      auto [constant, swapped] = constantBehind(weight);
      if (constant) {
        panels[constant] = host.getDenseI64ArrayAttr({weightColumns, swapped != moe.isQuantized(), 1});
        continue;
      }
      if (moe.isQuantized())
        continue;
      Dims shape = dims.of(weight);
      scratch.push_back(arith.product(loc, {shape[0], panelCount(shape[2]), shape[1], arith.constant(panelColumns)}));
    }
}

/// On a GPU: numbers of 32 bits, five of each choice and one more; rows that the second product takes; then gates or
/// all of a joined gate in f32, and after them what each choice gives.
void KernelWriter::planSortedExperts(MoEOp moe) {
  Location loc = group.root->getLoc();
  auto times = [&](Dim a, Dim b) { return arith.mul(loc, a, b); };
  int64_t columns = moe.columnsDim();
  Dims second = dims.of(moe.getSecond());
  Dim choices = times(dims.of(moe.getTokens())[0], dims.of(moe.getExperts())[1]);
  Dim width = moe.isQuantized() ? arith.constant(moe.secondLayer().depth) : second[1];
  int64_t ofWord = 32 / multipliedType(moe).getIntOrFloatBitWidth();
  Dim inner = parts(times(choices, width), ofWord), results = parts(times(choices, second[columns]), ofWord);
  scratch.push_back(arith.add(loc, times(choices, arith.constant(5)), arith.constant(1)));
  scratch.push_back(inner);
  if (moe.getGate() != ExpertGate::none)
    results =
        arith.max(loc, results,
                  times(choices, moe.getGate() == ExpertGate::alternating ? dims.of(moe.getFirst())[columns] : width));
  scratch.push_back(results);
}

void KernelWriter::collect() {
  body = llvm::to_vector(llvm::reverse(group.ops.getArrayRef()));
  llvm::sort(body, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::SmallPtrSet<Operation *, 16> inside(body.begin(), body.end());
  for (Operation *op : body)
    for (OpOperand &use : op->getOpOperands()) {
      Value operand = use.get();
      if (inside.contains(operand.getDefiningOp()) || (isSplat(operand.getDefiningOp()) && !readsMemory(use)))
        continue;
      if (isa<RankedTensorType>(operand.getType()))
        tensors.insert(operand);
      else if (!getConstantIntValue(operand))
        sizes.insert(checkedEqual(operand));
    }
}

DenseI64ArrayAttr KernelWriter::sizesOf(ArrayRef<Dim> tensorDims, RankedTensorType type) {
  SmallVector<int64_t> numbers;
  for (auto [i, dim] : llvm::enumerate(tensorDims)) {
    if (!type.isDynamicDim(i)) {
      numbers.push_back(-1);
      continue;
    }
    Value value = checkedEqual(arith.value(group.root->getLoc(), dim));
    auto *found = llvm::find(sizes, value);
    numbers.push_back(tensors.size() + (found - sizes.begin()));
  }
  return host.getDenseI64ArrayAttr(numbers);
}

void KernelWriter::write(func::FuncOp kernel) {
  collect();
  planLookups();
  planSplits(group.anchor ? group.anchor : group.root);
  llvm::TypeSwitch<Operation *, void>(group.anchor ? group.anchor : group.root)
      .Case<MatMulOp>(
          [&](MatMulOp op) { planProduct(op.getLhs(), op.getRhs(), op.getTransposeA(), op.getTransposeB()); })
      .Case<LinearOp>([&](LinearOp op) {
        planProduct(op.getInput(), op.getWeight(), false, false);
        if (group.partner)
          planPartner(cast<LinearOp>(group.partner).getWeight());
      })
      .Case<MatMulIntegerOp>([&](MatMulIntegerOp op) { planIntegerProduct(op); })
      .Case<AttentionOp>([&](AttentionOp op) { planAttention(op); })
      .Case<LinearAttentionOp>([&](LinearAttentionOp op) { planLinearAttention(op); })
      .Case<MoEOp>([&](MoEOp op) { planExperts(op); });

  for (Value tensor : tensors)
    for (Dim dim : Dims(dims.of(tensor)))
      if (!SizeArith::asConstant(dim))
        size(dim);
  for (Value result : group.root->getResults())
    for (auto [i, dim] : llvm::enumerate(Dims(dims.of(result))))
      if (typeOf(result).isDynamicDim(i))
        size(dim);
  for (Dim elements : scratch)
    size(elements);

  // Signature.
  SmallVector<Type> inputs;
  for (Value tensor : tensors)
    inputs.push_back(tensor.getType());
  inputs.append(sizes.size(), host.getIndexType());
  resultTypes = llvm::to_vector(group.root->getResultTypes());
  auto scratchType = RankedTensorType::get({ShapedType::kDynamic}, host.getF32Type());
  resultTypes.append(scratch.size(), scratchType);
  kernel.setFunctionType(host.getFunctionType(inputs, resultTypes));
  kernel.setPrivate();
  kernel->setAttr("transformer.kernel", host.getUnitAttr());
  Block *entry = kernel.addEntryBlock();
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    kernel.setArgAttr(i, "transformer.sizes", sizesOf(dims.of(tensor), typeOf(tensor)));
    if (Attribute layout = panels.lookup(tensor))
      kernel.setArgAttr(i, "transformer.panels", layout);
  }
  for (auto [i, result] : llvm::enumerate(group.root->getResults()))
    kernel.setResultAttr(i, "transformer.sizes", sizesOf(dims.of(result), typeOf(result)));
  if (group.anchor && group.anchor->hasAttr("transformer.in_place")) {
    auto *written = llvm::find(tensors, group.anchor->getOperand(0));
    kernel->setAttr("transformer.in_place", host.getI64IntegerAttr(written - tensors.begin()));
  }
  for (auto [i, elements] : llvm::enumerate(scratch)) {
    size_t number = group.root->getNumResults() + i;
    kernel.setResultAttr(number, "transformer.sizes", sizesOf({elements}, scratchType));
    kernel.setResultAttr(number, "transformer.scratch", host.getUnitAttr());
  }

  // Body.
  OpBuilder builder(kernel.getContext());
  builder.setInsertionPointToEnd(entry);
  IRMapping map;
  for (auto [i, value] : llvm::enumerate(llvm::concat<const Value>(tensors.getArrayRef(), sizes.getArrayRef())))
    map.map(value, entry->getArgument(i));
  Location loc = UnknownLoc::get(kernel.getContext());
  for (Operation *op : body) {
    for (Value operand : op->getOperands())
      if (!map.contains(operand)) {
        if (isSplat(operand.getDefiningOp()))
          builder.clone(*operand.getDefiningOp(), map)->setLoc(loc);
        else if (auto number = getConstantIntValue(operand); number && operand.getType().isIndex())
          map.map(operand, arith::ConstantIndexOp::create(builder, loc, *number).getResult());
        else if (operand.getType().isIndex())
          map.map(operand, map.lookup(checkedEqual(operand)));
      }
    // Its location stays: what goes wrong with the kernel names the node.
    Operation *copy = builder.clone(*op, map);
    if (op == group.anchor || op == group.partner)
      for (StringRef mark : anchorMarks)
        copy->setAttr(mark, builder.getUnitAttr());
    if (splits && op == (group.anchor ? group.anchor : group.root))
      copy->setAttr("transformer.splits", splits);
  }
  SmallVector<Value> results;
  for (Value result : group.root->getResults())
    results.push_back(map.lookup(result));
  for (Dim elements : scratch) {
    Value count = map.lookup(checkedEqual(arith.value(group.root->getLoc(), elements)));
    results.push_back(tensor::EmptyOp::create(builder, loc, scratchType, ValueRange{count}));
  }
  func::ReturnOp::create(builder, loc, results);

  operands.append(tensors.begin(), tensors.end());
  operands.append(sizes.begin(), sizes.end());
  for (Value result : group.root->getResults())
    for (auto [i, dim] : llvm::enumerate(Dims(dims.of(result))))
      if (typeOf(result).isDynamicDim(i))
        resultDims.push_back(arith.value(group.root->getLoc(), dim));
  for (Dim elements : scratch)
    resultDims.push_back(arith.value(group.root->getLoc(), elements));
}
