//===- TileUses.h - the tiles that a model's products got -------*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_TILEUSES_H
#define TRANSOM_LIB_DRIVER_TILEUSES_H

#include "transom/Driver/Driver.h"

namespace transom {

/// Of all entry points of a module after the stage `nvptx`, which stays as it is.
std::vector<TileUse> tileUses(mlir::ModuleOp module);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_TILEUSES_H
