//===- ImportContribAttention.cpp - attention of com.microsoft -----------===//
//
// Semantics follow ONNX Runtime's ContribOperators.md; unknown attributes are refused.
//
//===----------------------------------------------------------------------===//

#include "AttentionForms.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::Dim;

namespace {
/// Positions [B or 1, S] from com.microsoft's position_ids: one offset, or all.
Value positionsOf(NodeImport &n, Value ids, Dim length) {
  if (n.rank(ids) == 2)
    return ids;
  return n.unsqueeze(n.binary(BinaryKind::add, n.iota(length, n.element(ids)), ids), {0});
}

LogicalResult rotaryEmbedding(NodeImport &n) {
  if (failed(n.knows({"interleaved", "num_heads", "rotary_embedding_dim", "scale", "is_packed_batching"})))
    return failure();
  if (n.integer("is_packed_batching", 0))
    return n.fail("is_packed_batching is not supported");
  if (n.real("scale", 1.0f) != 1.0f)
    return n.fail("scale = " + std::to_string(n.real("scale", 1.0f)) + " is not supported", "scale the tables");
  Value x = n.in(0);
  bool flat = n.rank(x) == 3;
  int64_t rotaryDim = n.integer("rotary_embedding_dim", 0);
  if (flat) {
    int64_t heads = n.integer("num_heads", 0), table = n.shape(n.in(2)).back();
    auto width = tf::SizeArith::asConstant(n.dims(x)[2]);
    if (!heads && width && !ShapedType::isDynamic(table))
      heads = *width / (2 * table);
    auto split = splitHeads(n, x, heads);
    if (failed(split))
      return failure();
    x = *split;
  }
  Value positions = positionsOf(n, n.in(1), n.dims(x)[2]);
  Value y = rotate(n, x, n.in(2), n.in(3), positions, rotaryDim, n.integer("interleaved", 0) != 0);
  n.out(0, flat ? mergeHeads(n, y) : y);
  return success();
}

LogicalResult groupQueryAttention(NodeImport &n) {
  if (failed(n.knows({"num_heads", "kv_num_heads", "scale", "do_rotary", "rotary_interleaved", "local_window_size",
                      "softcap", "smooth_softmax", "k_quant_type", "v_quant_type", "kv_cache_bit_width", "qk_output",
                      "causal", "qk_norm_epsilon", "q_norm_epsilon", "k_norm_epsilon", "sliding_window_cache"})))
    return failure();
  if (n.integer("qk_output", 0) || n.wants(3))
    return n.fail("qk_output is not supported");
  if (n.string("k_quant_type", "NONE") != "NONE" || n.string("v_quant_type", "NONE") != "NONE" || n.has(12) ||
      n.has(13))
    return n.fail("a quantised cache is not supported", "k_quant_type and v_quant_type NONE are");
  if (n.integer("sliding_window_cache", 0))
    return n.fail("sliding_window_cache is not supported", "a cache of the whole sequence is");
  if (n.has(16))
    return n.fail("query_seqlens is not supported", "give the chunk without padding");
  if (n.has(14) != n.has(15))
    return n.fail("q_norm_weight and k_norm_weight must come together");
  int64_t heads = n.integer("num_heads", 0), kvHeads = n.integer("kv_num_heads", 0);
  Value query = n.in(0), key = n.in(1), value = n.in(2);
  if (!key) { // packed: heads + 2 kv_heads
    Dim size = n.sizes.floorDiv(n.loc, n.dims(query)[2], n.size(heads + 2 * kvHeads));
    Dim q = n.sizes.mul(n.loc, size, n.size(heads)), kv = n.sizes.mul(n.loc, size, n.size(kvHeads));
    Value packed = query;
    query = n.slice(packed, 2, n.size(0), q);
    key = n.slice(packed, 2, q, kv);
    value = n.slice(packed, 2, n.sizes.add(n.loc, q, kv), kv);
  }
  auto q = splitHeads(n, query, heads), k = splitHeads(n, key, kvHeads), v = splitHeads(n, value, kvHeads);
  if (failed(q) || failed(k) || failed(v))
    return failure();
  if (n.has(14)) { // each head is normalised before it is rotated
    float epsilon = n.real("qk_norm_epsilon", 1e-6f);
    *q = n.make<tf::RMSNormOp>(*q, n.in(14), 3, llvm::APFloat(n.real("q_norm_epsilon", epsilon)));
    *k = n.make<tf::RMSNormOp>(*k, n.in(15), 3, llvm::APFloat(n.real("k_norm_epsilon", epsilon)));
  }
  Type i64 = n.builder.getI64Type();
  Dim length = n.dims(*q)[2], batch = n.dims(*q)[0];
  n.require(n.dims(*k)[2], length);
  n.require(n.dims(*v)[2], length);
  // seqlens_k is the number of keys less one; new rows go where the past ends.
  Value lengths = n.binary(BinaryKind::add, n.cast(n.reshape(n.in(5), {batch}), i64), n.scalar(i64, 1));
  Value newRows = n.fromSizes({length}, RankedTensorType::get({1}, i64));
  Value past = n.binary(BinaryKind::max, n.binary(BinaryKind::sub, lengths, newRows), n.scalar(i64, 0));
  if (n.integer("do_rotary", 0)) {
    Value positions = n.in(9);
    if (!positions)
      positions = n.binary(BinaryKind::add, n.unsqueeze(past, {1}), n.unsqueeze(n.iota(length, i64), {0}));
    bool interleaved = n.integer("rotary_interleaved", 0) != 0;
    *q = rotate(n, *q, n.in(7), n.in(8), positions, 0, interleaved);
    *k = rotate(n, *k, n.in(7), n.in(8), positions, 0, interleaved);
  }
  if (n.has(3)) {
    auto total = n.sizesOf(6);
    if (failed(total))
      return failure();
    auto write = [&](size_t input, Value rows) {
      Value cache = n.in(input);
      Dims dims = n.dims(cache);
      dims[2] = n.sizes.max(n.loc, dims[2], (*total)[0]);
      Value grown = n.pad(tf::PadMode::constant, cache, Value(), Dims(4, n.size(0)), dims);
      return n.make<tf::KVWriteOp>(grown, rows, past, 2, false);
    };
    *k = write(3, *k);
    *v = write(4, *v);
  }
  n.out(1, *k);
  n.out(2, *v);
  AttentionParts p;
  p.query = *q;
  p.key = *k;
  p.value = *v;
  p.bias = n.in(10);
  p.sinks = n.in(11);
  p.keyLengths = n.binary(BinaryKind::add, past, newRows);
  if (n.integer("causal", 1))
    p.causal = tf::CausalKind::bottom_right;
  // The window counts the query's own position.
  if (int64_t window = n.integer("local_window_size", -1); window >= 0)
    p.windowLeft = std::max<int64_t>(window - 1, 0);
  p.scale = n.real("scale", 0.0f);
  p.softcap = n.real("softcap", 0.0f);
  if (n.integer("smooth_softmax", 0) && !p.sinks)
    p.sinks = n.broadcast(n.scalar(n.element(*q), 0), {n.size(heads)});
  auto result = makeAttention(n, p);
  if (failed(result))
    return failure();
  n.out(0, mergeHeads(n, *result));
  return success();
}

/// ONNX Runtime's mask_index: keys per batch, or 0 where a key is hidden, for all
/// queries or for each.
LogicalResult readMask(NodeImport &n, Value mask, Dim batch, AttentionParts &p) {
  if (n.rank(mask) == 1) {
    Dim count = n.dims(mask)[0];
    if (count == batch) {
      p.keyLengths = mask;
      return success();
    }
    if (count != n.sizes.mul(n.loc, batch, n.size(2)))
      return n.fail("a mask of key ranges is not supported",
                    "give one length per batch, ends and starts per batch, or a mask of 0 and 1");
    // Ends, then starts, of the keys that are seen.
    Dims shape(4, n.size(1)), each = shape;
    shape[3] = n.dims(p.key)[2];
    each[0] = batch;
    Value position = n.reshape(n.iota(shape[3], n.element(mask)), shape);
    Value end = n.reshape(n.slice(mask, 0, n.size(0), batch), each);
    Value start = n.reshape(n.slice(mask, 0, batch, batch), each);
    p.mask = n.binary(BinaryKind::and_, n.compare(tf::CompareKind::ge, position, start),
                      n.compare(tf::CompareKind::lt, position, end));
    return success();
  }
  Value real = n.compare(tf::CompareKind::ne, mask, n.scalar(n.element(mask), 0));
  if (n.rank(mask) > 3)
    return n.fail("a mask of " + Twine(n.rank(mask)) + " dims is not supported", "give it 1 to 3 dims");
  p.mask = n.rank(mask) == 2 ? n.unsqueeze(real, {1, 2}) : n.unsqueeze(real, {1});
  return success();
}

/// Causal, aligned with the last of all keys, those beyond a length as well.
void makeCausal(NodeImport &n, AttentionParts &p) {
  p.causal = tf::CausalKind::bottom_right;
  if (!p.keyLengths)
    return;
  Type element = n.element(p.keyLengths);
  Dims shape(4, n.size(1)), lengths = shape;
  shape[3] = n.dims(p.key)[2];
  lengths[0] = n.dims(p.keyLengths)[0];
  Value position = n.reshape(n.iota(shape[3], element), shape);
  p.mask = n.compare(tf::CompareKind::lt, position, n.reshape(p.keyLengths, lengths));
  p.keyLengths = Value();
}

/// Output 0: attention of these heads, with the node's mask, bias and attributes.
LogicalResult attend(NodeImport &n, AttentionParts &p, size_t maskInput, size_t biasInput) {
  if (Value mask = n.in(maskInput); mask && failed(readMask(n, mask, n.dims(p.query)[0], p)))
    return failure();
  p.bias = n.in(biasInput);
  p.scale = n.real("scale", 0.0f);
  if (n.integer("unidirectional", 0))
    makeCausal(n, p);
  auto result = makeAttention(n, p);
  if (failed(result))
    return failure();
  n.out(0, mergeHeads(n, *result));
  return success();
}

/// Attention of queries, keys and values side by side in the last dim; the
/// numbers say which inputs the mask, the past and the bias are.
LogicalResult attendPacked(NodeImport &n, Value packed, size_t maskInput, size_t pastInput, size_t biasInput) {
  int64_t heads = n.integer("num_heads", 0);
  int64_t width = n.shape(packed).back();
  if (ShapedType::isDynamic(width))
    return n.fail("the width of the packed weights must be known when compiling");
  Integers widths = n.integers("qkv_hidden_sizes").value_or(Integers(3, width / 3));
  if (widths.size() != 3 || widths[0] + widths[1] + widths[2] != width)
    return n.fail("the packed weights are " + Twine(width) + " wide, which is not the sum of qkv_hidden_sizes");
  SmallVector<Value, 3> parts;
  int64_t start = 0;
  for (int64_t part : widths) {
    auto split = splitHeads(n, n.slice(packed, 2, n.size(start), n.size(part)), heads);
    if (failed(split))
      return failure();
    parts.push_back(*split);
    start += part;
  }
  if (Value past = n.in(pastInput)) {
    for (int64_t i : {0, 1})
      parts[i + 1] = n.concat({n.squeeze(n.slice(past, 0, n.size(i), n.size(1)), {0}), parts[i + 1]}, 2);
  }
  if (n.wants(1))
    n.out(1, n.concat({n.unsqueeze(parts[1], {0}), n.unsqueeze(parts[2], {0})}, 0));
  AttentionParts p;
  p.query = parts[0];
  p.key = parts[1];
  p.value = parts[2];
  return attend(n, p, maskInput, biasInput);
}

/// Attention of one product with packed weights [I, Q + K + V].
LogicalResult packedAttention(NodeImport &n) {
  if (failed(n.knows({"num_heads", "unidirectional", "qkv_hidden_sizes", "mask_filter_value", "scale", "do_rotary",
                      "past_present_share_buffer", "rotary_embedding_dim"})))
    return failure();
  if (n.integer("do_rotary", 0) || n.integer("past_present_share_buffer", 0))
    return n.fail("do_rotary and past_present_share_buffer are not supported", "use GroupQueryAttention");
  if (n.has(6))
    return n.fail("past_sequence_length is not supported", "use GroupQueryAttention");
  Value packed = n.matmul(n.in(0), n.in(1));
  if (n.has(2))
    packed = n.binary(BinaryKind::add, packed, n.in(2));
  return attendPacked(n, packed, 3, 4, 5);
}

/// The same with an integer product.
LogicalResult quantisedAttention(NodeImport &n) {
  if (failed(n.knows(
          {"num_heads", "unidirectional", "mask_filter_value", "scale", "do_rotary", "past_present_share_buffer"})))
    return failure();
  if (n.integer("do_rotary", 0) || n.integer("past_present_share_buffer", 0))
    return n.fail("do_rotary and past_present_share_buffer are not supported");
  auto scalar = [&](size_t i) { // one number may come as a vector
    Value x = n.in(i);
    return x && n.rank(x) == 1 && n.typeOf(x).getDimSize(0) == 1 ? n.reshape(x, {}) : x;
  };
  Value product = n.make<tf::MatMulIntegerOp>(n.in(0), n.in(1), scalar(6), scalar(7));
  Value scale = n.binary(BinaryKind::mul, scalar(3), scalar(4));
  Value packed = n.binary(BinaryKind::mul, n.cast(product, n.element(scale)), scale);
  return attendPacked(n, n.binary(BinaryKind::add, packed, n.in(2)), 5, 8, 9);
}

/// MultiHeadAttention: query [B, S, H*D], key and value likewise or already
/// [B, H, S, D]; or keys with values, or all three, as [B, S, H, 2 or 3, D].
LogicalResult multiHeadAttention(NodeImport &n) {
  if (failed(n.knows({"num_heads", "scale", "mask_filter_value", "unidirectional"})))
    return failure();
  int64_t heads = n.integer("num_heads", 0);
  if (n.has(8) || n.has(9))
    return n.fail("past_sequence_length and cache_indirection are not supported", "use GroupQueryAttention");
  Value query = n.in(0), key = n.in(1), value = n.in(2);
  auto part = [&](Value packed, int64_t i) { // as [B, S, H*D]
    Dims dims = n.dims(packed);
    Value one = n.slice(packed, 3, n.size(i), n.size(1));
    return n.reshape(one, {dims[0], dims[1], n.sizes.mul(n.loc, dims[2], dims[4])});
  };
  bool all = n.rank(query) == 5, pair = !all && key && n.rank(key) == 5;
  if (all ? key || value : pair ? bool(value) : !key || !value)
    return n.fail("query, key and value are neither apart nor packed");
  if (all || pair) {
    Value packed = all ? query : key;
    int64_t next = 0;
    if (all)
      query = part(packed, next++);
    key = part(packed, next++);
    value = part(packed, next);
  }
  if (n.rank(query) != 3)
    return n.fail("a query of rank " + Twine(n.rank(query)) + " is not supported");
  Dims qd = n.dims(query);
  if (n.has(3)) {
    Value bias = n.in(3);
    Dim q = qd[2], rest = n.sizes.sub(n.loc, n.dims(bias)[0], n.sizes.mul(n.loc, q, n.size(2)));
    query = n.binary(BinaryKind::add, query, n.slice(bias, 0, n.size(0), q));
    if (n.rank(key) == 3)
      key = n.binary(BinaryKind::add, key, n.slice(bias, 0, q, q));
    if (n.rank(value) == 3)
      value = n.binary(BinaryKind::add, value, n.slice(bias, 0, n.sizes.mul(n.loc, q, n.size(2)), rest));
  }
  auto split = [&](Value x) { return n.rank(x) == 4 ? FailureOr<Value>(x) : splitHeads(n, x, heads); };
  auto q = split(query), k = split(key), v = split(value);
  if (failed(q) || failed(k) || failed(v))
    return failure();
  if (n.has(6)) {
    *k = n.concat({n.in(6), *k}, 2);
    *v = n.concat({n.in(7), *v}, 2);
  }
  n.out(1, *k);
  n.out(2, *v);
  AttentionParts p;
  p.query = *q;
  p.key = *k;
  p.value = *v;
  return attend(n, p, 4, 5);
}
} // namespace

void transom::addContribAttentionRules(RuleTable &rules) {
  rules["com.microsoft:RotaryEmbedding"] = rotaryEmbedding;
  rules["com.microsoft:GroupQueryAttention"] = groupQueryAttention;
  rules["com.microsoft:MultiHeadAttention"] = multiHeadAttention;
  rules["com.microsoft:Attention"] = packedAttention;
  rules["com.microsoft:QAttention"] = quantisedAttention;
}
