//===- OutlineKernels.cpp - groups of ops become shared kernels -----------===//
//
// Expects entry functions of the transformer dialect. Afterwards their
// computing ops are launches of kernels; what is left beside them are sizes,
// views, constants and control flow. Equal kernels are one function.
//
//===----------------------------------------------------------------------===//

#include "KernelWriter.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

namespace {

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
  Location loc = (group.anchor ? group.anchor : group.root)->getLoc();
  if (group.partner)
    loc = builder.getFusedLoc({loc, group.partner->getLoc()});
  func::FuncOp kernel = func::FuncOp::create(loc, "kernel", builder.getFunctionType({}, {}));
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
  auto launch =
      LaunchOp::create(builder, loc, writer.resultTypes, shared.getName(), writer.operands, writer.resultDims);
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
  std::list<KernelGroup> groups = groupKernels(block, dims, /*pairs=*/!tiles && options.panelColumns);
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
