//===- ProgramParts.h - a program's functions, apart ------------*- C++ -*-===//
#ifndef TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H
#define TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H

#include "transom/Codegen/Codegen.h"

namespace transom {

/// The functions of a program, in its order, each with declarations of what others define, which become hidden symbols.
/// `prepare` sets what the functions of a module need besides. The program is left without them. Where `lines` names a
/// file, instructions say which of its lines they come from.
llvm::Expected<std::vector<ProgramPart>> translateParts(mlir::ModuleOp program, const LineTable &lines,
                                                        llvm::function_ref<void(llvm::Module &)> prepare);

/// Gives the functions of a module in LLVM's dialect debug information, and its ops lines of the table's file.
void addLines(mlir::ModuleOp module, const LineTable &lines);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H
