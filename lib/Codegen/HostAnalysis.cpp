//===- HostAnalysis.cpp - what the host program has to know ---------------===//
//
// Which symbols the signature has, which sizes follow from them, where each value
// lies and for how long, which constants kernels are handed in which layout.
//
//===----------------------------------------------------------------------===//

#include "HostProgram.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

std::pair<std::string, std::string> transom::siteOf(Location loc) {
  std::string node, op;
  loc->walk([&](Location inner) {
    auto name = dyn_cast<NameLoc>(inner);
    if (!name)
      return WalkResult::advance();
    // The importer's: the node's name over its operator's. Others name a value.
    auto type = dyn_cast<NameLoc>(name.getChildLoc());
    if (type || node.empty())
      node = name.getName().str();
    if (!type)
      return WalkResult::skip();
    op = type.getName().str();
    return WalkResult::interrupt();
  });
  return {node, op};
}

//===-- The signature ---------------------------------------------------===//

unsigned HostProgram::symbolNumber(StringAttr name) {
  auto [found, isNew] = symbolNumbers.try_emplace(name, symbols.size());
  if (isNew)
    symbols.push_back(name);
  return found->second;
}

void HostProgram::readSignature() {
  for (BlockArgument argument : entry.getArguments()) {
    unsigned number = argument.getArgNumber();
    if (auto length = entry.getArgAttrOfType<StringAttr>(number, "transformer.length")) {
      symbolOf[{number, -1}] = symbolNumber(length);
      continue;
    }
    (entry.getArgAttr(number, "transformer.state") ? states : inputs).push_back(argument);
    auto names = entry.getArgAttrOfType<ArrayAttr>(number, "transformer.dims");
    for (int64_t i = 0; i < typeOf(argument).getRank(); ++i) {
      if (!typeOf(argument).isDynamicDim(i))
        continue;
      StringAttr name = names ? cast<StringAttr>(names[i]) : StringAttr();
      if (!name || name.empty()) {
        auto input = entry.getArgAttrOfType<StringAttr>(number, "transformer.name");
        name = b.getStringAttr((input ? input.getValue() : "input") + "_dim_" + Twine(i));
      }
      symbolOf[{number, i}] = symbolNumber(name);
    }
  }
  for (auto [i, value] : llvm::enumerate(end()->getOperands())) {
    if (entry.getResultAttr(i, "transformer.length")) {
      newLength = value;
    } else if (auto state = entry.getResultAttrOfType<IntegerAttr>(i, "transformer.state")) {
      const auto *argument = llvm::find(states, entry.getArgument(state.getInt()));
      replacedBy[memoryOf(value)] = argument - states.begin();
    } else {
      outputOf[memoryOf(value)] = outputs.size();
      outputs.push_back(value);
    }
  }
}

bool HostProgram::isKnown(Value size) {
  auto found = known.find(size);
  if (found != known.end())
    return found->second;
  bool result = isEntryArgument(size);
  if (Operation *op = size.getDefiningOp()) {
    if (auto dim = dyn_cast<tensor::DimOp>(op))
      result = isEntryArgument(dim.getSource());
    else if (isa<arith::ArithDialect>(op->getDialect()))
      result = llvm::all_of(op->getOperands(), [&](Value operand) { return isKnown(operand); });
  }
  return known[size] = result;
}

Value HostProgram::memoryOf(Value tensor) {
  while (auto view = tensor.getDefiningOp<ReshapeOp>())
    tensor = view.getInput();
  return tensor;
}

LogicalResult HostProgram::analyse() {
  readSignature();
  // Places are numbered across all programs of an entry point.
  auto all = module->getAttrOfType<DictionaryAttr>("transformer.sites");
  if (auto before = all ? all.getAs<ArrayAttr>(entry.getName()) : ArrayAttr())
    for (auto place : before.getAsRange<ArrayAttr>()) {
      siteNumbers[{cast<StringAttr>(place[0]).str(), cast<StringAttr>(place[1]).str()}] = sites.size();
      sites.push_back(place);
    }
  bool failed = false;
  entry.walk([&](Operation *op) {
    if (isa<TransformerDialect>(op->getDialect()) &&
        !isa<LaunchOp, ReshapeOp, ToIndexOp, CheckSizesOp, IfOp, LoopOp, YieldOp>(op) && !isWeight(op)) {
      op->emitOpError("is not part of a kernel");
      failed = true;
    }
  });
  if (failed)
    return failure();
  // tensor.dim of arguments at the start; the sizes of everything else are operands.
  sizeBuilder.setInsertionPointToStart(&entry.getBody().front());
  for (BlockArgument argument : entry.getArguments())
    if (isa<RankedTensorType>(argument.getType()))
      dims.of(argument);
  entry.walk([&](Operation *op) {
    if (!isa<IfOp, LoopOp>(op))
      return;
    sizeBuilder.setInsertionPointAfter(op);
    for (Value result : op->getResults())
      dims.of(result);
    for (Region &region : op->getRegions()) {
      sizeBuilder.setInsertionPointToStart(&region.front());
      for (BlockArgument argument : region.getArguments())
        dims.of(argument);
    }
  });
  entry.walk([&](LoopOp loop) { readYields(loop); });
  planMemory();
  return success();
}

/// The life of every launch result that the arena holds.
void HostProgram::planMemory() {
  llvm::DenseMap<Operation *, int64_t> position;
  int64_t next = 0;
  entry.walk<WalkOrder::PreOrder>([&](Operation *op) { position[op] = next++; });
  llvm::DenseMap<Operation *, int64_t> ends;
  entry.walk([&](LoopOp loop) {
    int64_t &end = ends[loop];
    loop.walk([&](Operation *inner) { end = std::max(end, position[inner]); });
  });
  // Through views and results of `if` and `loop`.
  std::function<int64_t(Value)> lastUse = [&](Value value) {
    int64_t last = 0;
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      last = std::max(last, position[user]);
      // What a loop reads is read in its last iteration, too.
      for (Operation *around = user->getParentOp(); around; around = around->getParentOp())
        if (isa<LoopOp>(around) && !around->isAncestor(value.getDefiningOp()))
          last = std::max(last, ends[around]);
      if (isa<ReshapeOp>(user))
        last = std::max(last, lastUse(user->getResult(0)));
      if (isa<YieldOp>(user) && isa<IfOp>(user->getParentOp()))
        last = std::max(last, lastUse(user->getParentOp()->getResult(use.getOperandNumber())));
      // Without iterations, the results of a loop are what it begins with.
      if (auto loop = dyn_cast<LoopOp>(user)) {
        unsigned first = loop->getNumOperands() - loop.getInits().size(), number = use.getOperandNumber();
        last = std::max(last, ends[loop]);
        if (number >= first)
          last = std::max(last, lastUse(loop.getResult(number - first)));
      }
    }
    return last;
  };
  auto add = [&](Value value, Value like, int64_t begin, int64_t end) {
    values.push_back({value, begin, std::max(begin, end), dims.of(like), bitsOf(typeOf(like).getElementType())});
  };
  entry.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto launch = dyn_cast<LaunchOp>(op))
      for (Value result : launch.getResults())
        if (!outputOf.contains(result) && !yieldOf.contains(result) && isKnown(dims.of(result)))
          add(result, result, position[launch], lastUse(result));
    // Two places for each carried value: one is read, the other written.
    if (auto loop = dyn_cast<LoopOp>(op))
      for (size_t k = 0; k < loop.getInits().size(); ++k) {
        Value yielded = memoryOf(loop.getBody().front().getTerminator()->getOperand(1 + k));
        if (!yieldOf.contains(yielded) || !isKnown(dims.of(yielded)))
          continue;
        int64_t end = std::max(ends[loop], lastUse(loop.getResult(k)));
        add(loop.getResult(k), yielded, position[loop], end);
        add(loop.getBody().getArgument(2 + k), yielded, position[loop], end);
      }
  });
  plan = planArena(values);
}

/// Bytes of a constant in the layout that a kernel reads.
static int64_t weightSize(RankedTensorType type, DenseI64ArrayAttr panels) {
  int64_t elements = type.getNumElements();
  if (panels) {
    ArrayRef<int64_t> shape = type.getShape();
    size_t rank = shape.size();
    int64_t columns = panels[0], k = shape[rank - (panels[1] ? 1 : 2)], n = shape[rank - (panels[1] ? 2 : 1)];
    int64_t batch = 1;
    for (int64_t dim : shape.drop_back(2))
      batch *= dim;
    // Integers lie in groups of taps, with the columns' sums in i32 behind them.
    int64_t lines = panels[2] == 1 ? k : llvm::alignTo(k, panels[2]) + int64_t(sizeof(int32_t));
    elements = batch * llvm::divideCeil(n, columns) * columns * lines;
  }
  return llvm::divideCeil(elements * bitsOf(type.getElementType()), 8);
}

int64_t HostProgram::weight(Value constant, Attribute layout) {
  SmallVector<NamedAttribute> fields = {b.getNamedAttr("layout", layout ? layout : b.getUnitAttr())};
  RankedTensorType type = typeOf(constant);
  if (auto rounded = constant.getDefiningOp<CastOp>()) {
    fields.push_back(b.getNamedAttr("rounded", TypeAttr::get(type.getElementType())));
    constant = rounded.getInput();
  }
  if (auto concat = constant.getDefiningOp<ConcatOp>()) {
    SmallVector<Attribute> parts;
    for (Value input : concat.getInputs())
      parts.push_back(input.getDefiningOp<ConstantOp>().getValue());
    fields.push_back(b.getNamedAttr("parts", b.getArrayAttr(parts)));
    fields.push_back(b.getNamedAttr("axis", b.getI64IntegerAttr(concat.getAxis())));
  } else {
    fields.push_back(b.getNamedAttr("value", constant.getDefiningOp<ConstantOp>().getValue()));
  }
  auto [found, isNew] = weights.offsets.try_emplace(b.getDictionaryAttr(fields), 0);
  if (!isNew)
    return found->second;
  found->second = weights.bytes;
  int64_t bytes = weightSize(type, dyn_cast_if_present<DenseI64ArrayAttr>(layout));
  fields.push_back(b.getNamedAttr("offset", b.getI64IntegerAttr(weights.bytes)));
  fields.push_back(b.getNamedAttr("bytes", b.getI64IntegerAttr(bytes)));
  weights.list.push_back(b.getDictionaryAttr(fields));
  weights.bytes = llvm::alignTo(weights.bytes + bytes, 64);
  return found->second;
}

int64_t HostProgram::site(Location loc) {
  auto place = siteOf(loc);
  auto [found, isNew] = siteNumbers.try_emplace(place, sites.size());
  if (isNew)
    sites.push_back(b.getStrArrayAttr({place.first, place.second}));
  return found->second;
}

void HostProgram::setAttributes(func::FuncOp run) {
  using Fields = SmallVector<NamedAttribute>;
  auto describe = [&](StringAttr name, RankedTensorType type, ArrayRef<int64_t> symbolNumbers) -> Fields {
    return {b.getNamedAttr("name", name), b.getNamedAttr("type", TypeAttr::get(type)),
            b.getNamedAttr("symbols", b.getDenseI64ArrayAttr(symbolNumbers))};
  };
  auto describeArgument = [&](BlockArgument argument) {
    unsigned number = argument.getArgNumber();
    SmallVector<int64_t> numbers;
    for (int64_t i = 0; i < typeOf(argument).getRank(); ++i)
      numbers.push_back(typeOf(argument).isDynamicDim(i) ? int64_t(symbolOf.lookup({number, i})) : -1);
    auto name = entry.getArgAttrOfType<StringAttr>(number, "transformer.name");
    return describe(name ? name : b.getStringAttr("input_" + Twine(number)), typeOf(argument), numbers);
  };
  SmallVector<Attribute> described, describedStates, describedOutputs;
  for (BlockArgument argument : inputs)
    described.push_back(b.getDictionaryAttr(describeArgument(argument)));
  for (BlockArgument argument : states) {
    Fields fields = describeArgument(argument);
    llvm::append_range(fields, entry.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), "transformer.state"));
    describedStates.push_back(b.getDictionaryAttr(fields));
  }
  SmallVector<StringAttr> names;
  for (unsigned i = 0; i < end()->getNumOperands(); ++i)
    if (!entry.getResultAttr(i, "transformer.state"))
      names.push_back(entry.getResultAttrOfType<StringAttr>(i, "transformer.name"));
  for (auto [i, operand] : llvm::enumerate(outputs)) {
    SmallVector<int64_t> numbers;
    Dims shape = dims.of(operand);
    for (int64_t d = 0; d < typeOf(operand).getRank(); ++d) {
      numbers.push_back(-1);
      auto value = dyn_cast<Value>(shape[d]);
      auto dim = value ? value.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
      if (dim && isEntryArgument(dim.getSource()))
        numbers.back() =
            symbolOf.lookup({cast<BlockArgument>(dim.getSource()).getArgNumber(), *dim.getConstantIndex()});
    }
    StringAttr name = names[i];
    describedOutputs.push_back(
        b.getDictionaryAttr(describe(name ? name : b.getStringAttr("output_" + Twine(i)), typeOf(operand), numbers)));
  }
  SmallVector<int64_t> lengths;
  for (BlockArgument argument : entry.getArguments())
    if (argument.getType().isIndex())
      lengths.push_back(symbolOf.lookup({argument.getArgNumber(), -1}));
  run->setAttr("transformer.inputs", b.getArrayAttr(described));
  run->setAttr("transformer.outputs", b.getArrayAttr(describedOutputs));
  run->setAttr("transformer.states", b.getArrayAttr(describedStates));
  run->setAttr("transformer.lengths", b.getDenseI64ArrayAttr(lengths));
  run->setAttr("transformer.symbols", b.getArrayAttr(symbols));
  run->setAttr("transformer.sites", b.getArrayAttr(sites));
  run->setAttr("transformer.program", b.getStringAttr(entry.getName()));
}
