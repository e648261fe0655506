//===- Warpgroups.cpp - wgmma on slices in shared memory ------------------===//

#include "Warpgroups.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

/// What tells wgmma where an operand lies, `offset` elements into the room: bits
/// 0..13 the address, 16..29 and 32..45 the leading and the stride byte offset
/// (all in 16 bytes), 62..63 the swizzle: 1 is that of 128 bytes.
static Value descriptor(DeviceKernel &kb, Type element, Value room, Value offset, int64_t leading, int64_t stride) {
  ImplicitLocOpBuilder &b = kb.b;
  auto number = [&](uint64_t value) { return arith::ConstantOp::create(b, b.getI64IntegerAttr(value)).getResult(); };
  Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), kb.address(room, offset, element));
  Value low = arith::AndIOp::create(b, arith::ShRUIOp::create(b, address, number(4)), number(0x3fff));
  uint64_t rest = uint64_t(1) << 62 | uint64_t(stride >> 4) << 32 | uint64_t(leading >> 4) << 16;
  return arith::OrIOp::create(b, low, number(rest));
}

Value nvptx::multiplySlices(DeviceKernel &kb, Type element, Value room, Value left, Value right, bool rightAlongDepth,
                            int64_t columns, Value sums) {
  ImplicitLocOpBuilder &b = kb.b;
  MLIRContext *context = b.getContext();
  auto types = NVVM::WGMMATypesAttr::get(context, element.isF16() ? NVVM::WGMMATypes::f16 : NVVM::WGMMATypes::bf16);
  auto one = NVVM::WGMMAScaleInAttr::get(context, NVVM::WGMMAScaleIn::one);
  auto layout = [&](bool alongColumns) {
    return NVVM::MMALayoutAttr::get(context, alongColumns ? NVVM::MMALayout::col : NVVM::MMALayout::row);
  };
  constexpr int64_t line = warpgroupLine, eightLines = 8 * line * 2, block = warpgroupDepth * line * 2;
  NVVM::WgmmaFenceAlignedOp::create(b);
  for (int64_t k = 0; k < warpgroupDepth; k += 16) {
    Value a = descriptor(kb, element, room, kb.add(left, kb.index(k)), 16, eightLines);
    Value c = rightAlongDepth ? descriptor(kb, element, room, kb.add(right, kb.index(k)), 16, eightLines)
                              : descriptor(kb, element, room, kb.add(right, kb.index(k * line)), block, eightLines);
    sums =
        NVVM::WgmmaMmaAsyncOp::create(b, sums.getType(), sums, a, c, NVVM::MMAShapeAttr::get(context, 64, columns, 16),
                                      types, types, NVVM::WGMMATypesAttr::get(context, NVVM::WGMMATypes::f32),
                                      NVVM::WGMMAScaleOutAttr::get(context, NVVM::WGMMAScaleOut::one), one, one,
                                      layout(false), layout(rightAlongDepth), NVVM::MMAIntOverflowAttr());
  }
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
  NVVM::WgmmaWaitGroupSyncOp::create(b, 0);
  return sums;
}

Value nvptx::noSums(DeviceKernel &kb, int64_t columns) {
  SmallVector<Type> types(columns / 2, kb.b.getF32Type());
  return LLVM::ZeroOp::create(kb.b, LLVM::LLVMStructType::getLiteral(kb.b.getContext(), types));
}
