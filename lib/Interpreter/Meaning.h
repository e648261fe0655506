//===- Meaning.h - what the ops' meanings are written with ------*- C++ -*-===//
//
// A meaning takes an op and its operands and gives its results, unrounded; the
// interpreter rounds them and checks them against the op's types.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_INTERPRETER_MEANING_H
#define TRANSOM_LIB_INTERPRETER_MEANING_H

#include "Transformer/IR/Transformer.h"
#include "transom/Interpreter/Interpreter.h"
#include "llvm/ADT/StringMap.h"

namespace transom {

using Arrays = std::vector<Array>;
using Shape = llvm::SmallVector<int64_t, 4>;

/// The operands of the op at hand.
class Operands {
public:
  explicit Operands(llvm::DenseMap<mlir::Value, RunValue> &scope) : scope(scope) {}
  const Array &operator[](mlir::Value value) const { return *scope.find(value)->second.array; }
  /// Null for an operand that is not there.
  const Array *optional(mlir::Value value) const { return value ? &(*this)[value] : nullptr; }
  int64_t size(mlir::Value value) const { return scope.find(value)->second.size; }
  /// The dims of a type, the dynamic ones from `sizes` in order.
  Shape shape(mlir::Value result, mlir::ValueRange sizes) const;

private:
  llvm::DenseMap<mlir::Value, RunValue> &scope;
};

using Meaning = llvm::Expected<Arrays> (*)(mlir::Operation *, const Operands &);
using Meanings = llvm::StringMap<Meaning>; ///< by the op's name

void addElementwiseMeanings(Meanings &meanings);
void addMovementMeanings(Meanings &meanings);
void addReductionMeanings(Meanings &meanings);
void addProductMeanings(Meanings &meanings);
void addSpatialMeanings(Meanings &meanings);
void addModelMeanings(Meanings &meanings);

/// Makes a Meaning of a function on the op's own class.
template <auto function> struct MeaningOf;
template <typename OpTy, llvm::Expected<Arrays> (*function)(OpTy, const Operands &)> struct MeaningOf<function> {
  static void add(Meanings &meanings) {
    meanings[OpTy::getOperationName()] = [](mlir::Operation *op, const Operands &in) {
      return function(llvm::cast<OpTy>(op), in);
    };
  }
};

/// All positions of a shape, in row-major order.
class Positions {
public:
  explicit Positions(llvm::ArrayRef<int64_t> shape) : shape(shape), at(shape.size(), 0) {
    ended = llvm::is_contained(shape, 0);
  }
  bool done() const { return ended; }
  void next();
  int64_t operator[](int64_t axis) const { return at[axis]; }
  llvm::ArrayRef<int64_t> indices() const { return at; }
  int64_t flat = 0;

private:
  llvm::ArrayRef<int64_t> shape;
  Shape at;
  bool ended;
};

int64_t elementsOf(llvm::ArrayRef<int64_t> shape);
/// The row-major position of `indices`.
int64_t flatten(llvm::ArrayRef<int64_t> indices, llvm::ArrayRef<int64_t> shape);
/// The position in `shape` that numpy's broadcasting reads at `at`, which has as many dims or more.
int64_t broadcastPosition(llvm::ArrayRef<int64_t> at, llvm::ArrayRef<int64_t> shape);
/// The shape that both broadcast to.
llvm::Expected<Shape> broadcastShape(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

/// result[i] = source[from[i]]; where that is -1, `fill`'s only element, or 0.
Array pick(const Array &source, llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> shape,
           const Array *fill = nullptr);

double applyUnary(transformer::UnaryKind kind, double x);

llvm::Error problem(const llvm::Twine &message);

} // namespace transom

#endif // TRANSOM_LIB_INTERPRETER_MEANING_H
