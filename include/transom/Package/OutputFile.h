//===- OutputFile.h - files that are whole or not there ---------*- C++ -*-===//
//
// LLVM's streams end the program when one goes with an error that nobody has
// asked for, and its writeToOutput keeps what a full disk has cut short. Here a
// write that fails is an error, and no file stays behind.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_PACKAGE_OUTPUTFILE_H
#define TRANSOM_PACKAGE_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace transom {

using FileWriter = llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)>;

/// Writes the file `path` itself; for folders that nobody reads yet. The error of
/// the disk goes before the writer's.
llvm::Error writeFile(llvm::StringRef path, FileWriter write);
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content);

/// Writes beside `path` and moves it there, so that what is there is whole, the
/// old or the new. "-" is stdout; what is no regular file is written as it is.
llvm::Error replaceFile(llvm::StringRef path, FileWriter write);
llvm::Error replaceFile(llvm::StringRef path, llvm::StringRef content);

/// Writes out what stdout still holds; an error where that, or anything before it, failed.
llvm::Error flushStdout();

} // namespace transom

#endif // TRANSOM_PACKAGE_OUTPUTFILE_H
