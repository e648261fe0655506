//===- ProgramParts.h - a program's functions, apart ------------*- C++ -*-===//
#ifndef TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H
#define TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H

#include "transom/Codegen/Codegen.h"

namespace transom {

/// Moves the functions in `names`, which the module defines, into parts of their own, in the module's order. They
/// become hidden symbols, declared here and in the parts that refer to them; what else they call goes into each part
/// that does.
std::vector<ProgramPart> cutIntoParts(llvm::Module &module, llvm::ArrayRef<std::string> names);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_PROGRAMPARTS_H
