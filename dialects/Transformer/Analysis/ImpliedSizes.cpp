//===- ImpliedSizes.cpp - what ops ask of their operands' sizes -----------===//

#include "Transformer/Analysis/ImpliedSizes.h"
#include "Transformer/IR/Transformer.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::transformer;

void ImpliedSizes::same(Value a, Value b, ArrayRef<int64_t> but) {
  Dims first = dims.of(a), second = dims.of(b);
  for (auto [i, one, other] : llvm::enumerate(first, second))
    if (!llvm::is_contained(but, static_cast<int64_t>(i)))
      require(one, other);
}

void ImpliedSizes::broadcasts(Value operand, ArrayRef<Dim> target) {
  if (!operand)
    return;
  Dims own = dims.of(operand);
  ArrayRef<Dim> to = target.take_back(own.size());
  for (auto [dim, wanted] : llvm::zip(own, to))
    require(arith.broadcast(loc(), dim, wanted), wanted);
}

void ImpliedSizes::within(Value indices, Value data, uint64_t axis) {
  Dims own = dims.of(indices), all = dims.of(data);
  for (auto [i, size, limit] : llvm::enumerate(own, all))
    if (i != axis)
      atMost(size, limit);
}

void ImpliedSizes::of(Operation *op) {
  at = op;
  TypeSwitch<Operation *>(op)
      // Joining the dims checks them, also where the result's are known without.
      .Case<BinaryOp, CompareOp, SelectOp, GLUOp>([&](auto) { (void)dims.broadcast(loc(), op->getOperands()); })
      .Case<MatMulOp, MatMulIntegerOp>([&](auto product) {
        Dims a = dims.of(product.getLhs()), b = dims.of(product.getRhs());
        require(a[a.size() - (op->hasAttr("transpose_a") ? 2 : 1)], b[b.size() - (op->hasAttr("transpose_b") ? 1 : 2)]);
        (void)dims.of(product.getResult());
      })
      .Case<LinearOp>([&](LinearOp linear) {
        require(dims.of(linear.getInput()).back(), dims.of(linear.getWeight())[0]);
        broadcasts(linear.getBias(), Dims(dims.of(linear.getResult())));
        broadcasts(linear.getResidual(), Dims(dims.of(linear.getResult())));
      })
      .Case<LinearNBitsOp>([&](LinearNBitsOp linear) {
        require(dims.of(linear.getInput()).back(), arith.constant(linear.getK()));
        broadcasts(linear.getBias(), {arith.constant(linear.getN())});
      })
      .Case<ConvOp>([&](ConvOp conv) {
        Dims weight = dims.of(conv.getWeight());
        Dim group = arith.constant(conv.getGroup());
        require(dims.of(conv.getInput())[1], arith.mul(loc(), weight[1], group));
        require(arith.mul(loc(), arith.floorDiv(loc(), weight[0], group), group), weight[0]);
        if (conv.getBias())
          require(dims.of(conv.getBias())[0], weight[0]);
      })
      .Case<LayerNormOp>([&](LayerNormOp norm) {
        broadcasts(norm.getScale(), Dims(dims.of(norm.getInput())));
        broadcasts(norm.getBias(), Dims(dims.of(norm.getInput())));
      })
      .Case<RMSNormOp>([&](RMSNormOp norm) { broadcasts(norm.getScale(), Dims(dims.of(norm.getInput()))); })
      .Case<RopeOp>([&](auto) { ofRope(op); })
      .Case<AttentionOp>([&](auto) { ofAttention(op); })
      .Case<LinearAttentionOp>([&](auto) { ofLinearAttention(op); })
      .Case<MoEOp>([&](MoEOp experts) {
        same(experts.getExperts(), experts.getWeights());
        require(dims.of(experts.getExperts())[0], dims.of(experts.getTokens())[0]);
        if (!experts.isQuantized()) // the verifier knows those of quantised weights
          require(dims.of(experts.getTokens())[1], dims.of(experts.getFirst())[1]);
      })
      .Case<KVWriteOp>([&](KVWriteOp write) {
        // Whether rows lie in the cache depends on where they start: kernels see to that.
        same(write.getCache(), write.getUpdate(), static_cast<int64_t>(write.getAxis()));
        if (write.getStart())
          require(dims.of(write.getStart())[0], dims.of(write.getCache())[0]);
      })
      .Case<ConcatOp>([&](ConcatOp concat) {
        for (Value input : concat.getInputs().drop_front())
          same(concat.getInputs()[0], input, static_cast<int64_t>(concat.getAxis()));
      })
      .Case<GatherElementsOp>(
          [&](GatherElementsOp gather) { within(gather.getIndices(), gather.getInput(), gather.getAxis()); })
      .Case<GatherNDOp>([&](GatherNDOp gather) {
        for (size_t i = 0; i < gather.getBatchDims(); ++i)
          require(dims.of(gather.getIndices())[i], dims.of(gather.getInput())[i]);
      })
      .Case<ScatterElementsOp, ScatterNDOp>([&](auto) { ofScatter(op); })
      .Case<PadOp>([&](auto) { ofPad(op); })
      .Case<QuantizeOp, DequantizeOp>([&](auto quantised) {
        ofScale(quantised.getInput(), quantised.getScale(), quantised.getZero(), quantised.getAxis(),
                quantised.getBlockSize());
      });
}

void ImpliedSizes::ofRope(Operation *op) {
  auto rope = cast<RopeOp>(op);
  for (Value table : {rope.getCos(), rope.getSin()}) {
    Dims target = dims.of(rope.getInput());
    target.back() = dims.of(table).back();
    // A width that is not known is that of one factor a pair.
    require(target.back(), arith.constant(rope.getRotaryDim() / 2));
    broadcasts(table, target);
  }
}

void ImpliedSizes::ofAttention(Operation *op) {
  auto attention = cast<AttentionOp>(op);
  Dims query = dims.of(attention.getQuery()), key = dims.of(attention.getKey()), value = dims.of(attention.getValue());
  require(key[3], query[3]);
  require(value[1], key[1]);
  require(value[2], key[2]);
  require(arith.broadcast(loc(), key[0], query[0]), query[0]);
  require(arith.broadcast(loc(), value[0], query[0]), query[0]);
  Dim group = arith.floorDiv(loc(), query[1], arith.max(loc(), key[1], arith.constant(1)));
  require(arith.mul(loc(), group, key[1]), query[1]);
  Dims scores = {query[0], query[1], query[2], key[2]};
  broadcasts(attention.getBias(), scores);
  broadcasts(attention.getMask(), scores);
  for (Value perHead : {attention.getSlopes(), attention.getSinks()})
    if (perHead)
      require(dims.of(perHead)[0], query[1]);
  if (attention.getKeyLengths())
    require(dims.of(attention.getKeyLengths())[0], query[0]);
}

void ImpliedSizes::ofLinearAttention(Operation *op) {
  auto attention = cast<LinearAttentionOp>(op);
  Dims query = dims.of(attention.getQuery()), value = dims.of(attention.getValue());
  same(attention.getQuery(), attention.getKey(), 2);
  same(attention.getKey(), attention.getValue(), 3);
  if (attention.getReads() == LinearReads::causal)
    require(dims.of(attention.getKey())[2], query[2]);
  auto sized = [&](Value state, ArrayRef<Dim> wanted) {
    if (state)
      for (auto [is, to] : llvm::zip(Dims(dims.of(state)), wanted))
        require(is, to);
  };
  sized(attention.getState(), {query[0], query[1], query[3], value[3]});
  sized(attention.getSums(), {query[0], query[1], query[3]});
}

void ImpliedSizes::ofScatter(Operation *op) {
  Dims data = dims.of(op->getOperand(0)), indices = dims.of(op->getOperand(1)), updates = dims.of(op->getOperand(2));
  Dims wanted(indices);
  if (auto elements = dyn_cast<ScatterElementsOp>(op)) {
    within(elements.getIndices(), elements.getInput(), elements.getAxis());
  } else {
    wanted.pop_back();
    if (std::optional<int64_t> tuple = SizeArith::asConstant(indices.back()))
      wanted.append(data.begin() + *tuple, data.end());
  }
  for (auto [is, to] : llvm::zip(updates, wanted))
    require(is, to);
}

void ImpliedSizes::ofPad(Operation *op) {
  auto pad = cast<PadOp>(op);
  if (pad.getMode() == PadMode::constant)
    return;
  Dims in = dims.of(pad.getInput()), out = dims.of(pad.getResult());
  size_t moving = 0;
  for (auto [i, low] : llvm::enumerate(pad.getStaticLow())) {
    Dim before = ShapedType::isDynamic(low) ? Dim(pad.getLows()[moving++]) : arith.constant(low);
    Dim after = arith.sub(loc(), arith.sub(loc(), out[i], before), in[i]);
    // What is reflected does not repeat the last element; the others need one to repeat.
    bool isReflected = pad.getMode() == PadMode::reflect;
    Dim one = arith.constant(1);
    for (Dim size : {before, after})
      if (!arith.nonPositive(size))
        atMost(isReflected ? size : arith.min(loc(), size, one),
               isReflected ? arith.max(loc(), arith.sub(loc(), in[i], one), arith.constant(0)) : in[i]);
  }
}

void ImpliedSizes::ofScale(Value input, Value scale, Value zero, int64_t axis, int64_t block) {
  Dims in = dims.of(input);
  for (Value parameter : {scale, zero}) {
    if (!parameter)
      continue;
    Dims own = dims.of(parameter);
    if (own.empty())
      continue;
    if (block <= 0) {
      if (SizeArith::asConstant(own[0]) != 1)
        require(own[0], in[axis]);
      continue;
    }
    for (size_t i = 0; i < in.size(); ++i) {
      Dim blocks = arith.floorDiv(loc(), arith.add(loc(), in[i], arith.constant(block - 1)), arith.constant(block));
      require(own[i], static_cast<int64_t>(i) == axis ? blocks : in[i]);
    }
  }
}
