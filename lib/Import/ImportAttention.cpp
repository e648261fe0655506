//===- ImportAttention.cpp - Attention, RotaryEmbedding, LinearAttention --===//
//
// ONNX Attention (opsets 23 to 25), RotaryEmbedding (23) and LinearAttention (27)
// by the text of ONNX 1.23. What their ops do not say is imported through the
// operators' function bodies.
//
//===----------------------------------------------------------------------===//

#include "AttentionForms.h"

using namespace mlir;
using namespace transom;

FailureOr<Value> transom::splitHeads(NodeImport &n, Value x, int64_t heads) {
  Dims in = n.dims(x);
  auto width = tf::SizeArith::asConstant(in[2]);
  if (heads <= 0 || (width && *width % heads)) {
    (void)n.fail("a width of " + Twine(width.value_or(-1)) + " does not split into " + Twine(heads) + " heads");
    return failure();
  }
  Value y = n.reshape(x, {in[0], in[1], n.size(heads), n.sizes.floorDiv(n.loc, in[2], n.size(heads))});
  return n.transpose(y, {0, 2, 1, 3});
}

Value transom::mergeHeads(NodeImport &n, Value x) {
  Value y = n.transpose(x, {0, 2, 1, 3});
  Dims in = n.dims(y);
  return n.reshape(y, {in[0], in[1], n.sizes.mul(n.loc, in[2], in[3])});
}

FailureOr<Value> transom::makeAttention(NodeImport &n, const AttentionParts &p) {
  if (n.element(p.query).isF64()) {
    (void)n.fail("attention in f64 is not supported: it is computed in f32", "cast queries, keys and values to f32");
    return failure();
  }
  // Kernels keep a head's features in registers and on the stack.
  std::optional<int64_t> size = tf::SizeArith::asConstant(n.dims(p.query)[3]);
  if (!size || !tf::SizeArith::asConstant(n.dims(p.value)[3])) {
    (void)n.fail("the size of a head is not known when compiling",
                 "export the model with fixed widths of " +
                     StringRef(size ? "the values" : "queries, keys and values") + "; other dims may be dynamic");
    return failure();
  }
  float scale = p.scale == 0 ? 1.0 / std::sqrt(static_cast<double>(*size)) : p.scale;
  return n.make<tf::AttentionOp>(p.query, p.key, p.value, p.bias, p.mask, p.keyLengths, p.slopes, p.sinks,
                                 llvm::APFloat(scale), p.causal, llvm::APFloat(p.softcap), p.windowLeft, p.windowRight,
                                 /*score_rounding=*/nullptr, /*probability_rounding=*/nullptr);
}

Value transom::rotate(NodeImport &n, Value x, Value cos, Value sin, Value positions, int64_t rotaryDim,
                      bool interleaved) {
  if (positions) {
    cos = n.gather(cos, positions, 0);
    sin = n.gather(sin, positions, 0);
  }
  // ONNX lets a table be wider than what is rotated.
  int64_t width = tf::SizeArith::asConstant(n.dims(cos).back()).value_or(ShapedType::kDynamic);
  if (rotaryDim == 0)
    rotaryDim = ShapedType::isDynamic(width) ? n.shape(x).back() : 2 * width;
  if (width > rotaryDim / 2) {
    cos = n.slice(cos, 2, n.size(0), n.size(rotaryDim / 2));
    sin = n.slice(sin, 2, n.size(0), n.size(rotaryDim / 2));
  }
  return n.make<tf::RopeOp>(x, n.unsqueeze(cos, {1}), n.unsqueeze(sin, {1}), rotaryDim, interleaved);
}

namespace {
/// A mask shorter than the keys: what it does not say is masked away.
Value padMask(NodeImport &n, Value mask, Dim keys) {
  Dims dims = n.dims(mask);
  auto have = tf::SizeArith::asConstant(dims.back()), want = tf::SizeArith::asConstant(keys);
  if (!have || *have == 1 || !want || *have >= *want)
    return mask;
  Type e = n.element(mask);
  Value fill = n.scalar(e, e.isInteger(1) ? 0 : -std::numeric_limits<double>::infinity());
  Dims to = dims;
  to.back() = keys;
  return n.pad(tf::PadMode::constant, mask, fill, Dims(dims.size(), n.size(0)), to);
}

/// What the op of the model layer does not say: the scores as an output, windows
/// that let the future in, new keys that are not as many as the queries.
bool needsBody(NodeImport &n) {
  bool causal = n.integer("is_causal", 0) != 0;
  bool window = n.integer("left_window_size", -1) >= 0 || n.integer("right_window_size", -1) >= 0;
  // The op computes in f32.
  if (n.type(0).getElementType().isF64())
    return true;
  if (n.wants(3) || (window && !causal))
    return true;
  Value q = n.in(0), k = n.in(1);
  size_t sequence = n.rank(q) == 3 ? 1 : 2;
  return causal && n.has(4) && n.dims(q)[sequence] != n.dims(k)[sequence];
}

LogicalResult attention(NodeImport &n) {
  if (needsBody(n)) {
    LogicalResult result = success();
    if (n.importer.importFunctionBody(n, result))
      return result;
    return n.fail("qk_matmul_output, windows without is_causal, and new keys that are not as many as the queries are "
                  "not supported here");
  }
  AttentionParts p;
  p.query = n.in(0);
  p.key = n.in(1);
  p.value = n.in(2);
  bool flat = n.rank(p.query) == 3;
  if (flat) {
    int64_t heads = n.integer("q_num_heads", 0), kvHeads = n.integer("kv_num_heads", 0);
    auto q = splitHeads(n, p.query, heads), k = splitHeads(n, p.key, kvHeads), v = splitHeads(n, p.value, kvHeads);
    if (failed(q) || failed(k) || failed(v))
      return failure();
    p.query = *q;
    p.key = *k;
    p.value = *v;
  }
  bool past = n.has(4);
  if (past != n.has(5))
    return n.fail("past_key and past_value must come together");
  if (past) {
    p.key = n.concat({n.in(4), p.key}, 2);
    p.value = n.concat({n.in(5), p.value}, 2);
  }
  n.out(1, p.key);
  n.out(2, p.value);
  if (Value mask = n.in(3)) {
    if (isa<IntegerType>(n.element(mask)) && !n.element(mask).isInteger(1))
      mask = n.cast(mask, n.element(p.query)); // added as every number is
    mask = padMask(n, mask, n.dims(p.key)[2]);
    (n.element(mask).isInteger(1) ? p.mask : p.bias) = mask;
  }
  p.keyLengths = n.in(6);
  bool causal = n.integer("is_causal", 0) != 0;
  p.windowLeft = n.integer("left_window_size", -1);
  p.windowRight = n.integer("right_window_size", -1);
  if (causal || p.windowLeft >= 0 || p.windowRight >= 0) {
    // The first new query stands at `offset` keys: after the past, or at the
    // end of an external cache, or at 0.
    p.causal = past || p.keyLengths ? tf::CausalKind::bottom_right : tf::CausalKind::top_left;
  }
  p.scale = n.real("scale", 0.0f);
  p.softcap = n.real("softcap", 0.0f);
  auto result = makeAttention(n, p);
  if (failed(result))
    return failure();
  n.out(0, flat ? mergeHeads(n, *result) : *result);
  return success();
}

LogicalResult rotaryEmbedding(NodeImport &n) {
  Value x = n.in(0);
  int64_t rotaryDim = n.integer("rotary_embedding_dim", 0);
  bool interleaved = n.integer("interleaved", 0) != 0, flat = n.rank(x) == 3;
  if (flat) {
    auto heads = splitHeads(n, x, n.integer("num_heads", 0));
    if (failed(heads))
      return failure();
    x = *heads;
  }
  Value y = rotate(n, x, n.in(1), n.in(2), n.in(3), rotaryDim, interleaved);
  n.out(0, flat ? mergeHeads(n, y) : y);
  return success();
}

/// Queries [batch, kv heads, group, rows, features] of one member of each group, as those of all kv heads.
Value memberOf(NodeImport &n, Value grouped, Dim member) {
  Value part = n.slice(grouped, 2, member, n.size(1));
  return n.squeeze(part, {2});
}

/// The rule `linear`: S_t = S_{t-1} + k_t v_t, o_t = scale q_t S_t. The others forget or correct the state from row
/// to row, which the op does not say.
LogicalResult linearAttention(NodeImport &n) {
  if (n.string("update_rule", "gated_delta") != "linear") {
    LogicalResult result = success();
    if (n.importer.importFunctionBody(n, result))
      return result;
    return n.fail("the update rule '" + n.string("update_rule", "gated_delta") + "' is not supported here",
                  "linear, gated, delta or gated_delta");
  }
  int64_t heads = n.integer("q_num_heads", 0), kvHeads = n.integer("kv_num_heads", 0);
  if (heads <= 0 || kvHeads <= 0 || heads % kvHeads)
    return n.fail("q_num_heads " + Twine(heads) + " is no multiple of kv_num_heads " + Twine(kvHeads));
  auto q = splitHeads(n, n.in(0), heads), k = splitHeads(n, n.in(1), kvHeads), v = splitHeads(n, n.in(2), kvHeads);
  if (failed(q) || failed(k) || failed(v))
    return failure();
  double scale = n.real("scale", 0.0f);
  std::optional<int64_t> features = tf::SizeArith::asConstant(n.dims(*q)[3]);
  if (!features || !tf::SizeArith::asConstant(n.dims(*v)[3]))
    return n.fail("the size of a head is not known when compiling",
                  "export the model with fixed widths of queries, keys and values; other dims may be dynamic");
  if (scale == 0)
    scale = 1.0 / std::sqrt(static_cast<double>(*features));
  // The state may have another type than the rows: one that holds both.
  Value state = n.in(3);
  Type given = n.element(*q), stored = state ? n.element(state) : given;
  Type element = given == stored ? given : Type(n.builder.getF32Type());
  Value query = n.cast(*q, element), key = n.cast(*k, element), value = n.cast(*v, element);
  if (state)
    state = n.cast(state, element);
  query = n.binary(tf::BinaryKind::mul, query, n.scalar(element, scale));

  Dims rows = n.dims(query);
  if (state && n.rank(state) != 4)
    return n.fail("past_state has rank " + Twine(n.rank(state)), "batch, kv heads, features, width of the values");

  // Query heads of a group read one state: each member of the groups is an op on it, the first one updates it.
  int64_t group = heads / kvHeads;
  Value grouped = group == 1 ? Value() : n.reshape(query, {rows[0], n.size(kvHeads), n.size(group), rows[2], rows[3]});
  Value whole, present;
  SmallVector<Value> results;
  for (int64_t member = 0; member < group; ++member) {
    auto op = n.makeOp<tf::LinearAttentionOp>(Type(), Type(), Type(), tf::LinearReads::causal,
                                              group == 1 ? query : memberOf(n, grouped, n.size(member)), key, value,
                                              state, /*sums=*/Value(), /*epsilon=*/FloatAttr(), /*delta=*/false);
    if (!present)
      present = op.getNewState();
    if (group == 1)
      whole = op.getResult();
    else
      results.push_back(n.unsqueeze(op.getResult(), {2}));
  }
  if (group != 1) {
    whole = n.concat(results, 2);
    Dims out = n.dims(whole);
    whole = n.reshape(whole, {out[0], n.size(heads), out[3], out[4]});
  }
  n.out(0, mergeHeads(n, n.cast(whole, given)));
  n.out(1, n.cast(present, stored));
  return success();
}
} // namespace

void transom::addAttentionRules(RuleTable &rules) {
  rules["LinearAttention"] = linearAttention;
  rules["Attention"] = attention;
  rules["RotaryEmbedding"] = rotaryEmbedding;
}
