//===- ExportModelLayer.cpp - the model layer, written out ----------------===//
//
// In operators that training tools have gradients for, statistics in f32 as the
// dialect says.
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
Type elementOf(Value value) { return typeOf(value).getElementType(); }

Name exportLinear(GraphWriter &writer, tf::LinearOp op) {
  Type element = elementOf(op);
  // Weights may be narrower than what they are multiplied with.
  auto widened = [&](Value value) { return writer.cast(writer.of(value), elementOf(value), element); };
  Name result = writer.binary("MatMul", writer.of(op.getInput()), widened(op.getWeight()));
  if (op.getBias())
    result = writer.binary("Add", result, widened(op.getBias()));
  if (op.getActivation() != tf::UnaryKind::identity)
    result = exportUnary(writer, op.getActivation(), result, element);
  if (op.getResidual())
    result = writer.binary("Add", result, widened(op.getResidual()));
  return result;
}

/// MatMulNBits has blocks of powers of two from 16 on. One block that is the whole depth is as good within a longer
/// one.
llvm::Expected<Name> exportLinearNBits(GraphWriter &writer, tf::LinearNBitsOp op) {
  int64_t block = op.getBlockSize(), inFile = std::max<int64_t>(16, llvm::PowerOf2Ceil(block));
  Name weight = writer.of(op.getWeight());
  if (inFile != block) {
    if (typeOf(op.getWeight()).getDimSize(1) != 1)
      return writer.refuse(op, "it has blocks of " + llvm::Twine(block) +
                                   " weights, where MatMulNBits has powers of two from 16 on");
    int64_t missing = inFile * op.getBits() / 8 - typeOf(op.getWeight()).getDimSize(2);
    weight =
        writer.node("Pad", {weight, writer.integers({0, 0, 0, 0, 0, missing})}, {{"mode", std::string("constant")}});
  }
  std::vector<NodeAttribute> attributes = {{"K", static_cast<int64_t>(op.getK())},
                                           {"N", static_cast<int64_t>(op.getN())},
                                           {"bits", static_cast<int64_t>(op.getBits())},
                                           {"block_size", inFile}};
  std::vector<Name> inputs = {writer.of(op.getInput()), weight, writer.of(op.getScales()),
                              writer.optional(op.getZeros())};
  Name result = writer.node("MatMulNBits", inputs, attributes, "com.microsoft");
  return op.getBias() ? writer.binary("Add", result, writer.of(op.getBias())) : result;
}

/// x / sqrt(mean(x^2) + epsilon), of f32.
Name normalised(GraphWriter &writer, Name x, int64_t rank, int64_t axis, float epsilon, Type f32) {
  std::vector<int64_t> axes;
  for (int64_t i = axis; i < rank; ++i)
    axes.push_back(i);
  Name square = writer.binary("Mul", x, x);
  Name mean = writer.node("ReduceMean", {square, writer.integers(axes)}, {{"keepdims", int64_t(1)}});
  Name root = writer.node("Sqrt", {writer.binary("Add", mean, writer.scalar(f32, epsilon))});
  return writer.binary("Div", x, root);
}

template <typename Norm> Name exportNorm(GraphWriter &writer, Norm op) {
  Type element = elementOf(op), f32 = Float32Type::get(op.getContext());
  int64_t rank = typeOf(op).getRank(), axis = static_cast<int64_t>(op.getAxis());
  Name x = writer.cast(writer.of(op.getInput()), element, f32);
  if (std::is_same_v<Norm, tf::LayerNormOp>) {
    std::vector<int64_t> axes;
    for (int64_t i = axis; i < rank; ++i)
      axes.push_back(i);
    Name mean = writer.node("ReduceMean", {x, writer.integers(axes)}, {{"keepdims", int64_t(1)}});
    x = writer.binary("Sub", x, mean);
  }
  Name result = normalised(writer, x, rank, axis, op.getEpsilon().convertToFloat(), f32);
  if (op.getScale())
    result = writer.binary("Mul", result, writer.cast(writer.of(op.getScale()), elementOf(op.getScale()), f32));
  if constexpr (std::is_same_v<Norm, tf::LayerNormOp>)
    if (op.getBias())
      result = writer.binary("Add", result, writer.cast(writer.of(op.getBias()), elementOf(op.getBias()), f32));
  return writer.cast(result, f32, element);
}

Name exportRope(GraphWriter &writer, tf::RopeOp op) {
  RankedTensorType type = typeOf(op);
  int64_t rank = type.getRank(), features = type.getShape().back(), rotary = static_cast<int64_t>(op.getRotaryDim());
  int64_t half = rotary / 2;
  bool isInterleaved = op.getInterleaved();
  Name x = writer.of(op.getInput());
  auto part = [&](Name value, int64_t valueRank, bool second) {
    return isInterleaved ? writer.lastDim(value, valueRank, second, rotary, 2)
                         : writer.lastDim(value, valueRank, second ? half : 0, second ? rotary : half);
  };
  // Tables have a factor a pair, or one a feature.
  auto table = [&](Value value, bool second) {
    Name name = writer.cast(writer.of(value), elementOf(value), type.getElementType());
    return typeOf(value).getShape().back() == half ? name : part(name, typeOf(value).getRank(), second);
  };
  Name first = part(x, rank, false), second = part(x, rank, true);
  Name a = writer.binary("Sub", writer.binary("Mul", first, table(op.getCos(), false)),
                         writer.binary("Mul", second, table(op.getSin(), false)));
  Name b = writer.binary("Add", writer.binary("Mul", second, table(op.getCos(), true)),
                         writer.binary("Mul", first, table(op.getSin(), true)));
  std::vector<Name> parts = {a, b};
  if (isInterleaved) {
    Name axis = writer.integers({rank});
    Name pairs = writer.node("Concat", {writer.node("Unsqueeze", {a, axis}), writer.node("Unsqueeze", {b, axis})},
                             {{"axis", rank}});
    std::vector<int64_t> shape(rank, 0);
    shape.back() = rotary;
    parts = {writer.reshape(pairs, shape)};
  }
  if (rotary < features)
    parts.push_back(writer.lastDim(x, rank, rotary, features));
  return parts.size() == 1 ? parts.front() : writer.node("Concat", parts, {{"axis", rank - 1}});
}

/// Rows of a cache by position: one index an element of the update.
Name exportKVWrite(GraphWriter &writer, tf::KVWriteOp op) {
  int64_t axis = static_cast<int64_t>(op.getAxis()), rank = typeOf(op.getUpdate()).getRank();
  Name cache = writer.of(op.getCache()), update = writer.of(op.getUpdate());
  std::vector<int64_t> along(rank, 1), ofBatch(rank, 1);
  along[axis] = -1;
  ofBatch[0] = -1;
  Name position = writer.reshape(writer.counting(writer.dim(update, axis)), along);
  if (op.getStart()) {
    Type i64 = IntegerType::get(op.getContext(), 64);
    Name start = writer.cast(writer.of(op.getStart()), elementOf(op.getStart()), i64);
    position = writer.binary("Add", position, writer.reshape(start, ofBatch));
  }
  if (op.getCircular())
    position = writer.binary("Mod", position, writer.dim(cache, axis));
  Name indices = writer.node("Expand", {position, writer.node("Shape", {update})});
  return writer.node("ScatterElements", {cache, indices, update}, {{"axis", axis}});
}

} // namespace

llvm::Error transom::exportModelOp(GraphWriter &writer, Operation *op) {
  auto done = [&](Name name) {
    writer.define(op->getResult(0), std::move(name));
    return llvm::Error::success();
  };
  return llvm::TypeSwitch<Operation *, llvm::Error>(op)
      .Case([&](tf::LinearOp linear) { return done(exportLinear(writer, linear)); })
      .Case([&](tf::LinearNBitsOp linear) {
        llvm::Expected<Name> name = exportLinearNBits(writer, linear);
        return name ? done(std::move(*name)) : name.takeError();
      })
      .Case([&](tf::LayerNormOp norm) { return done(exportNorm(writer, norm)); })
      .Case([&](tf::RMSNormOp norm) { return done(exportNorm(writer, norm)); })
      .Case([&](tf::RopeOp rope) { return done(exportRope(writer, rope)); })
      .Case([&](tf::GLUOp glu) {
        Name gate = exportUnary(writer, glu.getActivation(), writer.of(glu.getGate()), elementOf(glu));
        return done(writer.binary("Mul", gate, writer.of(glu.getUp())));
      })
      .Case([&](tf::KVWriteOp write) { return done(exportKVWrite(writer, write)); })
      .Default([&](Operation *other) { return writer.refuse(other, "it is not of the model layer"); });
}
