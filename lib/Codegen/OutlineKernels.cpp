//===- OutlineKernels.cpp - groups of ops become shared kernels -----------===//
//
// Expects entry functions of the transformer dialect. Afterwards their
// computing ops are launches of kernels; what is left beside them are sizes,
// views, constants and control flow. Equal kernels are one function.
//
//===----------------------------------------------------------------------===//

#include "KernelGroups.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "transom/Codegen/Passes.h"
#include "transom/Codegen/TileTable.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// One element, whatever the rank: held in the kernel's code.
bool isSplat(Operation *op) {
  auto constant = dyn_cast_if_present<ConstantOp>(op);
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  return dense && dense.isSplat();
}

/// Whether the operand has to lie in memory, a constant too.
bool readsMemory(OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned number = use.getOperandNumber();
  if (isa<LinearOp, MatMulIntegerOp>(op))
    return number < 2;
  if (isa<AttentionOp>(op))
    return number == 1 || number == 2;
  return isa<MatMulOp, LinearNBitsOp, ConvOp, PoolOp, ResizeOp, MoEOp>(op);
}

/// A constant and the type that it is stored in.
using StoredConstant = std::pair<Attribute, Type>;

/// What `value` is as one constant, rounded or not; null for others.
StoredConstant storedConstant(Value value) {
  if (!isWeight(value.getDefiningOp()))
    return {};
  Type element = typeOf(value).getElementType();
  if (auto rounded = value.getDefiningOp<CastOp>())
    value = rounded.getInput();
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? StoredConstant(constant.getValue(), element) : StoredConstant();
}

/// Weights that products read in panels, and the panels.
using PackedWeights = llvm::DenseMap<StoredConstant, DenseI64ArrayAttr>;

/// The function of one group while it is built.
class KernelWriter {
public:
  KernelWriter(KernelGroup &group, SizeArith &arith, TensorDims &dims, const OutlineKernelsOptions &options,
               const PackedWeights &packed, const TileTable *tiles, OpBuilder &host)
      : group(group), arith(arith), dims(dims), packed(packed), tiles(tiles), panelColumns(options.panelColumns),
        weightColumns(options.weightColumns), stagedBytes(options.stagedBytes), attentionParts(options.attentionParts),
        attentionRows(options.attentionRows), host(host) {}

  void write(func::FuncOp kernel);
  SmallVector<Value> operands;   ///< tensors, then sizes
  SmallVector<Value> resultDims; ///< one per `?` of the results
  SmallVector<Type> resultTypes;

private:
  void collect();
  void planProduct(Value lhs, Value rhs, bool transposeLhs, bool transposeRhs);
  void planSplits(Operation *product);
  void planIntegerProduct(MatMulIntegerOp op);
  Dim parts(Dim size, int64_t each);
  Dim panelCount(Dim size) { return parts(size, panelColumns); }
  void planAttention(AttentionOp attention);
  void planLinearAttention(LinearAttentionOp attention);
  void planExperts(MoEOp moe);
  void planSortedExperts(MoEOp moe);
  void planLookups();
  Value checkedEqual(Value size);
  Value size(Dim dim);
  DenseI64ArrayAttr sizesOf(ArrayRef<Dim> tensorDims, RankedTensorType type);

  KernelGroup &group;
  SizeArith &arith;
  TensorDims &dims;
  const PackedWeights &packed;
  const TileTable *tiles; ///< of a GPU
  int64_t panelColumns, weightColumns, stagedBytes, attentionParts, attentionRows;
  OpBuilder &host;
  SmallVector<Operation *> body; ///< producers before users
  llvm::SetVector<Value> tensors, sizes;
  llvm::DenseMap<Value, Attribute> panels; ///< packed weights
  llvm::DenseMap<Value, Value> equals;     ///< what was asked of `checkedEqual`
  SmallVector<Dim> scratch;
  SmallVector<StringRef> anchorMarks;
  DenseI64ArrayAttr splits; ///< of the anchor's depth
};

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

/// The weights of all products whose right operand is packed when it is written.
static PackedWeights packedWeights(ModuleOp module, int64_t columns) {
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
      .Case<LinearOp>([&](LinearOp op) { planProduct(op.getInput(), op.getWeight(), false, false); })
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
    if (op == group.anchor)
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

/// "linear", "attention", "add", ... : what a listing calls the kernel.
std::string stemOf(KernelGroup &group) {
  Operation *op = group.anchor ? group.anchor : group.root;
  if (auto unary = dyn_cast<UnaryOp>(op))
    return stringifyUnaryKind(unary.getKind()).str();
  if (auto binary = dyn_cast<BinaryOp>(op))
    return stringifyBinaryKind(binary.getKind()).str();
  return op->getName().stripDialect().str();
}

/// The kernels of a module, shared by its entry functions.
struct KernelTable {
  llvm::StringMap<func::FuncOp> known; ///< by printed form
  llvm::StringMap<unsigned> names;
};

class Outliner {
public:
  Outliner(ModuleOp module, func::FuncOp entry, const OutlineKernelsOptions &options, const PackedWeights &packed,
           const TileTable *tiles, KernelTable &kernels)
      : module(module), entry(entry), builder(module.getContext()), arith(builder), dims(arith), options(options),
        packed(packed), tiles(tiles), kernels(kernels) {}

  void run() {
    aliasSymbols();
    splitNonZero();
    copyResults(entry.getBody().front().getTerminator()->getOpOperands());
    entry.walk([&](LoopOp loop) { copyResults(loop.getBody().front().getTerminator()->getOpOperands().drop_front()); });
    outline(entry.getBody().front());
    eraseOutlined();
  }

private:
  void aliasSymbols();
  void splitNonZero();
  void copyResults(MutableArrayRef<OpOperand> operands);
  Value copyOf(Value value, Location loc);
  void outline(Block &block);
  void outlineGroup(KernelGroup &group);
  void eraseOutlined();

  ModuleOp module;
  func::FuncOp entry;
  OpBuilder builder;
  SizeArith arith;
  TensorDims dims;
  OutlineKernelsOptions options;
  const PackedWeights &packed;
  const TileTable *tiles;
  KernelTable &kernels;
  llvm::DenseMap<Value, Value> counts; ///< of nonzero's results
};

/// Dims of entry arguments that share a name are one size.
void Outliner::aliasSymbols() {
  SmallVector<tensor::DimOp> given;
  entry.walk([&](tensor::DimOp dim) { given.push_back(dim); });
  builder.setInsertionPointToStart(&entry.getBody().front());
  llvm::DenseMap<Attribute, Dim> symbols;
  for (BlockArgument argument : entry.getArguments())
    if (auto name = entry.getArgAttr(argument.getArgNumber(), "transformer.length"))
      symbols[name] = Dim(argument);
  for (BlockArgument argument : entry.getArguments()) {
    if (!isa<RankedTensorType>(argument.getType()))
      continue;
    auto names = entry.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "transformer.dims");
    for (int64_t i = 0; i < typeOf(argument).getRank(); ++i) {
      if (!typeOf(argument).isDynamicDim(i))
        continue;
      Attribute name = names ? names[i] : Attribute();
      bool named = name && !cast<StringAttr>(name).empty();
      auto found = named ? symbols.find(name) : symbols.end();
      if (found != symbols.end()) {
        arith.alias(argument, i, found->second);
        continue;
      }
      Dim dim = arith.dimOf(entry.getLoc(), argument, i);
      if (named)
        symbols[name] = dim;
    }
  }
  for (tensor::DimOp dim : given) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!argument || !index || argument.getOwner() != &entry.getBody().front())
      continue;
    dim.replaceAllUsesWith(arith.value(dim.getLoc(), arith.dimOf(dim.getLoc(), argument, *index)));
    dim.erase();
  }
}

/// Counts first, so that the host program knows the size of the result.
void Outliner::splitNonZero() {
  SmallVector<NonZeroOp> ops;
  entry.walk([&](NonZeroOp op) { ops.push_back(op); });
  for (NonZeroOp op : ops) {
    builder.setInsertionPoint(op);
    Location loc = op.getLoc();
    Value input = op.getInput();
    int64_t rank = typeOf(input).getRank();
    if (!typeOf(input).getElementType().isInteger(1)) {
      auto scalar = RankedTensorType::get({}, typeOf(input).getElementType());
      Value zero = ConstantOp::create(builder, loc,
                                      DenseElementsAttr::get(scalar, builder.getZeroAttr(scalar.getElementType())));
      input = CompareOp::create(builder, loc, CompareKind::ne, input, zero);
    }
    Value ones = CastOp::create(builder, loc, typeOf(input).clone(builder.getI64Type()), input);
    Value total = rank == 0 ? ones
                            : ReduceOp::create(builder, loc, ReduceKind::sum, ones,
                                               llvm::to_vector(llvm::seq<int64_t>(0, rank)), false)
                                  .getResult();
    counts[op.getResult()] = ToIndexOp::create(builder, loc, total, 0);
  }
}

/// Of a copy that is not the first of its value, on its op and then on its launch.
static constexpr StringLiteral copyNumber = "transformer.copy";

Value Outliner::copyOf(Value value, Location loc) { return UnaryOp::create(builder, loc, UnaryKind::identity, value); }

/// Whether a size is read from data after `op`.
static bool isReadAfter(Operation *op, Value size) {
  Operation *source = size.getDefiningOp();
  if (!source || source->getBlock() != op->getBlock() || source->isBeforeInBlock(op))
    return false;
  return isa<ToIndexOp>(source) ||
         (isa<arith::ArithDialect>(source->getDialect()) &&
          llvm::any_of(source->getOperands(), [&](Value operand) { return isReadAfter(op, operand); }));
}

/// Every result of the entry function, and what a loop's body gives the next
/// iteration, is written by a kernel of its own, maybe seen through reshapes:
/// copies arguments, constants, results of if and loop, what is returned twice,
/// what is made outside, and what is made before its dims are known. What a loop
/// only passes on stays.
void Outliner::copyResults(MutableArrayRef<OpOperand> operands) {
  if (operands.empty())
    return;
  Operation *end = operands.front().getOwner();
  builder.setInsertionPoint(end);
  llvm::SmallPtrSet<Value, 8> seen;
  llvm::SmallDenseMap<Value, int64_t> copies;
  for (OpOperand &operand : operands) {
    Value value = operand.get();
    if (!isa<RankedTensorType>(value.getType()))
      continue;
    SmallVector<Value> sizes;
    while (auto view = value.getDefiningOp<ReshapeOp>()) {
      llvm::append_range(sizes, view.getDims());
      value = view.getInput();
    }
    auto argument = dyn_cast<BlockArgument>(value);
    if (argument && argument.getOwner() == end->getBlock() && isa<LoopOp>(end->getParentOp()) &&
        argument.getArgNumber() == operand.getOperandNumber() + 1)
      continue;
    Operation *op = value.getDefiningOp();
    if (!op || isHostOp(op) || op->getBlock() != end->getBlock() || !seen.insert(value).second ||
        llvm::any_of(sizes, [&](Value size) { return isReadAfter(op, size); })) {
      Value copy = copyOf(operand.get(), end->getLoc());
      // Two copies are two memories: they may not become one for being equal.
      if (int64_t number = copies[value]++)
        copy.getDefiningOp()->setAttr(copyNumber, builder.getI64IntegerAttr(number));
      operand.set(copy);
    }
  }
}

void Outliner::outlineGroup(KernelGroup &group) {
  builder.setInsertionPoint(group.root);
  Attribute number = group.root->removeAttr(copyNumber);
  Operation *named = group.anchor ? group.anchor : group.root;
  func::FuncOp kernel = func::FuncOp::create(named->getLoc(), "kernel", builder.getFunctionType({}, {}));
  KernelWriter writer(group, arith, dims, options, packed, tiles, builder);
  writer.write(kernel);
  // Without locations: those of the first of equal kernels stand for all.
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.printGenericOpForm().useLocalScope();
  kernel->print(stream, flags);
  func::FuncOp &shared = kernels.known[text];
  if (shared) {
    kernel->erase();
  } else {
    std::string stem = stemOf(group);
    unsigned number = kernels.names[stem]++;
    kernel.setName(stem + "_" + std::to_string(number));
    module.getBody()->push_back(kernel);
    shared = kernel;
  }
  auto launch = LaunchOp::create(builder, named->getLoc(), writer.resultTypes, shared.getName(), writer.operands,
                                 writer.resultDims);
  if (number)
    launch->setAttr(copyNumber, number);
  for (auto [i, result] : llvm::enumerate(group.root->getResults())) {
    Dims shape = dims.of(result);
    result.replaceAllUsesWith(launch.getResult(i));
    dims.set(launch.getResult(i), shape);
  }
}

void Outliner::outline(Block &block) {
  SizeArith::Scope scope(arith);
  builder.setInsertionPointToStart(&block);
  for (BlockArgument argument : block.getArguments())
    if (isa<RankedTensorType>(argument.getType()))
      dims.of(argument);
  for (Operation &op : llvm::make_early_inc_range(block)) {
    // Sizes stand before the op they are the sizes of, so that they dominate the
    // launch in its place; those of `if` can only be read off its results.
    // Regions see only what stands before them.
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        outline(inner);
    builder.setInsertionPoint(&op);
    if (isa<IfOp, LoopOp>(op))
      builder.setInsertionPointAfter(&op);
    if (auto nonzero = dyn_cast<NonZeroOp>(op)) {
      int64_t rank = std::max<int64_t>(typeOf(nonzero.getInput()).getRank(), 1);
      Value count = counts.lookup(nonzero.getResult());
      dims.set(nonzero.getResult(), {arith.constant(rank), Dim(count)});
      for (Operation *user : llvm::make_early_inc_range(nonzero.getResult().getUsers()))
        if (auto dim = dyn_cast<tensor::DimOp>(user); dim && dim.getConstantIndex() == 1) {
          dim.replaceAllUsesWith(count); // goes with all that is not used
        }
    }
    for (Value result : op.getResults())
      if (isa<RankedTensorType>(result.getType()))
        dims.of(result);
  }
  std::list<KernelGroup> groups = groupKernels(block, dims);
  for (KernelGroup &group : groups)
    outlineGroup(group);
}

/// What has been outlined is unused now. Not before the end: the dims of values
/// are remembered by address.
void Outliner::eraseOutlined() {
  SmallVector<Operation *> ops;
  entry.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty() && op->getNumResults() && !isa<LaunchOp>(op) && isPure(op))
      op->erase();
}

struct OutlineKernels : transom::impl::OutlineKernelsBase<OutlineKernels> {
  using OutlineKernelsBase::OutlineKernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    KernelTable kernels;
    OutlineKernelsOptions options;
    options.panelColumns = panelColumns;
    options.weightColumns = weightColumns ? weightColumns : panelColumns;
    options.stagedBytes = stagedBytes;
    options.attentionParts = attentionParts;
    options.attentionRows = attentionRows;
    PackedWeights packed = packedWeights(module, options.weightColumns);
    std::optional<TileTable> tiles;
    if (!chip.empty()) {
      llvm::Expected<NVPTXTarget> target = NVPTXTarget::resolve(chip);
      if (!target) {
        module.emitError(llvm::toString(target.takeError()));
        return signalPassFailure();
      }
      tiles.emplace(std::move(*target), module->getAttrOfType<DictionaryAttr>("transformer.tiles"));
    }
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>()))
      if (function->hasAttr("transformer.entry"))
        Outliner(module, function, options, packed, tiles ? &*tiles : nullptr, kernels).run();
  }
};

} // namespace
