//===- Signature.h - what a compiled model takes and gives ------*- C++ -*-===//
//
// The inputs, outputs and named dims of a model, read from its entry function,
// and the C names that they get.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_PACKAGE_SIGNATURE_H
#define TRANSOM_PACKAGE_SIGNATURE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace transom {

/// An element type as transom.h and the generated header speak of it.
struct ElementType {
  int32_t code = 0;      ///< TransomType
  const char *name = ""; ///< "f32", as in messages and NAME.json
  const char *enumerator = "";
  const char *cType = "";
  const char *safetensors = ""; ///< "" where that format has none
  unsigned bits = 0;
};

/// Code 0 where the runtime has no such type.
ElementType elementTypeOf(mlir::Type type);
ElementType elementTypeOf(int32_t code);

struct SignatureDim {
  int64_t size = -1;  ///< -1: dynamic
  std::string symbol; ///< of a dynamic dim, "" where it has no name
};

struct SignatureValue {
  std::string name;  ///< the ONNX name
  std::string field; ///< its C identifier
  ElementType type;
  std::vector<SignatureDim> dims;

  /// "i64[batch, sequence]"
  std::string text() const;
};

struct Symbol {
  std::string name, field;
};

/// An input and an output that an entry point keeps between runs.
struct SignatureState {
  SignatureValue value; ///< of the input
  std::string output;   ///< the output's ONNX name, "" if it has none
  std::string kind;     ///< grown, written, replaced, kept
  int64_t axis = -1;    ///< along which it grows
  int64_t window = 0;   ///< the most rows that are left of it for the next run; 0: all
};

struct Signature {
  std::string entry; ///< "main", "step"
  std::vector<SignatureValue> inputs, outputs;
  std::vector<SignatureState> states;
  /// Named dims of the inputs and states, in the order in which they first occur,
  /// and after them what stands for the rows that states have.
  std::vector<Symbol> symbols;

  int symbolIndex(llvm::StringRef name) const;

  /// Reads the first entry function of a module before the stage `cpu`, or all of them.
  static llvm::Expected<Signature> of(mlir::ModuleOp module);
  static llvm::Expected<std::vector<Signature>> all(mlir::ModuleOp module);
};

/// The function that carries `transformer.entry`, or null.
mlir::Operation *entryFunction(mlir::ModuleOp module);

/// `name` as a C identifier: other characters become _, a leading digit gets a _
/// before it, a keyword of C or C++ one after it.
std::string identifier(llvm::StringRef name);
bool isIdentifier(llvm::StringRef name);

/// Identifiers that differ: a second name that comes out the same gets a number.
class Identifiers {
public:
  explicit Identifiers(llvm::ArrayRef<llvm::StringRef> reserved = {});
  std::string add(llvm::StringRef name);

private:
  llvm::StringSet<> taken;
};

} // namespace transom

#endif // TRANSOM_PACKAGE_SIGNATURE_H
