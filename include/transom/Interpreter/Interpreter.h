//===- Interpreter.h - what a module of the dialect computes ----*- C++ -*-===//
//
// An executable meaning of every op: plain, in double precision inside an op,
// rounded to the result's type after it. Clear, not fast: for checking passes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_INTERPRETER_INTERPRETER_H
#define TRANSOM_INTERPRETER_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace transom {

/// A tensor, row-major. Floats of any width are held as double, everything else
/// as int64_t (unsigned numbers of 64 bits by their bits, i1 as 0 and 1).
struct Array {
  mlir::Type element;
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<double> reals;
  std::vector<int64_t> integers;

  /// Zeros.
  static Array make(mlir::Type element, llvm::ArrayRef<int64_t> shape);

  bool isFloat() const { return llvm::isa<mlir::FloatType>(element); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t size() const;
  /// The element at a row-major position, whatever it is.
  double real(int64_t i) const { return isFloat() ? reals[i] : static_cast<double>(integers[i]); }
  int64_t integer(int64_t i) const { return isFloat() ? static_cast<int64_t>(reals[i]) : integers[i]; }
  /// "f32[2, 3]"
  std::string text() const;
};

/// `value` as the nearest number of the float type.
double roundTo(double value, mlir::Type element);
/// `value` as the integer type holds it: cut to its width.
int64_t wrapTo(int64_t value, mlir::Type element);

/// The array of a constant, or an error where its bytes are not at hand.
llvm::Expected<Array> arrayOf(mlir::ElementsAttr attribute);

/// A tensor or a size.
struct RunValue {
  std::shared_ptr<const Array> array; ///< null: a size
  int64_t size = 0;

  RunValue() = default;
  RunValue(Array value) : array(std::make_shared<const Array>(std::move(value))) {}
  explicit RunValue(int64_t size) : size(size) {}
};

/// Told of the results of every op that has run, in order.
using Observer = llvm::function_ref<void(mlir::Operation *, llvm::ArrayRef<RunValue>)>;

/// Runs `function` with `arguments`. An error names the op and where it comes from.
llvm::Expected<std::vector<RunValue>> interpret(mlir::func::FuncOp function, llvm::ArrayRef<RunValue> arguments,
                                                Observer observer);

} // namespace transom

#endif // TRANSOM_INTERPRETER_INTERPRETER_H
