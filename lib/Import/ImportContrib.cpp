//===- ImportContrib.cpp - com.microsoft operators ------------------------===//
//
// What ONNX Runtime's optimiser and model builder write. Semantics follow
// ONNX Runtime's ContribOperators.md; unknown attributes are refused.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::UnaryKind;

namespace {
LogicalResult skipNorm(NodeImport &n, bool simplified) {
  if (failed(n.knows({"epsilon"})))
    return failure();
  Value sum = n.binary(BinaryKind::add, n.in(0), n.in(1));
  size_t bias = simplified ? 3 : 4;
  if (n.has(bias))
    sum = n.binary(BinaryKind::add, sum, n.in(bias));
  llvm::APFloat epsilon(n.real("epsilon", 1e-5f));
  int64_t axis = n.rank(sum) - 1;
  Value y = simplified ? n.make<tf::RMSNormOp>(sum, n.in(2), axis, epsilon)
                       : n.make<tf::LayerNormOp>(sum, n.in(2), n.in(3), axis, epsilon);
  if (n.wants(1) || n.wants(2))
    return n.fail("outputs mean and inv_std_var are not supported");
  n.out(0, y);
  n.out(3, sum);
  return success();
}
LogicalResult skipLayerNorm(NodeImport &n) { return skipNorm(n, false); }
LogicalResult skipRMSNorm(NodeImport &n) { return skipNorm(n, true); }

/// EmbedLayerNormalization: word + position + segment rows, then layer norm.
LogicalResult embedNorm(NodeImport &n) {
  if (failed(n.knows({"epsilon", "mask_index_type"})))
    return failure();
  Value ids = n.in(0);
  if (n.wants(1)) { // how many keys of each row there are
    Type i32 = n.builder.getI32Type();
    Value count;
    if (n.has(7)) {
      Value isKey = n.compare(tf::CompareKind::eq, n.in(7), n.scalar(n.element(n.in(7)), 1));
      count = n.reduce(tf::ReduceKind::sum, n.cast(isKey, i32), {1}, /*keepdims=*/false);
    } else {
      count = n.broadcast(n.scalar(i32, 0), {n.dims(ids)[0]});
    }
    n.out(1, count);
  }
  Value x = n.gather(n.in(2), ids, 0);
  Value positions = n.has(8) ? n.in(8) : n.unsqueeze(n.iota(n.dims(ids)[1], n.element(ids)), {0});
  x = n.binary(BinaryKind::add, x, n.gather(n.in(3), positions, 0));
  if (n.has(1) && n.has(4))
    x = n.binary(BinaryKind::add, x, n.gather(n.in(4), n.in(1), 0));
  n.out(2, x);
  n.out(0, n.make<tf::LayerNormOp>(x, n.in(5), n.in(6), n.rank(x) - 1, llvm::APFloat(n.real("epsilon", 1e-12f))));
  return success();
}

template <UnaryKind kind> LogicalResult activation(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  Value x = n.in(0);
  if (n.has(1))
    x = n.binary(BinaryKind::add, x, n.in(1));
  n.out(0, n.unary(kind, x));
  return success();
}

LogicalResult quickGelu(NodeImport &n) {
  if (failed(n.knows({"alpha"})))
    return failure();
  Value x = n.in(0);
  float alpha = n.real("alpha", 1.702f);
  if (alpha == 1.702f) {
    n.out(0, n.unary(UnaryKind::quick_gelu, x));
    return success();
  }
  Value gate = n.unary(UnaryKind::sigmoid, n.binary(BinaryKind::mul, x, n.scalar(n.element(x), alpha)));
  n.out(0, n.binary(BinaryKind::mul, x, gate));
  return success();
}

LogicalResult biasAdd(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  n.out(0, n.binary(BinaryKind::add, n.binary(BinaryKind::add, n.in(0), n.in(1)), n.in(2)));
  return success();
}

LogicalResult fusedMatMul(NodeImport &n) {
  if (failed(n.knows({"alpha", "transA", "transB", "transBatchA", "transBatchB"})))
    return failure();
  // The first dim moves behind the other batch dims.
  auto operand = [&](size_t i, StringRef name) {
    Value x = n.in(i);
    if (!n.integer(name, 0) || n.rank(x) < 3)
      return x;
    Integers perm;
    for (int64_t d = 1; d + 1 < n.rank(x); ++d)
      perm.push_back(d);
    perm.append({0, n.rank(x) - 1});
    return n.transpose(x, perm);
  };
  Value y = n.matmul(operand(0, "transBatchA"), operand(1, "transBatchB"), n.integer("transA", 0) != 0,
                     n.integer("transB", 0) != 0);
  float alpha = n.real("alpha", 1.0f);
  n.out(0, alpha == 1.0f ? y : n.binary(BinaryKind::mul, y, n.scalar(n.element(y), alpha)));
  return success();
}

/// Gemm with an activation behind it.
LogicalResult fusedGemm(NodeImport &n) {
  if (failed(n.knows({"alpha", "beta", "transA", "transB", "activation", "activation_alpha", "activation_beta",
                      "activation_gamma"})))
    return failure();
  std::string name = n.string("activation", "");
  std::optional<UnaryKind> kind = llvm::StringSwitch<std::optional<UnaryKind>>(name)
                                      .Case("", UnaryKind::identity)
                                      .Case("Relu", UnaryKind::relu)
                                      .Case("Tanh", UnaryKind::tanh)
                                      .Case("Sigmoid", UnaryKind::sigmoid)
                                      .Case("Softplus", UnaryKind::softplus)
                                      .Default(std::nullopt);
  if (!kind)
    return n.fail("activation '" + name + "' is not supported", "Relu, Tanh, Sigmoid and Softplus are");
  Value y = n.matmul(n.in(0), n.in(1), n.integer("transA", 0) != 0, n.integer("transB", 0) != 0);
  float alpha = n.real("alpha", 1.0f), beta = n.real("beta", 1.0f);
  if (alpha != 1.0f)
    y = n.binary(BinaryKind::mul, y, n.scalar(n.element(y), alpha));
  if (Value c = n.in(2))
    y = n.binary(BinaryKind::add, y, beta == 1.0f ? c : n.binary(BinaryKind::mul, c, n.scalar(n.element(c), beta)));
  n.out(0, n.unary(*kind, y));
  return success();
}

LogicalResult biasSoftmax(NodeImport &n) {
  if (failed(n.knows({"axis", "is_inner_broadcast"})))
    return failure();
  int64_t rank = n.rank(n.in(0));
  auto axis = n.axis(n.integer("axis", 1), rank);
  if (failed(axis))
    return failure();
  if (*axis != rank - 1)
    return n.fail("axis = " + Twine(*axis) + " of rank " + Twine(rank) + " is not supported", "the last one is");
  n.out(0, n.softmax(n.binary(BinaryKind::add, n.in(0), n.in(1)), *axis));
  return success();
}

/// The numbers of `bits` in the bytes of the last dim, the lower first, as bytes.
Value unpacked(NodeImport &n, Value bytes, int64_t bits) {
  if (bits == 8)
    return bytes;
  Type u8 = n.element(bytes);
  Dims dims = n.dims(bytes);
  int64_t each = 8 / bits;
  Integers places;
  for (int64_t i = 0; i < each; ++i)
    places.push_back(i * bits);
  Value apart = n.binary(BinaryKind::shr, n.unsqueeze(bytes, {n.rank(bytes)}), n.integersTensor(places, u8));
  apart = n.binary(BinaryKind::and_, apart, n.scalar(u8, (1 << bits) - 1));
  dims.back() = n.sizes.mul(n.loc, dims.back(), n.size(each));
  return n.reshape(apart, dims);
}

/// MatMulNBits' weights [N, K] where `g_idx` says which scale each of the K belongs to.
Value weightsByGroup(NodeImport &n, int64_t bits, int64_t k, int64_t columns) {
  Value scales = n.in(2), groups = n.in(4), zeros = n.in(3);
  Type e = n.element(scales);
  Dims packed = n.dims(n.in(1)), table = {n.size(columns), packed[1]};
  Value numbers = n.reshape(n.in(1), {packed[0], n.sizes.mul(n.loc, packed[1], packed[2])});
  numbers = n.slice(unpacked(n, numbers, bits), 1, n.size(0), n.size(k));
  scales = n.gather(n.reshape(scales, table), groups, 1);
  Value zero = n.scalar(e, 1 << (bits - 1));
  if (zeros) {
    bool isPacked = n.element(zeros).isInteger(8);
    if (isPacked) {
      Dim bytes = n.sizes.floorDiv(n.loc, n.sizes.product(n.loc, n.dims(zeros)), n.size(columns));
      zeros = n.slice(unpacked(n, n.reshape(zeros, {n.size(columns), bytes}), bits), 1, n.size(0), packed[1]);
    }
    zero = n.gather(n.cast(n.reshape(zeros, table), e), groups, 1);
  }
  return n.binary(BinaryKind::mul, n.binary(BinaryKind::sub, n.cast(numbers, e), zero), scales);
}

/// Rows of a table that is quantised in blocks. An index beyond it fails the run, as Gather's does.
LogicalResult gatherBlockQuantized(NodeImport &n) {
  if (failed(n.knows({"bits", "block_size", "quantize_axis", "gather_axis"})))
    return failure();
  Value data = n.in(0), scales = n.in(2), zeros = n.in(3);
  auto from = n.axis(n.integer("gather_axis", 0), n.rank(data));
  auto along = n.axis(n.integer("quantize_axis", 1), n.rank(data));
  if (failed(from) || failed(along))
    return failure();
  Type e = n.element(data);
  bool bytes = e.isUnsignedInteger(8);
  int64_t bits = n.integer("bits", 4), block = n.integer("block_size", 128);
  if (!e.isInteger())
    return n.fail("tables of floats of 8 and 4 bits are not supported", "integers of 2, 4 and 8 bits are");
  if (bytes && bits != 2 && bits != 4 && bits != 8)
    return n.fail("bits = " + Twine(bits) + " is not supported", "2, 4 and 8 are");
  if (*from == *along)
    return n.fail("gather_axis and quantize_axis are the same");
  bool packed = bytes && bits < 8;
  if (packed && *along != n.rank(data) - 1)
    return n.fail("packed tables are quantised along the last axis only");
  Value indices = n.in(1);
  // The gathered axis becomes as many as the indices have.
  int64_t axis = *along < *from ? *along : *along + n.rank(indices) - 1;
  Value rows = n.gather(data, indices, *from), steps = n.gather(scales, indices, *from), zero;
  if (zeros)
    zero = n.gather(zeros, indices, *from);
  if (packed) {
    rows = unpacked(n, rows, bits);
    if (zero)
      zero = n.slice(unpacked(n, zero, bits), axis, n.size(0), n.dims(steps)[axis]);
  }
  if (!zero && bytes)
    zero = n.broadcast(n.scalar(e, 1 << (bits - 1)), n.dims(steps));
  n.out(0, n.make<tf::DequantizeOp>(n.typeOf(rows).clone(n.element(steps)), rows, steps, zero, axis, block));
  return success();
}

LogicalResult matMulNBits(NodeImport &n) {
  if (failed(n.knows({"K", "N", "bits", "block_size", "accuracy_level", "weight_prepacked"})))
    return failure();
  int64_t bits = n.integer("bits", 4), block = n.integer("block_size", 32);
  if (n.integer("weight_prepacked", 0))
    return n.fail("prepacked weights are not supported", "save the weights in ONNX's layout");
  if (bits != 2 && bits != 4 && bits != 8)
    return n.fail("bits = " + Twine(bits) + " is not supported", "2, 4 and 8 are");
  if (block < 16 || !llvm::isPowerOf2_64(block))
    return n.fail("block_size = " + Twine(block) + " is not supported", "powers of two from 16 on are");
  if (Type e = n.type(0).getElementType(); !e.isF32() && !e.isF16() && !e.isBF16())
    return n.fail("an input of " + Twine(e.getIntOrFloatBitWidth()) + " bits is not supported",
                  "cast it to f32, f16 or bf16");
  if (n.has(4)) {
    Value y = n.matmul(n.in(0), weightsByGroup(n, bits, n.integer("K", 0), n.integer("N", 0)), false, true);
    n.out(0, n.has(5) ? n.binary(BinaryKind::add, y, n.in(5)) : y);
    return success();
  }
  n.out(0, n.make<tf::LinearNBitsOp>(n.in(0), n.in(1), n.in(2), n.in(3), n.in(5), bits, block, n.integer("K", 0),
                                     n.integer("N", 0)));
  return success();
}
} // namespace

void transom::addContribRules(RuleTable &rules) {
  rules["com.microsoft:SkipLayerNormalization"] = rules["SkipLayerNormalization"] = skipLayerNorm;
  rules["com.microsoft:SkipSimplifiedLayerNormalization"] = rules["SkipSimplifiedLayerNormalization"] = skipRMSNorm;
  rules["com.microsoft:SimplifiedLayerNormalization"] = rules["SimplifiedLayerNormalization"];
  rules["com.microsoft:EmbedLayerNormalization"] = embedNorm;
  rules["com.microsoft:Gelu"] = rules["com.microsoft:BiasGelu"] = activation<UnaryKind::gelu>;
  rules["com.microsoft:FastGelu"] = activation<UnaryKind::gelu_tanh>;
  rules["com.microsoft:QuickGelu"] = quickGelu;
  rules["com.microsoft:BiasAdd"] = biasAdd;
  rules["com.microsoft:FusedMatMul"] = fusedMatMul;
  rules["com.microsoft:FusedGemm"] = fusedGemm;
  rules["com.microsoft:BiasSoftmax"] = biasSoftmax;
  rules["com.microsoft:MatMulNBits"] = matMulNBits;
  rules["com.microsoft:GatherBlockQuantized"] = gatherBlockQuantized;
  addContribAttentionRules(rules);
  addExpertRules(rules);
}
