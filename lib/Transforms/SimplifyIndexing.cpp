//===- SimplifyIndexing.cpp - elements read and written where they stand --===//
//
// Expects the tensor layer. A gather whose indices are the position that the
// element has anyway becomes a view of its input, and a scatter to all
// positions its updates. Afterwards masks come from their inputs without index
// arithmetic. Lookups in dequantised tables make float only the rows that they
// find. Leaves all other gathers along one dim of a table, which are lookups.
//
//===----------------------------------------------------------------------===//

#include "IndexForm.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_SIMPLIFYINDEXING
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// Which dim of the result each dim of the source is read along; -1 for a
/// source dim of 1 that index 0 reads.
using Reading = SmallVector<int64_t>;

SizePolynomial polynomial(Dim dim) { return SizePolynomial::of(dim); }

/// `index` as the position along one dim, without start or step.
int64_t positionAlong(const IndexForm &index) {
  int64_t dim = index.onlyDim();
  return dim >= 0 && index.offset == 0 && index.coefficients[dim] == 1 ? dim : -1;
}

/// The parts that a concat along the last dim joins, as one form each.
std::optional<std::vector<IndexForm>> indexTuple(Value indices) {
  int64_t last = rankOf(indices) - 1;
  SmallVector<Value> parts;
  if (auto concat = indices.getDefiningOp<ConcatOp>(); concat && static_cast<int64_t>(concat.getAxis()) == last)
    parts.append(concat.getInputs().begin(), concat.getInputs().end());
  else
    parts.push_back(indices);
  std::vector<IndexForm> tuple;
  for (Value part : parts) {
    std::optional<IndexForm> form = typeOf(part).getShape().back() == 1 ? indexForm(part) : std::nullopt;
    if (!form)
      return std::nullopt;
    form->coefficients.pop_back();
    tuple.push_back(*form);
  }
  return tuple;
}

/// The reading of a source with dims `source` by one index a dim.
std::optional<Reading> readByTuple(ArrayRef<IndexForm> tuple, ArrayRef<Dim> source) {
  Reading reading;
  int64_t before = -1;
  for (auto [form, dim] : llvm::zip_equal(tuple, source)) {
    bool isOnly = SizeArith::asConstant(dim) == 1 && form.isConstant() && form.offset == 0;
    int64_t along = isOnly ? -1 : positionAlong(form);
    if (!isOnly && along <= before)
      return std::nullopt;
    before = isOnly ? before : along;
    reading.push_back(along);
  }
  return reading;
}

/// The reading of a source with dims `source` by row-major numbers.
std::optional<Reading> readByNumber(const IndexForm &number, ArrayRef<Dim> source) {
  if (!(number.offset == 0))
    return std::nullopt;
  Reading reading(source.size(), -1);
  SizePolynomial stride = 1;
  int64_t along = number.coefficients.size();
  for (int64_t i = source.size() - 1; i >= 0; --i) {
    if (SizeArith::asConstant(source[i]) == 1)
      continue;
    do
      --along;
    while (along >= 0 && number.coefficients[along] == 0);
    if (along < 0 || !(number.coefficients[along] == stride))
      return std::nullopt;
    reading[i] = along;
    stride = stride * polynomial(source[i]);
  }
  while (--along >= 0)
    if (!(number.coefficients[along] == 0))
      return std::nullopt;
  return reading;
}

class ViewBuilder {
public:
  ViewBuilder(Operation *op, OpBuilder &builder) : loc(op->getLoc()), builder(builder), arith(builder), dims(arith) {}

  const Dims &of(Value value) { return dims.of(value); }

  /// `source` read so, broadcast to the dims `result`. A shorter result reads the
  /// first elements, and says at run time that they are there.
  Value view(Value source, const Reading &reading, ArrayRef<Dim> result) {
    Dims from = of(source), part = from, narrow(result.size(), arith.constant(1));
    bool isPart = false;
    for (auto [i, along] : llvm::enumerate(reading)) {
      if (along < 0)
        continue;
      narrow[along] = part[i] = result[along];
      if (polynomial(from[i]) == polynomial(result[along]))
        continue;
      isPart = true;
      Value wanted = arith.value(loc, result[along]);
      Value there = arith.value(loc, arith.min(loc, from[i], result[along]));
      CheckSizesOp::create(builder, loc, there, wanted);
    }
    if (isPart) {
      SmallVector<int64_t> zeros(from.size(), 0), ones(from.size(), 1);
      auto [shape, sizes] = splitDims(part);
      source = SliceOp::create(builder, loc, typeOf(source).clone(shape), source, ValueRange{}, sizes,
                               builder.getDenseI64ArrayAttr(zeros), builder.getDenseI64ArrayAttr(ones));
    }
    auto [narrowShape, narrowSizes] = splitDims(narrow);
    if (typeOf(source).getShape() != ArrayRef<int64_t>(narrowShape))
      source = ReshapeOp::create(builder, loc, typeOf(source).clone(narrowShape), source, narrowSizes);
    auto [shape, sizes] = splitDims(result);
    if (typeOf(source).getShape() != ArrayRef<int64_t>(shape))
      source = BroadcastToOp::create(builder, loc, typeOf(source).clone(shape), source, sizes);
    return source;
  }

private:
  Location loc;
  OpBuilder &builder;
  SizeArith arith;
  TensorDims dims;
};

/// gather(reshape(x) to rows, row-major number of the position) -> a view of x.
struct GatherOfNumbers : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto flat = op.getInput().getDefiningOp<ReshapeOp>();
    RankedTensorType type = typeOf(op.getInput());
    bool isFlat = flat && op.getAxis() == 0 && rankOf(flat.getInput()) > 1 &&
                  llvm::all_of(type.getShape().drop_front(), [](int64_t dim) { return dim == 1; });
    if (!isFlat)
      return rewriter.notifyMatchFailure(op, "the input is no tensor in one row");
    std::optional<IndexForm> number = indexForm(op.getIndices());
    if (!number)
      return rewriter.notifyMatchFailure(op, "the indices do not count positions");
    ViewBuilder builder(op, rewriter);
    std::optional<Reading> reading = readByNumber(*number, builder.of(flat.getInput()));
    if (!reading)
      return rewriter.notifyMatchFailure(op, "the indices are not the row-major numbers of their positions");
    Dims result = builder.of(op.getResult());
    rewriter.replaceOp(op, builder.view(flat.getInput(), *reading, result));
    return success();
  }
};

/// gather_nd(x, (position 0, position 1, ...)) -> a view of x.
struct GatherOfTuples : OpRewritePattern<GatherNDOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherNDOp op, PatternRewriter &rewriter) const override {
    std::optional<std::vector<IndexForm>> tuple = indexTuple(op.getIndices());
    if (!tuple || op.getBatchDims() != 0 || static_cast<int64_t>(tuple->size()) != rankOf(op.getInput()))
      return rewriter.notifyMatchFailure(op, "the indices do not count positions of single elements");
    ViewBuilder builder(op, rewriter);
    std::optional<Reading> reading = readByTuple(*tuple, builder.of(op.getInput()));
    if (!reading)
      return rewriter.notifyMatchFailure(op, "the indices are not their own positions");
    Dims result = builder.of(op.getResult());
    rewriter.replaceOp(op, builder.view(op.getInput(), *reading, result));
    return success();
  }
};

/// scatter_nd set(x, (position 0, position 1, ...), updates) -> updates.
struct ScatterOfAll : OpRewritePattern<ScatterNDOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScatterNDOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != ScatterKind::set)
      return rewriter.notifyMatchFailure(op, "combines with what is there");
    if (op.getUpdates().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "the updates are not of the input's shape");
    std::optional<std::vector<IndexForm>> tuple = indexTuple(op.getIndices());
    if (!tuple || static_cast<int64_t>(tuple->size()) != rankOf(op))
      return rewriter.notifyMatchFailure(op, "the indices do not count positions of single elements");
    for (auto [dim, form] : llvm::enumerate(*tuple)) {
      bool isOnly = typeOf(op).getDimSize(dim) == 1 && form.isConstant() && form.offset == 0;
      if (!isOnly && positionAlong(form) != int64_t(dim))
        return rewriter.notifyMatchFailure(op, "the indices are not their own positions");
    }
    ViewBuilder builder(op, rewriter);
    for (auto [there, written] : llvm::zip_equal(Dims(builder.of(op.getInput())), Dims(builder.of(op.getUpdates()))))
      if (!sameSize(there, written))
        return rewriter.notifyMatchFailure(op, "the updates do not reach all of the input, or maybe");
    rewriter.replaceOp(op, op.getUpdates());
    return success();
  }
};

/// gather(dequantize(table), i) -> dequantize(gather(table, i)): rows become float, not tables.
struct LookupOfIntegers : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
    if (!dequantize || !isWeight(dequantize.getInput()))
      return rewriter.notifyMatchFailure(op, "the table is no dequantised weight");
    auto from = static_cast<int64_t>(op.getAxis()), along = static_cast<int64_t>(dequantize.getAxis());
    auto block = static_cast<int64_t>(dequantize.getBlockSize());
    auto isOne = [](Value parameter) { return !parameter || typeOf(parameter).getNumElements() == 1; };
    bool single = isOne(dequantize.getScale()) && isOne(dequantize.getZero());
    if (!single && along == from)
      return rewriter.notifyMatchFailure(op, "each row has a scale of its own");
    auto lookup = [&](Value table) -> Value {
      return GatherOp::create(rewriter, op.getLoc(), table, op.getIndices(), op.getAxis());
    };
    // A scale of each block has the table's rank.
    auto parameter = [&](Value value) { return value && block && !isOne(value) ? lookup(value) : value; };
    // The dim that is looked up becomes as many as the indices have.
    int64_t axis = along < from ? along : along + rankOf(op.getIndices()) - 1;
    Value rows = lookup(dequantize.getInput());
    rewriter.replaceOpWithNewOp<DequantizeOp>(op, op.getType(), rows, parameter(dequantize.getScale()),
                                              parameter(dequantize.getZero()), single ? 1 : axis, block);
    return success();
  }
};

struct SimplifyIndexing : transom::impl::SimplifyIndexingBase<SimplifyIndexing> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<GatherOfNumbers, GatherOfTuples, LookupOfIntegers, ScatterOfAll>(&getContext());
    // Once each: what a pattern asks about dims may leave index arithmetic behind.
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
