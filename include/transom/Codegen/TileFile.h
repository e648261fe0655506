//===- TileFile.h - tiles that were measured, in a file ---------*- C++ -*-===//
#ifndef TRANSOM_CODEGEN_TILEFILE_H
#define TRANSOM_CODEGEN_TILEFILE_H

#include "transom/Codegen/TileTable.h"
#include <map>

namespace transom {

/// What `transom tune` writes and `transom compile --tiles` reads (docs/nvptx.md).
struct TileFile {
  struct Choice {
    std::string tile;
    std::optional<double> microseconds, tableMicroseconds; ///< as measured: of this tile and of the table's
  };
  std::string chip;
  std::string device, driver, date;    ///< where and when it was measured; "" where not said
  std::map<std::string, Choice> tiles; ///< by key

  /// Reads a file and checks what it says of its chip; what is wrong names the file, the key and the value.
  static llvm::Expected<TileFile> read(llvm::StringRef path);
  std::string text() const;
  /// `transformer.tiles` of a module.
  mlir::DictionaryAttr attribute(mlir::MLIRContext *context) const;
};

} // namespace transom

#endif // TRANSOM_CODEGEN_TILEFILE_H
