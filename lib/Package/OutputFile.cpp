//===- OutputFile.cpp - files that are whole or not there -----------------===//

#include "transom/Package/OutputFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

static Error cannotWrite(const Twine &path, std::error_code code) {
  return createStringError(code, "cannot write " + path + ": " + code.message());
}

/// Takes the stream's error, so that it does not end the program.
static std::error_code errorOf(raw_fd_ostream &os) {
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

/// Runs the writer and closes the stream.
static Error writeAndClose(raw_fd_ostream &os, StringRef path, FileWriter write) {
  Error error = write(os);
  os.close();
  std::error_code code = errorOf(os);
  if (!code)
    return error;
  consumeError(std::move(error));
  return cannotWrite("'" + path + "'", code);
}

Error transom::writeFile(StringRef path, FileWriter write) {
  std::error_code code;
  raw_fd_ostream os(path, code);
  if (code)
    return cannotWrite("'" + path + "'", code);
  Error error = writeAndClose(os, path, write);
  if (error && fs::is_regular_file(path))
    (void)fs::remove(path);
  return error;
}

Error transom::replaceFile(StringRef path, FileWriter write) {
  if (path == "-") {
    Error error = write(outs());
    if (Error unwritten = flushStdout()) {
      consumeError(std::move(error));
      return unwritten;
    }
    return error;
  }
  fs::file_status status;
  if (!fs::status(path, status) && status.type() != fs::file_type::regular_file)
    return writeFile(path, write);
  SmallString<256> beside;
  int descriptor;
  if (std::error_code code = fs::createUniqueFile(path + ".partial-%%%%%%", descriptor, beside))
    return cannotWrite("'" + path + "'", code);
  sys::RemoveFileOnSignal(beside);
  raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  Error error = writeAndClose(os, path, write);
  if (!error)
    if (std::error_code code = fs::rename(beside, path))
      error = cannotWrite("'" + path + "'", code);
  if (error)
    (void)fs::remove(beside);
  sys::DontRemoveFileOnSignal(beside);
  return error;
}

static Error writeContent(StringRef path, StringRef content, Error (*how)(StringRef, FileWriter)) {
  return how(path, [&](raw_pwrite_stream &os) {
    os << content;
    return Error::success();
  });
}

Error transom::writeFile(StringRef path, StringRef content) { return writeContent(path, content, writeFile); }

Error transom::replaceFile(StringRef path, StringRef content) { return writeContent(path, content, replaceFile); }

Error transom::flushStdout() {
  outs().flush();
  std::error_code code = errorOf(outs());
  return code ? cannotWrite("to stdout", code) : Error::success();
}
