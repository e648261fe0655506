//===- ExportMovement.cpp - shapes and data movement ----------------------===//

#include "GraphWriter.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Numbers that are static, or, where INT64_MIN, the next of `dynamic`; as a vector.
Name mixed(GraphWriter &writer, ArrayRef<int64_t> fixed, ValueRange dynamic) {
  std::vector<Name> parts;
  for (int64_t number : fixed) {
    if (!ShapedType::isDynamic(number)) {
      parts.push_back(writer.integers({number}));
      continue;
    }
    parts.push_back(writer.of(dynamic.front()));
    dynamic = dynamic.drop_front();
  }
  return parts.size() == 1 ? parts.front() : writer.node("Concat", parts, {{"axis", int64_t(0)}});
}

Name exportSlice(GraphWriter &writer, tf::SliceOp op) {
  int64_t rank = typeOf(op.getInput()).getRank();
  if (rank == 0)
    return writer.of(op.getInput());
  Name size = writer.shape(typeOf(op), op.getDims());
  Name start = mixed(writer, op.getStaticStarts(), op.getStarts());
  std::vector<int64_t> axes, ends;
  bool isBackwards = llvm::any_of(op.getSteps(), [](int64_t step) { return step < 0; });
  for (int64_t i = 0; i < rank; ++i) {
    axes.push_back(i);
    ends.push_back(op.getSteps()[i] < 0 ? std::numeric_limits<int64_t>::min() + 1
                                        : std::numeric_limits<int64_t>::max());
  }
  Name steps = writer.integers(op.getSteps()), all = writer.integers(axes);
  if (!isBackwards) {
    Name end = writer.binary("Add", start, writer.binary("Mul", size, steps));
    return writer.node("Slice", {writer.of(op.getInput()), start, end, all, steps});
  }
  // Below the first element an end would count from the other side: as far as there is something, then the size.
  Name whole = writer.node("Slice", {writer.of(op.getInput()), start, writer.integers(ends), all, steps});
  return writer.node("Slice", {whole, writer.integers(std::vector<int64_t>(rank, 0)), size, all});
}

Name exportPad(GraphWriter &writer, tf::PadOp op) {
  Name low = mixed(writer, op.getStaticLow(), op.getLows());
  Name before = writer.node("Shape", {writer.of(op.getInput())}), after = writer.shape(typeOf(op), op.getDims());
  Name high = writer.binary("Sub", writer.binary("Sub", after, before), low);
  Name pads = writer.node("Concat", {low, high}, {{"axis", int64_t(0)}});
  Name value = writer.optional(op.getValue());
  if (!value.empty())
    value = writer.reshape(value, {});
  return writer.node("Pad", {writer.of(op.getInput()), pads, value}, {{"mode", stringifyPadMode(op.getMode()).str()}});
}

Name exportRange(GraphWriter &writer, tf::RangeOp op) {
  Type element = typeOf(op).getElementType(), i64 = IntegerType::get(op.getContext(), 64);
  Name count = writer.cast(writer.counting(writer.shape(typeOf(op), op.getDims())), i64, element);
  return writer.binary("Add", writer.of(op.getStart()), writer.binary("Mul", count, writer.of(op.getDelta())));
}

std::string reduction(tf::ScatterKind kind) {
  switch (kind) {
  case tf::ScatterKind::set: return "none";
  case tf::ScatterKind::add: return "add";
  case tf::ScatterKind::mul: return "mul";
  case tf::ScatterKind::min: return "min";
  case tf::ScatterKind::max: return "max";
  }
  llvm_unreachable("no such kind");
}

Name exportFromIndex(GraphWriter &writer, tf::FromIndexOp op) {
  std::vector<Name> parts;
  for (Value element : op.getElements())
    parts.push_back(writer.of(element));
  RankedTensorType type = typeOf(op);
  if (parts.empty())
    return writer.constant(DenseElementsAttr::get(type, ArrayRef<Attribute>()), "empty");
  Name all = parts.size() == 1 ? parts.front() : writer.node("Concat", parts, {{"axis", int64_t(0)}});
  all = writer.cast(all, IntegerType::get(op.getContext(), 64), type.getElementType());
  return type.getRank() == 1 ? all : writer.reshape(all, type.getShape());
}

} // namespace

llvm::Error transom::exportMovement(GraphWriter &writer, Operation *op) {
  auto done = [&](Name name) {
    writer.define(op->getResult(0), std::move(name));
    return llvm::Error::success();
  };
  auto input = [&](unsigned i) { return writer.of(op->getOperand(i)); };
  auto axis = [](auto of) { return NodeAttribute{"axis", static_cast<int64_t>(of.getAxis())}; };
  return llvm::TypeSwitch<Operation *, llvm::Error>(op)
      .Case([&](tf::ReshapeOp reshape) {
        return done(writer.node("Reshape", {input(0), writer.shape(typeOf(reshape), reshape.getDims())},
                                {{"allowzero", int64_t(1)}}));
      })
      .Case([&](tf::BroadcastToOp broadcast) {
        return done(writer.node("Expand", {input(0), writer.shape(typeOf(broadcast), broadcast.getDims())}));
      })
      .Case([&](tf::TileOp tile) {
        // How often: of nothing as often as one likes.
        Name before = writer.binary("Max", writer.node("Shape", {input(0)}), writer.integers({1}));
        Name times = writer.binary("Div", writer.shape(typeOf(tile), tile.getDims()), before);
        return done(writer.node("Tile", {input(0), times}));
      })
      .Case([&](tf::TransposeOp transpose) {
        ArrayRef<int64_t> perm = transpose.getPerm();
        return done(writer.transpose(input(0), {perm.begin(), perm.end()}));
      })
      .Case([&](tf::SliceOp slice) { return done(exportSlice(writer, slice)); })
      .Case([&](tf::ConcatOp concat) {
        std::vector<Name> parts;
        for (Value part : concat.getInputs())
          parts.push_back(writer.of(part));
        return done(writer.node("Concat", parts, {axis(concat)}));
      })
      .Case([&](tf::PadOp pad) { return done(exportPad(writer, pad)); })
      .Case([&](tf::GatherOp gather) { return done(writer.node("Gather", {input(0), input(1)}, {axis(gather)})); })
      .Case([&](tf::GatherElementsOp gather) {
        return done(writer.node("GatherElements", {input(0), input(1)}, {axis(gather)}));
      })
      .Case([&](tf::GatherNDOp gather) {
        return done(writer.node("GatherND", {input(0), input(1)},
                                {{"batch_dims", static_cast<int64_t>(gather.getBatchDims())}}));
      })
      .Case([&](tf::ScatterElementsOp scatter) {
        return done(writer.node("ScatterElements", {input(0), input(1), input(2)},
                                {axis(scatter), {"reduction", reduction(scatter.getKind())}}));
      })
      .Case([&](tf::ScatterNDOp scatter) {
        return done(
            writer.node("ScatterND", {input(0), input(1), input(2)}, {{"reduction", reduction(scatter.getKind())}}));
      })
      .Case([&](tf::TriluOp triangle) {
        Name k = triangle.getK() ? writer.reshape(writer.of(triangle.getK()), {}) : Name();
        return done(writer.node("Trilu", {input(0), k}, {{"upper", int64_t(triangle.getUpper())}}));
      })
      .Case([&](tf::RangeOp range) { return done(exportRange(writer, range)); })
      .Case([&](tf::NonZeroOp) { return done(writer.node("NonZero", {input(0)})); })
      .Case([&](tf::FromIndexOp from) { return done(exportFromIndex(writer, from)); })
      .Case([&](tf::ToIndexOp to) {
        Name flat = writer.reshape(input(0), {-1});
        Name element = writer.node("Gather", {flat, writer.integers({static_cast<int64_t>(to.getPosition())})},
                                   {{"axis", int64_t(0)}});
        return done(
            writer.cast(element, typeOf(to.getInput()).getElementType(), IntegerType::get(op->getContext(), 64)));
      })
      .Case([&](tf::CheckSizesOp) -> llvm::Error { return llvm::Error::success(); })
      .Default([&](Operation *other) { return writer.refuse(other, "it moves no data"); });
}
