//===- Ptxas.cpp - machine code by NVIDIA's assembler ---------------------===//
//
// Optional: without it the driver compiles the PTX when a library is loaded.
//
//===----------------------------------------------------------------------===//

#include "transom/Codegen/NVPTX.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace transom;
namespace fs = llvm::sys::fs;

Expected<std::string> transom::findPtxas(StringRef option) {
  if (option == "none")
    return std::string();
  if (!option.empty()) {
    if (fs::can_execute(option))
      return option.str();
    return createStringError("--ptxas=" + option + ": no such program; none does without it");
  }
  if (auto found = sys::findProgramByName("ptxas"))
    return *found;
  constexpr StringLiteral usual = "/usr/local/cuda/bin/ptxas";
  return fs::can_execute(usual) ? usual.str() : std::string();
}

Expected<std::string> transom::assemblePTX(StringRef ptxas, StringRef ptx, const NVPTXTarget &target) {
  SmallString<128> input, output, log;
  for (auto [path, suffix] : {std::pair(&input, "ptx"), {&output, "cubin"}, {&log, "log"}})
    if (std::error_code code = fs::createTemporaryFile("transom-kernels", suffix, *path))
      return createStringError(code, "cannot make a temporary file: " + code.message());
  scope_exit removeFiles([&] {
    for (StringRef path : {input, output, log})
      (void)fs::remove(path);
  });
  std::error_code code;
  raw_fd_ostream os(input, code);
  os << ptx;
  os.close();
  code = os.error();
  os.clear_error();
  if (code)
    return createStringError(code, "cannot write '" + input + "': " + code.message());
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string arch = "-arch=" + target.chip, problem;
  StringRef arguments[] = {ptxas, arch, "-O3", "-o", output, input};
  int status = sys::ExecuteAndWait(ptxas, arguments, /*Env=*/std::nullopt, redirects, /*SecondsToWait=*/0,
                                   /*MemoryLimit=*/0, &problem);
  if (status != 0) {
    auto said = MemoryBuffer::getFile(log);
    std::string reason = said ? (*said)->getBuffer().trim().str() : problem;
    return createStringError("'" + ptxas + "' refuses the kernels for " + target.chip + ": " +
                             (reason.empty() ? problem : reason) + "; --ptxas=none does without it");
  }
  auto made = MemoryBuffer::getFile(output, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!made)
    return createStringError(made.getError(), "cannot read '" + output + "': " + made.getError().message());
  return (*made)->getBuffer().str();
}
