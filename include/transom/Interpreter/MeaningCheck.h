//===- MeaningCheck.h - do passes keep what a module computes? --*- C++ -*-===//
//
// Runs functions before and after every pass and names the first pass, and the
// op, whose results differ beyond rounding.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_INTERPRETER_MEANINGCHECK_H
#define TRANSOM_INTERPRETER_MEANINGCHECK_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "transom/Interpreter/Interpreter.h"
#include "llvm/ADT/MapVector.h"
#include <functional>
#include <map>
#include <string>

namespace transom {

/// How large dim `dim` of argument `argument` is; `name` is the signature's, or "".
using SizeOfDim = std::function<int64_t(unsigned argument, unsigned dim, llvm::StringRef name)>;

/// Normal floats, whole numbers 0 and 1, i1 mostly true; the same for the same seed.
std::vector<RunValue> randomArguments(mlir::func::FuncOp function, const SizeOfDim &sizeOf, uint64_t seed);

/// Of a module's functions by name.
using FunctionArguments = std::map<std::string, std::vector<RunValue>>;
/// Which functions of a module to run, and on what; asked before the first pass.
using ChooseArguments = std::function<FunctionArguments(mlir::ModuleOp)>;

/// What is shared by the instrumentation, which a pass manager owns, and its user.
struct MeaningVerdict {
  unsigned passes = 0;          ///< that changed the module and were checked
  std::string pass;             ///< the first that changed results, "" for none
  std::vector<std::string> log; ///< "fuse-norms: largest difference 2.1e-07"
};

/// To be added to a pass manager whose context runs one thread. Errors are
/// emitted at the op at fault. Functions that stop being functions on tensors end the check.
std::unique_ptr<mlir::PassInstrumentation> createMeaningCheck(ChooseArguments choose, MeaningVerdict &verdict);

} // namespace transom

#endif // TRANSOM_INTERPRETER_MEANINGCHECK_H
