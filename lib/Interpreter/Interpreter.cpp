//===- Interpreter.cpp - runs functions of the dialect --------------------===//
//
// Sizes, control flow and launches here; the meanings of the other ops in the
// files beside it.
//
//===----------------------------------------------------------------------===//

#include "Meaning.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

static const Meanings &meanings() {
  static const Meanings all = [] {
    Meanings meanings;
    addElementwiseMeanings(meanings);
    addMovementMeanings(meanings);
    addReductionMeanings(meanings);
    addProductMeanings(meanings);
    addSpatialMeanings(meanings);
    addModelMeanings(meanings);
    return meanings;
  }();
  return all;
}

/// Rounds to the result's type, and checks the shape against it.
static llvm::Error finish(Array &array, Value result) {
  auto type = cast<RankedTensorType>(result.getType());
  array.element = type.getElementType();
  for (double &value : array.reals)
    value = roundTo(value, array.element);
  for (int64_t &value : array.integers)
    value = wrapTo(value, array.element);
  bool fits = array.rank() == type.getRank();
  for (int64_t i = 0; fits && i < type.getRank(); ++i)
    fits = type.isDynamicDim(i) || type.getDimSize(i) == array.shape[i];
  if (fits)
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return problem("gives " + array.text() + " for " + text);
}

namespace {
using Results = std::vector<RunValue>;

class Runner {
public:
  explicit Runner(Observer observer) : observer(observer) {}

  llvm::Expected<Results> runBlock(Block &block, ArrayRef<RunValue> arguments) {
    for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
      scope[argument] = value;
    for (Operation &op : block) {
      if (op.hasTrait<OpTrait::IsTerminator>()) {
        Results results;
        for (Value operand : op.getOperands())
          results.push_back(scope[operand]);
        return results;
      }
      auto results = run(&op);
      if (!results)
        return placed(&op, results.takeError());
      for (auto [value, result] : llvm::zip_equal(op.getResults(), *results))
        scope[value] = result;
      if (observer)
        observer(&op, *results);
    }
    return problem("a block without end");
  }

private:
  /// The innermost op's place is the one that counts.
  static llvm::Error placed(Operation *op, llvm::Error error) {
    std::string message = llvm::toString(std::move(error));
    if (StringRef(message).starts_with("at "))
      return problem(message);
    std::string place;
    llvm::raw_string_ostream os(place);
    os << "at " << op->getLoc() << ": " << op->getName() << ": " << message;
    return problem(place);
  }

  llvm::Expected<Results> run(Operation *op) {
    auto meaning = meanings().find(op->getName().getStringRef());
    if (meaning != meanings().end()) {
      auto arrays = meaning->second(op, Operands(scope));
      if (!arrays)
        return arrays.takeError();
      Results results;
      for (auto [array, value] : llvm::zip_equal(*arrays, op->getResults())) {
        if (llvm::Error error = finish(array, value))
          return error;
        results.emplace_back(std::move(array));
      }
      return results;
    }
    return llvm::TypeSwitch<Operation *, llvm::Expected<Results>>(op)
        .Case([&](tf::IfOp op) { return runIf(op); })
        .Case([&](tf::LoopOp op) { return runLoop(op); })
        .Case([&](tf::LaunchOp op) { return runLaunch(op); })
        .Case([&](tf::CheckSizesOp op) { return check(op); })
        .Case([&](tf::ToIndexOp op) -> llvm::Expected<Results> {
          return one(scope[op.getInput()].array->integer(op.getPosition()));
        })
        .Case([&](tensor::DimOp op) -> llvm::Expected<Results> {
          return one(scope[op.getSource()].array->shape[scope[op.getIndex()].size]);
        })
        // Memory that a kernel works in: nobody reads what is in it.
        .Case([&](tensor::EmptyOp op) -> llvm::Expected<Results> {
          Shape shape(op.getType().getShape());
          unsigned next = 0;
          for (int64_t &dim : shape)
            if (ShapedType::isDynamic(dim))
              dim = scope[op.getDynamicSizes()[next++]].size;
          return Results{RunValue(Array::make(op.getType().getElementType(), shape))};
        })
        .Default([&](Operation *op) { return runSize(op); });
  }

  static Results one(int64_t size) { return {RunValue(size)}; }
  static bool isTrue(const RunValue &value) { return value.array->integer(0) != 0; }

  llvm::Expected<Results> runIf(tf::IfOp op) {
    Region &region = isTrue(scope[op.getCondition()]) ? op.getThenRegion() : op.getElseRegion();
    return runBlock(region.front(), {});
  }

  llvm::Expected<Results> runLoop(tf::LoopOp op) {
    int64_t count = op.getTripCount() ? scope[op.getTripCount()].array->integer(0) : INT64_MAX;
    bool go = !op.getCondition() || isTrue(scope[op.getCondition()]);
    Results carried;
    for (Value init : op.getInits())
      carried.push_back(scope[init]);
    size_t scans = op.getNumResults() - carried.size();
    std::vector<Results> collected(scans);
    Block &body = op.getBody().front();
    for (int64_t i = 0; go && i < count; ++i) {
      Array iteration = Array::make(getElementTypeOrSelf(body.getArgument(0).getType()), {});
      Array condition = Array::make(getElementTypeOrSelf(body.getArgument(1).getType()), {});
      iteration.integers[0] = i;
      condition.integers[0] = go;
      Results arguments = {RunValue(std::move(iteration)), RunValue(std::move(condition))};
      llvm::append_range(arguments, carried);
      auto results = runBlock(body, arguments);
      if (!results)
        return results.takeError();
      go = isTrue(results->front());
      carried.assign(results->begin() + 1, results->begin() + 1 + static_cast<ptrdiff_t>(carried.size()));
      for (size_t k = 0; k < scans; ++k)
        collected[k].push_back((*results)[1 + carried.size() + k]);
    }
    for (auto [k, parts] : llvm::enumerate(collected)) {
      auto stacked = stack(parts, op.getResult(carried.size()).getType());
      if (!stacked)
        return stacked.takeError();
      carried.emplace_back(std::move(*stacked));
    }
    return carried;
  }

  static llvm::Expected<Array> stack(ArrayRef<RunValue> parts, Type type) {
    auto tensor = cast<RankedTensorType>(type);
    Shape shape = {static_cast<int64_t>(parts.size())};
    if (!parts.empty())
      llvm::append_range(shape, parts[0].array->shape);
    else if (llvm::any_of(tensor.getShape().drop_front(), ShapedType::isDynamic))
      return problem("a loop without iterations has scan outputs of unknown shape");
    else
      llvm::append_range(shape, tensor.getShape().drop_front());
    Array result = Array::make(tensor.getElementType(), shape);
    result.reals.clear();
    result.integers.clear();
    for (const RunValue &part : parts) {
      if (part.array->shape != parts[0].array->shape)
        return problem("iterations of a loop give scan outputs of different shapes");
      llvm::append_range(result.reals, part.array->reals);
      llvm::append_range(result.integers, part.array->integers);
    }
    return result;
  }

  llvm::Expected<Results> runLaunch(tf::LaunchOp op) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, op.getKernelAttr());
    if (!kernel || kernel.isExternal())
      return problem("no kernel of the name '" + op.getKernel() + "'");
    Results arguments;
    for (Value input : op.getInputs())
      arguments.push_back(scope[input]);
    // What runs inside is no op of the program.
    return Runner(nullptr).runBlock(kernel.getBody().front(), arguments);
  }

  llvm::Expected<Results> check(tf::CheckSizesOp op) {
    int64_t a = scope[op.getLhs()].size, b = scope[op.getRhs()].size;
    if (a == b || (op.getBroadcast() && (a == 1 || b == 1)))
      return Results();
    return problem("sizes " + Twine(a) + " and " + Twine(b) + " differ");
  }

  llvm::Expected<Results> runSize(Operation *op) {
    auto size = [&](unsigned i) { return scope[op->getOperand(i)].size; };
    auto divided = [&](auto divide) -> llvm::Expected<Results> {
      if (size(1) == 0)
        return problem("division of a size by zero");
      return one(divide(size(0), size(1)));
    };
    return llvm::TypeSwitch<Operation *, llvm::Expected<Results>>(op)
        .Case([&](arith::ConstantOp op) -> llvm::Expected<Results> {
          auto integer = dyn_cast<IntegerAttr>(op.getValue());
          return integer ? llvm::Expected<Results>(one(
                               integer.getType().isInteger(1) ? integer.getValue().getZExtValue() : integer.getInt()))
                         : problem("a constant that is no size");
        })
        .Case([&](arith::AddIOp) { return llvm::Expected<Results>(one(size(0) + size(1))); })
        .Case([&](arith::SubIOp) { return llvm::Expected<Results>(one(size(0) - size(1))); })
        .Case([&](arith::MulIOp) { return llvm::Expected<Results>(one(size(0) * size(1))); })
        .Case<arith::MinSIOp, arith::MinUIOp>(
            [&](auto) { return llvm::Expected<Results>(one(std::min(size(0), size(1)))); })
        .Case<arith::MaxSIOp, arith::MaxUIOp>(
            [&](auto) { return llvm::Expected<Results>(one(std::max(size(0), size(1)))); })
        .Case<arith::DivSIOp, arith::DivUIOp>([&](auto) { return divided([](int64_t a, int64_t b) { return a / b; }); })
        .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) { return divided([](int64_t a, int64_t b) { return a % b; }); })
        .Case([&](arith::FloorDivSIOp) {
          return divided([](int64_t a, int64_t b) { return llvm::divideFloorSigned(a, b); });
        })
        .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>(
            [&](auto) { return divided([](int64_t a, int64_t b) { return llvm::divideCeilSigned(a, b); }); })
        .Case([&](arith::AndIOp) { return llvm::Expected<Results>(one(size(0) & size(1))); })
        .Case([&](arith::OrIOp) { return llvm::Expected<Results>(one(size(0) | size(1))); })
        .Case([&](arith::XOrIOp) { return llvm::Expected<Results>(one(size(0) ^ size(1))); })
        .Case([&](arith::SelectOp) { return llvm::Expected<Results>(one(size(0) ? size(1) : size(2))); })
        .Case([&](arith::CmpIOp op) {
          llvm::APInt a(64, static_cast<uint64_t>(size(0))), b(64, static_cast<uint64_t>(size(1)));
          return llvm::Expected<Results>(one(arith::applyCmpPredicate(op.getPredicate(), a, b)));
        })
        .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtUIOp, arith::ExtSIOp>(
            [&](auto) { return llvm::Expected<Results>(one(size(0))); })
        .Default([](Operation *) { return problem("the interpreter knows no meaning of this op"); });
  }

  Observer observer;
  DenseMap<Value, RunValue> scope;
};
} // namespace

llvm::Expected<std::vector<RunValue>> transom::interpret(func::FuncOp function, ArrayRef<RunValue> arguments,
                                                         Observer observer) {
  if (function.isExternal())
    return problem("the function '" + function.getName() + "' has no body");
  return Runner(observer).runBlock(function.getBody().front(), arguments);
}
