//===- ExportTensors.cpp - elementwise functions, products, reductions ----===//

#include "GraphWriter.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;
using tf::BinaryKind;
using tf::CompareKind;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
Type elementOf(Value value) { return typeOf(value).getElementType(); }

/// The operator that is the function; "" where it takes several.
StringRef unaryOperator(UnaryKind kind) {
  switch (kind) {
  case UnaryKind::abs: return "Abs";
  case UnaryKind::neg: return "Neg";
  case UnaryKind::exp: return "Exp";
  case UnaryKind::log: return "Log";
  case UnaryKind::sqrt: return "Sqrt";
  case UnaryKind::reciprocal: return "Reciprocal";
  case UnaryKind::sin: return "Sin";
  case UnaryKind::cos: return "Cos";
  case UnaryKind::tan: return "Tan";
  case UnaryKind::asin: return "Asin";
  case UnaryKind::acos: return "Acos";
  case UnaryKind::atan: return "Atan";
  case UnaryKind::sinh: return "Sinh";
  case UnaryKind::cosh: return "Cosh";
  case UnaryKind::asinh: return "Asinh";
  case UnaryKind::acosh: return "Acosh";
  case UnaryKind::atanh: return "Atanh";
  case UnaryKind::erf: return "Erf";
  case UnaryKind::tanh: return "Tanh";
  case UnaryKind::sigmoid: return "Sigmoid";
  case UnaryKind::softplus: return "Softplus";
  case UnaryKind::ceil: return "Ceil";
  case UnaryKind::floor: return "Floor";
  case UnaryKind::round: return "Round";
  case UnaryKind::sign: return "Sign";
  case UnaryKind::isnan: return "IsNaN";
  case UnaryKind::isinf: return "IsInf";
  case UnaryKind::relu: return "Relu";
  case UnaryKind::identity: return "Identity";
  default: return "";
  }
}

Name exportBinary(GraphWriter &writer, tf::BinaryOp op) {
  Name a = writer.of(op.getLhs()), b = writer.of(op.getRhs());
  Type element = elementOf(op.getLhs());
  bool logical = element.isInteger(1);
  auto made = [&](StringRef type) { return writer.binary(type, a, b); };
  switch (op.getKind()) {
  case BinaryKind::add: return made("Add");
  case BinaryKind::sub: return made("Sub");
  case BinaryKind::mul: return made("Mul");
  case BinaryKind::div: return made("Div");
  case BinaryKind::pow: return made("Pow");
  case BinaryKind::min: return made("Min");
  case BinaryKind::max: return made("Max");
  case BinaryKind::and_: return made(logical ? "And" : "BitwiseAnd");
  case BinaryKind::or_: return made(logical ? "Or" : "BitwiseOr");
  case BinaryKind::xor_: return made(logical ? "Xor" : "BitwiseXor");
  case BinaryKind::shl: return writer.node("BitShift", {a, b}, {{"direction", std::string("LEFT")}});
  case BinaryKind::shr: return writer.node("BitShift", {a, b}, {{"direction", std::string("RIGHT")}});
  case BinaryKind::fmod: return writer.node("Mod", {a, b}, {{"fmod", int64_t(1)}});
  case BinaryKind::mod:
    if (!isa<FloatType>(element))
      return made("Mod");
    // ONNX's has the sign of the dividend for floats: x - y floor(x / y).
    return writer.binary("Sub", a, writer.binary("Mul", b, writer.node("Floor", {made("Div")})));
  }
  llvm_unreachable("no such kind");
}

Name exportComparison(GraphWriter &writer, tf::CompareOp op) {
  Name a = writer.of(op.getLhs()), b = writer.of(op.getRhs());
  switch (op.getKind()) {
  case CompareKind::eq: return writer.binary("Equal", a, b);
  case CompareKind::ne: return writer.node("Not", {writer.binary("Equal", a, b)});
  case CompareKind::lt: return writer.binary("Less", a, b);
  case CompareKind::le: return writer.binary("LessOrEqual", a, b);
  case CompareKind::gt: return writer.binary("Greater", a, b);
  case CompareKind::ge: return writer.binary("GreaterOrEqual", a, b);
  }
  llvm_unreachable("no such kind");
}

/// The tensor with its last two dims exchanged.
Name swapped(GraphWriter &writer, Value value) {
  std::vector<int64_t> perm;
  for (int64_t i = 0; i < typeOf(value).getRank(); ++i)
    perm.push_back(i);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return writer.transpose(writer.of(value), perm);
}

StringRef reduceOperator(ReduceKind kind) {
  switch (kind) {
  case ReduceKind::sum: return "ReduceSum";
  case ReduceKind::mean: return "ReduceMean";
  case ReduceKind::max: return "ReduceMax";
  case ReduceKind::min: return "ReduceMin";
  case ReduceKind::prod: return "ReduceProd";
  }
  llvm_unreachable("no such kind");
}

std::vector<int64_t> list(ArrayRef<int64_t> values) { return {values.begin(), values.end()}; }

/// A slope of quantisation per tensor or axis.
std::vector<NodeAttribute> axisOf(int64_t axis) { return {{"axis", axis}}; }

} // namespace

Name transom::exportUnary(GraphWriter &writer, UnaryKind kind, Name x, Type element) {
  StringRef direct = unaryOperator(kind);
  if (!direct.empty())
    return writer.node(direct, {x});
  auto sum = [&](Name a, double number) { return writer.binary("Add", a, writer.scalar(element, number)); };
  auto times = [&](Name a, double number) { return writer.multiplied(a, element, number); };
  switch (kind) {
  case UnaryKind::not_: return writer.node(element.isInteger(1) ? "Not" : "BitwiseNot", {x});
  case UnaryKind::rsqrt: return writer.node("Reciprocal", {writer.node("Sqrt", {x})});
  case UnaryKind::gelu:
    return writer.binary("Mul", times(x, 0.5), sum(writer.node("Erf", {times(x, std::sqrt(0.5))}), 1));
  case UnaryKind::gelu_tanh: {
    Name cube = writer.binary("Mul", writer.binary("Mul", x, x), x);
    Name inner = times(writer.binary("Add", x, times(cube, 0.044715)), std::sqrt(2 / 3.14159265358979323846));
    return writer.binary("Mul", times(x, 0.5), sum(writer.node("Tanh", {inner}), 1));
  }
  case UnaryKind::quick_gelu: return writer.binary("Mul", x, writer.node("Sigmoid", {times(x, 1.702)}));
  case UnaryKind::silu: return writer.binary("Mul", x, writer.node("Sigmoid", {x}));
  case UnaryKind::relu_squared: {
    Name positive = writer.node("Relu", {x});
    return writer.binary("Mul", positive, positive);
  }
  default: llvm_unreachable("the other kinds are operators");
  }
}

llvm::Error transom::exportTensorOp(GraphWriter &writer, Operation *op) {
  auto done = [&](Name name) {
    writer.define(op->getResult(0), std::move(name));
    return llvm::Error::success();
  };
  auto input = [&](unsigned i) { return writer.of(op->getOperand(i)); };
  return llvm::TypeSwitch<Operation *, llvm::Error>(op)
      .Case([&](tf::ConstantOp constant) {
        auto loc = dyn_cast<NameLoc>(constant.getLoc());
        return done(writer.constant(constant.getValue(), loc ? loc.getName().getValue() : "weight"));
      })
      .Case([&](tf::UnaryOp unary) {
        return done(exportUnary(writer, unary.getKind(), input(0), elementOf(unary.getInput())));
      })
      .Case([&](tf::BinaryOp binary) { return done(exportBinary(writer, binary)); })
      .Case([&](tf::CompareOp compare) { return done(exportComparison(writer, compare)); })
      .Case([&](tf::SelectOp) { return done(writer.node("Where", {input(0), input(1), input(2)})); })
      .Case([&](tf::CastOp convert) {
        return done(writer.cast(input(0), elementOf(convert.getInput()), elementOf(convert.getResult())));
      })
      .Case([&](tf::MatMulOp product) {
        Name a = product.getTransposeA() ? swapped(writer, product.getLhs()) : input(0);
        Name b = product.getTransposeB() ? swapped(writer, product.getRhs()) : input(1);
        return done(writer.binary("MatMul", a, b));
      })
      .Case([&](tf::MatMulIntegerOp product) {
        return done(writer.node("MatMulInteger", {input(0), input(1), writer.optional(product.getLhsZero()),
                                                  writer.optional(product.getRhsZero())}));
      })
      .Case([&](tf::ConvOp conv) {
        return done(writer.node("Conv", {input(0), input(1), writer.optional(conv.getBias())},
                                {{"strides", list(conv.getStrides())},
                                 {"pads", list(conv.getPads())},
                                 {"dilations", list(conv.getDilations())},
                                 {"group", static_cast<int64_t>(conv.getGroup())}}));
      })
      .Case([&](tf::PoolOp pool) -> llvm::Error {
        if (pool.getKind() != ReduceKind::max && pool.getKind() != ReduceKind::mean)
          return writer.refuse(op, "it is neither a maximum nor a mean");
        bool isMax = pool.getKind() == ReduceKind::max;
        std::vector<NodeAttribute> attributes = {{"kernel_shape", list(pool.getKernel())},
                                                 {"strides", list(pool.getStrides())},
                                                 {"pads", list(pool.getPads())},
                                                 {"dilations", list(pool.getDilations())},
                                                 {"ceil_mode", int64_t(pool.getCeilMode())}};
        if (!isMax)
          attributes.push_back({"count_include_pad", int64_t(pool.getCountPad())});
        return done(writer.node(isMax ? "MaxPool" : "AveragePool", {input(0)}, attributes));
      })
      .Case([&](tf::ReduceOp reduce) {
        return done(writer.node(reduceOperator(reduce.getKind()), {input(0), writer.integers(reduce.getAxes())},
                                {{"keepdims", int64_t(reduce.getKeepdims())}}));
      })
      .Case([&](tf::ArgReduceOp reduce) {
        return done(writer.node(reduce.getKind() == ReduceKind::max ? "ArgMax" : "ArgMin", {input(0)},
                                {{"axis", static_cast<int64_t>(reduce.getAxis())},
                                 {"keepdims", int64_t(reduce.getKeepdims())},
                                 {"select_last_index", int64_t(reduce.getSelectLast())}}));
      })
      .Case([&](tf::SoftmaxOp softmax) {
        return done(writer.node(softmax.getLog() ? "LogSoftmax" : "Softmax", {input(0)},
                                {{"axis", static_cast<int64_t>(softmax.getAxis())}}));
      })
      .Case([&](tf::CumSumOp sums) -> llvm::Error {
        if (sums.getProduct())
          return writer.refuse(op, "prefix products");
        Name axis = writer.scalar(IntegerType::get(op->getContext(), 64), static_cast<double>(sums.getAxis()));
        return done(
            writer.node("CumSum", {input(0), axis},
                        {{"exclusive", int64_t(sums.getExclusive())}, {"reverse", int64_t(sums.getReverse())}}));
      })
      .Case([&](tf::TopKOp top) -> llvm::Error {
        int64_t axis = static_cast<int64_t>(top.getAxis());
        Name count = top.getK() ? writer.of(top.getK()) : writer.integers({typeOf(top.getValues()).getDimSize(axis)});
        std::vector<Name> results =
            writer.nodes("TopK", {input(0), count}, 2, {{"axis", axis}, {"largest", int64_t(top.getLargest())}});
        writer.define(top.getValues(), results[0]);
        writer.define(top.getIndices(), results[1]);
        return llvm::Error::success();
      })
      .Case([&](tf::QuantizeOp quantize) -> llvm::Error {
        if (quantize.getBlockSize() != 0)
          return writer.refuse(op, "scales per block");
        Name zero =
            quantize.getZero() ? writer.of(quantize.getZero()) : writer.scalar(elementOf(quantize.getResult()), 0);
        if (!quantize.getZero() && typeOf(quantize.getScale()).getRank() > 0)
          zero = writer.node("Expand", {zero, writer.node("Shape", {input(1)})});
        return done(writer.node("QuantizeLinear", {input(0), input(1), zero},
                                axisOf(static_cast<int64_t>(quantize.getAxis()))));
      })
      .Case([&](tf::DequantizeOp dequantize) -> llvm::Error {
        if (dequantize.getBlockSize() != 0)
          return writer.refuse(op, "scales per block");
        return done(writer.node("DequantizeLinear", {input(0), input(1), writer.optional(dequantize.getZero())},
                                axisOf(static_cast<int64_t>(dequantize.getAxis()))));
      })
      .Default([&](Operation *other) {
        return writer.refuse(other, "there is no rule for " + Twine(other->getName().getStringRef()));
      });
}
