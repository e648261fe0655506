//===- TensorDims.cpp - dims of tensors from their operands' dims ---------===//

#include "Transformer/Analysis/TensorDims.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::transformer;

std::pair<SmallVector<int64_t>, SmallVector<Value>> transom::transformer::splitDims(ArrayRef<Dim> dims) {
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  for (Dim dim : dims) {
    std::optional<int64_t> size = SizeArith::asConstant(dim);
    shape.push_back(size.value_or(ShapedType::kDynamic));
    if (!size)
      sizes.push_back(cast<Value>(dim));
  }
  return {shape, sizes};
}

const Dims &TensorDims::of(Value tensor) {
  auto found = known.find(tensor);
  if (found != known.end())
    return found->second;
  Dims dims = infer(tensor);
  return known[tensor] = std::move(dims);
}

Dims TensorDims::broadcast(Location loc, ValueRange values) {
  size_t rank = 0;
  for (Value value : values)
    rank = std::max<size_t>(rank, cast<RankedTensorType>(value.getType()).getRank());
  Dims result(rank, arith.constant(1));
  for (Value value : values) {
    Dims dims = of(value);
    for (auto [i, dim] : llvm::enumerate(dims)) {
      Dim &out = result[rank - dims.size() + i];
      out = arith.broadcast(loc, out, dim);
    }
  }
  return result;
}

/// Static dims of `type`, sizes in order for the dynamic ones.
static Dims mixed(SizeArith &arith, RankedTensorType type, ValueRange sizes) {
  Dims dims;
  size_t next = 0;
  for (int64_t dim : type.getShape()) {
    if (!ShapedType::isDynamic(dim)) {
      dims.push_back(arith.constant(dim));
      continue;
    }
    auto folded = getAsOpFoldResult(sizes[next++]);
    dims.push_back(folded);
  }
  return dims;
}

Dims TensorDims::infer(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Location loc = tensor.getLoc();
  Dims opaque;
  Operation *op = tensor.getDefiningOp();
  if (type.hasStaticShape() || !op) {
    for (int64_t i = 0; i < type.getRank(); ++i)
      opaque.push_back(arith.dimOf(loc, tensor, i));
    return opaque;
  }

  auto windowed = [&](Value input, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                      ArrayRef<int64_t> dilations, bool ceil, Dim channels) {
    Dims in = of(input), out = {in[0], channels};
    size_t spatial = strides.size();
    for (size_t i = 0; i < spatial; ++i) {
      int64_t offset = pads[i] + pads[i + spatial] - dilations[i] * (kernel[i] - 1) - 1;
      Dim room = arith.add(loc, in[i + 2], arith.constant(offset + (ceil ? strides[i] - 1 : 0)));
      Dim steps = arith.floorDiv(loc, room, arith.constant(strides[i]));
      Dim size = arith.add(loc, steps, arith.constant(1));
      if (ceil) { // a window starts inside the input or its left padding
        Dim start = arith.mul(loc, steps, arith.constant(strides[i]));
        Dim limit = arith.add(loc, in[i + 2], arith.constant(pads[i]));
        size = arith.sub(loc, size, arith.compare(loc, arith::CmpIPredicate::sge, start, limit));
      }
      out.push_back(size);
    }
    return out;
  };

  return TypeSwitch<Operation *, Dims>(op)
      .Case<ReshapeOp, BroadcastToOp, TileOp, SliceOp, PadOp, RangeOp, ResizeOp>(
          [&](auto sized) { return mixed(arith, type, sized.getDims()); })
      .Case<LaunchOp>([&](LaunchOp launch) {
        size_t first = 0;
        for (Value result : launch.getResults()) {
          if (result == tensor)
            break;
          first += cast<RankedTensorType>(result.getType()).getNumDynamicDims();
        }
        return mixed(arith, type, launch.getDims().drop_front(first));
      })
      .Case<UnaryOp, CastOp, BitcastOp, SoftmaxOp, CumSumOp, TriluOp, ScatterElementsOp, ScatterNDOp, LayerNormOp,
            RMSNormOp, RopeOp, KVWriteOp, QuantizeOp, DequantizeOp>([&](auto) { return of(op->getOperand(0)); })
      .Case<BinaryOp, CompareOp, SelectOp, GLUOp>([&](auto) { return broadcast(loc, op->getOperands()); })
      .Case<MatMulOp, MatMulIntegerOp>([&](auto product) {
        Dims a = of(product.getLhs()), b = of(product.getRhs());
        bool transposeA = op->hasAttr("transpose_a"), transposeB = op->hasAttr("transpose_b");
        Dim m = a[a.size() - (transposeA ? 1 : 2)], n = b[b.size() - (transposeB ? 2 : 1)];
        a.pop_back_n(2);
        b.pop_back_n(2);
        if (a.size() < b.size())
          std::swap(a, b);
        for (size_t i = 0; i < b.size(); ++i) {
          Dim &out = a[a.size() - b.size() + i];
          out = arith.broadcast(loc, out, b[i]);
        }
        a.append({m, n});
        return a;
      })
      .Case<LinearOp>([&](LinearOp linear) {
        Dims dims = of(linear.getInput());
        dims.back() = of(linear.getWeight())[1];
        return dims;
      })
      .Case<LinearNBitsOp>([&](LinearNBitsOp linear) {
        Dims dims = of(linear.getInput());
        dims.back() = arith.constant(linear.getN());
        return dims;
      })
      .Case<AttentionOp>([&](AttentionOp attention) {
        Dims dims = of(attention.getQuery());
        dims[3] = of(attention.getValue())[3];
        return dims;
      })
      .Case<LinearAttentionOp>([&](LinearAttentionOp attention) {
        Dims query = of(attention.getQuery());
        Dim width = of(attention.getValue())[3];
        if (tensor == attention.getResult())
          return Dims{query[0], query[1], query[2], width};
        Dims sums = {query[0], query[1], query[3]};
        if (tensor == attention.getNewState())
          sums.push_back(width);
        return sums;
      })
      .Case<MoEOp>(
          [&](MoEOp moe) { return Dims{Dims(of(moe.getTokens()))[0], Dims(of(moe.getSecond()))[moe.columnsDim()]}; })
      .Case<ConvOp>([&](ConvOp conv) {
        auto weight = cast<RankedTensorType>(conv.getWeight().getType());
        return windowed(conv.getInput(), weight.getShape().drop_front(2), conv.getStrides(), conv.getPads(),
                        conv.getDilations(), false, of(conv.getWeight())[0]);
      })
      .Case<PoolOp>([&](PoolOp pool) {
        return windowed(pool.getInput(), pool.getKernel(), pool.getStrides(), pool.getPads(), pool.getDilations(),
                        pool.getCeilMode(), of(pool.getInput())[1]);
      })
      .Case<ReduceOp>([&](ReduceOp reduce) {
        Dims out;
        for (auto [i, dim] : llvm::enumerate(Dims(of(reduce.getInput())))) {
          if (!llvm::is_contained(reduce.getAxes(), static_cast<int64_t>(i)))
            out.push_back(dim);
          else if (reduce.getKeepdims())
            out.push_back(arith.constant(1));
        }
        return out;
      })
      .Case<ArgReduceOp>([&](ArgReduceOp reduce) {
        Dims out = of(reduce.getInput());
        if (reduce.getKeepdims())
          out[reduce.getAxis()] = arith.constant(1);
        else
          out.erase(out.begin() + reduce.getAxis());
        return out;
      })
      .Case<TopKOp>([&](TopKOp topk) {
        Dims out = of(topk.getInput());
        out[topk.getAxis()] =
            topk.getK() ? getAsOpFoldResult(topk.getK()) : arith.constant(type.getDimSize(topk.getAxis()));
        return out;
      })
      .Case<TransposeOp>([&](TransposeOp transpose) {
        Dims in = of(transpose.getInput()), out;
        for (int64_t axis : transpose.getPerm())
          out.push_back(in[axis]);
        return out;
      })
      .Case<ConcatOp>([&](ConcatOp concat) {
        int64_t axis = concat.getAxis();
        Dims out = of(concat.getInputs()[0]);
        for (Value input : concat.getInputs().drop_front()) {
          Dims dims = of(input);
          for (size_t i = 0; i < dims.size(); ++i)
            if (static_cast<int64_t>(i) == axis)
              out[i] = arith.add(loc, out[i], dims[i]);
            else if (!SizeArith::asConstant(out[i]))
              out[i] = SizeArith::asConstant(dims[i]) ? dims[i] : out[i];
        }
        return out;
      })
      .Case<GatherOp>([&](GatherOp gather) {
        Dims data = of(gather.getInput()), out(data.begin(), data.begin() + gather.getAxis());
        llvm::append_range(out, Dims(of(gather.getIndices())));
        out.append(data.begin() + gather.getAxis() + 1, data.end());
        return out;
      })
      .Case<GatherElementsOp>([&](GatherElementsOp gather) { return of(gather.getIndices()); })
      .Case<GatherNDOp>([&](GatherNDOp gather) {
        Dims data = of(gather.getInput()), out = of(gather.getIndices());
        int64_t tuple = *SizeArith::asConstant(out.back());
        out.pop_back();
        out.append(data.begin() + gather.getBatchDims() + tuple, data.end());
        return out;
      })
      .Default([&](Operation *) {
        // Data-dependent sizes, results of if and loop: read off the tensor.
        for (int64_t i = 0; i < type.getRank(); ++i)
          opaque.push_back(arith.dimOf(loc, tensor, i));
        return opaque;
      });
}
