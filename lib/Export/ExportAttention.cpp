//===- ExportAttention.cpp - attention, written out -----------------------===//
//
// Scores [B, Hkv, Hq/Hkv, Sq, Sk] where query heads share keys and values, else
// [B, H, Sq, Sk]: keys and values broadcast and are not repeated.
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

class AttentionWriter {
public:
  AttentionWriter(GraphWriter &writer, tf::AttentionOp op)
      : writer(writer), op(op), element(typeOf(op).getElementType()), f32(Float32Type::get(op.getContext())),
        i64(IntegerType::get(op.getContext(), 64)), heads(typeOf(op.getQuery()).getShape()[1]),
        keyHeads(typeOf(op.getKey()).getShape()[1]) {}

  Name write();

private:
  Name f32Of(Value value) { return writer.cast(writer.of(value), typeOf(value).getElementType(), f32); }
  Name perHead(Value value) { return writer.reshape(f32Of(value), {1, heads, 1, 1}); }
  Name rounded(Name value, std::optional<ArrayRef<float>> rounding);
  /// i1 [.., Sq, Sk] or what broadcasts to it, true where a key is seen; "" for everywhere.
  Name seen();
  void both(Name &all, Name one) { all = all.empty() ? one : writer.binary("And", all, one); }

  GraphWriter &writer;
  tf::AttentionOp op;
  Type element, f32, i64;
  int64_t heads, keyHeads;
};

Name AttentionWriter::rounded(Name value, std::optional<ArrayRef<float>> rounding) {
  if (!rounding)
    return value;
  Name step = writer.scalar(f32, (*rounding)[0]);
  Name whole = writer.node("Round", {writer.binary("Div", value, step)});
  Name clamped = writer.node("Clip", {whole, writer.scalar(f32, (*rounding)[1]), writer.scalar(f32, (*rounding)[2])});
  return writer.binary("Mul", clamped, step);
}

Name AttentionWriter::seen() {
  Name all = op.getMask() ? writer.of(op.getMask()) : Name();
  int64_t left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  bool isCausal = op.getCausal() != tf::CausalKind::none;
  if (!isCausal && left < 0 && right < 0 && !op.getKeyLengths())
    return all;
  Name rows = writer.dim(writer.of(op.getQuery()), 2), columns = writer.dim(writer.of(op.getKey()), 2);
  Name key = writer.counting(columns); // [Sk]
  Name lengths;
  if (op.getKeyLengths()) {
    lengths = writer.cast(writer.of(op.getKeyLengths()), typeOf(op.getKeyLengths()).getElementType(), i64);
    lengths = writer.reshape(lengths, {-1, 1, 1, 1});
    both(all, writer.binary("Less", key, lengths));
  }
  // The key that each query stands at.
  Name query = writer.reshape(writer.counting(rows), {-1, 1}); // [Sq, 1]
  if (op.getCausal() == tf::CausalKind::bottom_right)
    query = writer.binary("Add", query, writer.binary("Sub", lengths.empty() ? columns : lengths, rows));
  if (isCausal)
    both(all, writer.binary("LessOrEqual", key, query));
  auto moved = [&](int64_t by) { return writer.binary("Add", query, writer.scalar(i64, static_cast<double>(by))); };
  if (left >= 0)
    both(all, writer.binary("GreaterOrEqual", key, moved(-left)));
  if (right >= 0)
    both(all, writer.binary("LessOrEqual", key, moved(right)));
  return all;
}

Name AttentionWriter::write() {
  Name query = writer.of(op.getQuery()), key = writer.of(op.getKey()), value = writer.of(op.getValue());
  int64_t each = heads / keyHeads, rank = each == 1 ? 4 : 5;
  if (each > 1) {
    // Zero keeps a dim.
    std::vector<int64_t> split = {0, keyHeads, each, -1, typeOf(op.getQuery()).getShape()[3]};
    query = writer.node("Reshape", {query, writer.integers(split)});
    Name axis = writer.integers({2});
    key = writer.node("Unsqueeze", {key, axis});
    value = writer.node("Unsqueeze", {value, axis});
  }
  std::vector<int64_t> perm(rank);
  for (int64_t i = 0; i < rank; ++i)
    perm[i] = i;
  std::swap(perm[rank - 1], perm[rank - 2]);
  Name scores = writer.binary("MatMul", query, writer.transpose(key, perm));
  scores = writer.cast(scores, element, f32);
  // Heads together again: biases and masks are of [B, Hq, Sq, Sk].
  auto together = [&](Name all) {
    if (each == 1)
      return all;
    Name shape =
        writer.node("Concat", {writer.dim(all, 0), writer.integers({heads}), writer.dim(all, 3), writer.dim(all, 4)},
                    {{"axis", int64_t(0)}});
    return writer.node("Reshape", {all, shape}, {{"allowzero", int64_t(1)}});
  };
  scores = together(rounded(scores, op.getScoreRounding()));
  scores = writer.multiplied(scores, f32, op.getScale().convertToFloat());
  if (float cap = op.getSoftcap().convertToFloat(); cap != 0)
    scores = writer.multiplied(writer.node("Tanh", {writer.multiplied(scores, f32, 1.0 / cap)}), f32, cap);
  if (op.getBias())
    scores = writer.binary("Add", scores, f32Of(op.getBias()));
  if (op.getSlopes()) {
    Name position = writer.cast(writer.counting(writer.dim(writer.of(op.getKey()), 2)), i64, f32);
    scores = writer.binary("Add", scores, writer.binary("Mul", perHead(op.getSlopes()), position));
  }
  Name mask = seen();
  // The least finite number, so that a row without keys is no NaN; it is made zeros after.
  if (!mask.empty())
    scores = writer.node("Where", {mask, scores, writer.scalar(f32, std::numeric_limits<float>::lowest())});
  Name probabilities;
  if (op.getSinks()) {
    // A column more, for the sum alone.
    Name one = writer.node("ReduceMax", {scores, writer.integers({3})}, {{"keepdims", int64_t(1)}});
    Name sink = writer.binary("Add", writer.multiplied(one, f32, 0), perHead(op.getSinks()));
    Name wide =
        writer.node("Softmax", {writer.node("Concat", {scores, sink}, {{"axis", int64_t(3)}})}, {{"axis", int64_t(3)}});
    probabilities = writer.node("Slice", {wide, writer.integers({0}), writer.integers({-1}), writer.integers({3})});
  } else {
    probabilities = writer.node("Softmax", {scores}, {{"axis", int64_t(3)}});
  }
  if (!mask.empty())
    probabilities = writer.node("Where", {mask, probabilities, writer.scalar(f32, 0)});
  probabilities = writer.cast(rounded(probabilities, op.getProbabilityRounding()), f32, element);
  if (each == 1)
    return writer.binary("MatMul", probabilities, value);
  Name shape = writer.node("Concat",
                           {writer.dim(probabilities, 0), writer.integers({keyHeads, each}),
                            writer.dim(probabilities, 2), writer.dim(probabilities, 3)},
                           {{"axis", int64_t(0)}});
  probabilities = writer.node("Reshape", {probabilities, shape}, {{"allowzero", int64_t(1)}});
  return together(writer.binary("MatMul", probabilities, value));
}

} // namespace

llvm::Error transom::exportAttention(GraphWriter &writer, tf::AttentionOp op) {
  for (Value operand : {op.getQuery(), op.getKey()})
    if (ShapedType::isDynamic(typeOf(operand).getShape()[1]) || ShapedType::isDynamic(typeOf(operand).getShape()[3]))
      return writer.refuse(op, "its heads or features are not known");
  writer.define(op, AttentionWriter(writer, op).write());
  return llvm::Error::success();
}
