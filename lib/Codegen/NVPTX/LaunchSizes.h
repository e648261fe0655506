//===- LaunchSizes.h - how many blocks a launch is worth --------*- C++ -*-===//
//
// A kernel is right for any number of blocks; how many find something to do
// follows from the bounds of the loops that the blocks share. The host computes
// that from the sizes that the kernel is given, and launches nothing where no
// block would do anything: so it chooses among the forms of a kernel, too.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_LAUNCHSIZES_H
#define TRANSOM_LIB_CODEGEN_NVPTX_LAUNCHSIZES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace transom::nvptx {

class LaunchSizes {
public:
  /// `arguments` are what the host has for those of the device's function.
  LaunchSizes(mlir::ImplicitLocOpBuilder &b, mlir::func::FuncOp device, mlir::ValueRange arguments);

  /// Blocks (i64) that have something to do.
  mlir::Value blocks();

private:
  mlir::Value need(mlir::Block &block);
  mlir::Value need(mlir::Operation &op);
  bool isKnown(mlir::Value value);
  mlir::Value copy(mlir::Value value);
  mlir::Value number(int64_t value);

  mlir::ImplicitLocOpBuilder &b;
  mlir::func::FuncOp device;
  llvm::DenseMap<mlir::Value, mlir::Value> map;
  llvm::DenseMap<mlir::Value, bool> known;
};

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_LAUNCHSIZES_H
