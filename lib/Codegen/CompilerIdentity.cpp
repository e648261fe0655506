//===- CompilerIdentity.cpp - which compiler this is ----------------------===//
//
// What an object depends on besides its part and its target: the code of this
// program and of LLVM. Linkers digest it into the build id.
//
//===----------------------------------------------------------------------===//

#include "transom/Codegen/Codegen.h"
#include "llvm/ADT/StringExtras.h"
#include <elf.h>
#include <link.h>

using namespace llvm;

/// The build id among an ELF file's notes, as hex digits; "" where there is none.
static std::string buildId(const dl_phdr_info &file) {
  for (unsigned i = 0; i < file.dlpi_phnum; ++i) {
    const ElfW(Phdr) &header = file.dlpi_phdr[i];
    if (header.p_type != PT_NOTE)
      continue;
    StringRef notes(reinterpret_cast<const char *>(file.dlpi_addr + header.p_vaddr), header.p_memsz);
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
      ElfW(Nhdr) note;
      memcpy(&note, notes.data(), sizeof note);
      notes = notes.substr(sizeof note);
      StringRef name = notes.take_front(note.n_namesz);
      notes = notes.substr(alignTo(note.n_namesz, 4));
      if (note.n_type == NT_GNU_BUILD_ID && name == StringRef("GNU", 4))
        return toHex(notes.take_front(note.n_descsz));
      notes = notes.substr(alignTo(note.n_descsz, 4));
    }
  }
  return "";
}

std::string transom::compilerIdentity() {
  struct Found {
    std::string identity;
    unsigned files = 0;
    bool isComplete = true;
  } found;
  dl_iterate_phdr(
      [](dl_phdr_info *file, size_t, void *data) {
        auto &found = *static_cast<Found *>(data);
        // The program comes first. LLVM may be a library or inside of it.
        if (found.files++ && !StringRef(file->dlpi_name).contains("libLLVM"))
          return 0;
        std::string id = buildId(*file);
        found.isComplete &= !id.empty();
        found.identity += id + ';';
        return 0;
      },
      &found);
  return found.isComplete ? found.identity : "";
}
