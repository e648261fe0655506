//===- RandomArguments.cpp - inputs to try a function with ----------------===//

#include "transom/Interpreter/MeaningCheck.h"
#include <random>

using namespace mlir;
using namespace transom;

std::vector<RunValue> transom::randomArguments(func::FuncOp function, const SizeOfDim &sizeOf, uint64_t seed) {
  std::mt19937_64 random(seed);
  // By hand: the library's distributions differ between its versions.
  auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) / 9007199254740992.0; };
  auto normal = [&] {
    double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  };
  std::vector<RunValue> arguments;
  for (BlockArgument argument : function.getArguments()) {
    unsigned number = argument.getArgNumber();
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type) {
      arguments.emplace_back(sizeOf(number, 0, ""));
      continue;
    }
    auto names = function.getArgAttrOfType<ArrayAttr>(number, "transformer.dims");
    SmallVector<int64_t> shape(type.getShape());
    for (auto [i, dim] : llvm::enumerate(shape))
      if (ShapedType::isDynamic(dim))
        dim = sizeOf(number, static_cast<unsigned>(i), names ? cast<StringAttr>(names[i]).getValue() : StringRef());
    Array array = Array::make(type.getElementType(), shape);
    for (double &value : array.reals)
      value = roundTo(normal(), array.element);
    for (int64_t &value : array.integers)
      value = uniform() < (array.element.isInteger(1) ? 0.7 : 0.5);
    arguments.emplace_back(std::move(array));
  }
  return arguments;
}
