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

static Type structOfSums(DeviceKernel &kb, int64_t columns) {
  SmallVector<Type> types(columns / 2, kb.b.getF32Type());
  return LLVM::LLVMStructType::getLiteral(kb.b.getContext(), types);
}

/// Where the operand's step from `depth` on begins: so far behind its first one, of which there is one descriptor.
static Value descriptor(DeviceKernel &kb, const SwizzledTile &tile, int64_t depth) {
  constexpr int64_t line = warpgroupLine, eightLines = 8 * line * 2;
  int64_t block = tile.lines * line;
  int64_t from = tile.alongDepth ? depth / line * block + depth % line : depth * line;
  Value first = descriptor(kb, tile.element, tile.room, tile.offset, tile.alongDepth ? 16 : block * 2, eightLines);
  Value further = arith::ConstantOp::create(kb.b, kb.b.getI64IntegerAttr(from * 2 >> 4));
  return arith::AddIOp::create(kb.b, first, further);
}

Value nvptx::swizzled(DeviceKernel &kb, Value number, Value within) {
  Value piece = kb.div(within, kb.index(8));
  Value place = arith::XOrIOp::create(kb.b, piece, kb.rem(number, kb.index(8)));
  return kb.add(kb.mul(number, kb.index(warpgroupLine)),
                kb.add(kb.mul(place, kb.index(8)), kb.rem(within, kb.index(8))));
}

Value SwizzledTile::place(DeviceKernel &kb, Value number, Value within) const {
  Value block = kb.mul(kb.div(within, kb.index(warpgroupLine)), kb.index(lines * warpgroupLine));
  return kb.add(offset, kb.add(block, swizzled(kb, number, kb.rem(within, kb.index(warpgroupLine)))));
}

//===-- Multiplications ---------------------------------------------------===//

void nvptx::beginMultiplications(DeviceKernel &kb) { NVVM::WgmmaFenceAlignedOp::create(kb.b); }
void nvptx::commitMultiplications(DeviceKernel &kb) { NVVM::WgmmaGroupSyncAlignedOp::create(kb.b); }

Value nvptx::startMultiplication(DeviceKernel &kb, const SwizzledTile &left, const SwizzledTile &right, int64_t depth,
                                 int64_t columns, Value sums) {
  ImplicitLocOpBuilder &b = kb.b;
  MLIRContext *context = b.getContext();
  Type element = left.element;
  auto types = NVVM::WGMMATypesAttr::get(context, element.isF16() ? NVVM::WGMMATypes::f16 : NVVM::WGMMATypes::bf16);
  auto one = NVVM::WGMMAScaleInAttr::get(context, NVVM::WGMMAScaleIn::one);
  auto layout = [&](bool alongColumns) {
    return NVVM::MMALayoutAttr::get(context, alongColumns ? NVVM::MMALayout::col : NVVM::MMALayout::row);
  };
  auto scale = NVVM::WGMMAScaleOutAttr::get(context, sums ? NVVM::WGMMAScaleOut::one : NVVM::WGMMAScaleOut::zero);
  // Registers that are not read need nothing in them.
  if (!sums)
    sums = LLVM::PoisonOp::create(b, structOfSums(kb, columns));
  return NVVM::WgmmaMmaAsyncOp::create(b, sums.getType(), sums, descriptor(kb, left, depth),
                                       descriptor(kb, right, depth),
                                       NVVM::MMAShapeAttr::get(context, 64, columns, warpgroupStep), types, types,
                                       NVVM::WGMMATypesAttr::get(context, NVVM::WGMMATypes::f32), scale, one, one,
                                       layout(false), layout(right.alongDepth), NVVM::MMAIntOverflowAttr());
}

/// Instructions that change sums where they are: `text` has the sums as $0 and on, and the others behind twice as many.
static Value changeSums(DeviceKernel &kb, Value sums, const std::string &text, ArrayRef<Value> others,
                        StringRef constraints) {
  SmallVector<Value> operands = unpackSums(kb, sums);
  std::string all, same;
  for (size_t i = 0; i < operands.size(); ++i) {
    all += "=f,";
    same += std::to_string(i) + (i + 1 < operands.size() ? "," : "");
  }
  llvm::append_range(operands, others);
  auto dialect = LLVM::AsmDialectAttr::get(kb.b.getContext(), LLVM::AsmDialect::AD_ATT);
  return LLVM::InlineAsmOp::create(kb.b, sums.getType(), operands, text, all + same + constraints.str(),
                                   /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None,
                                   dialect, ArrayAttr())
      .getResult(0);
}

Value nvptx::startMultiplication(DeviceKernel &kb, ArrayRef<Value> left, const SwizzledTile &right, int64_t depth,
                                 Value sums) {
  size_t count = cast<LLVM::LLVMStructType>(sums.getType()).getBody().size();
  auto number = [](size_t i) { return "$" + std::to_string(i); };
  std::string type = right.element.isF16() ? "f16" : "bf16", text, list;
  for (size_t i = 0; i < count; ++i)
    list += (i ? ", " : "") + number(i);
  text = "{ .reg .pred p; setp.ne.b32 p, 1, 0; wgmma.mma_async.sync.aligned.m64n" + std::to_string(count * 2) +
         "k16.f32." + type + "." + type + " {" + list + "}, {";
  for (size_t i = 0; i < 4; ++i)
    text += (i ? ", " : "") + number(2 * count + i);
  text += "}, " + number(2 * count + 4) + ", p, 1, 1, " + (right.alongDepth ? "0" : "1") + "; }";
  SmallVector<Value> others(left);
  others.push_back(descriptor(kb, right, depth));
  return changeSums(kb, sums, text, others, ",r,r,r,r,l");
}

Value nvptx::waitForMultiplications(DeviceKernel &kb, int64_t pending, Value sums) {
  return changeSums(kb, sums, "wgmma.wait_group.sync.aligned " + std::to_string(pending) + ";", {}, "");
}

Value nvptx::multiplySlices(DeviceKernel &kb, Type element, Value room, Value left, Value right, bool rightAlongDepth,
                            int64_t columns, Value sums) {
  SwizzledTile a{room, element, left, 64, true}, c{room, element, right, warpgroupDepth, rightAlongDepth};
  beginMultiplications(kb);
  for (int64_t k = 0; k < warpgroupDepth; k += warpgroupStep)
    sums = startMultiplication(kb, a, c, k, columns, sums);
  commitMultiplications(kb);
  NVVM::WgmmaWaitGroupSyncOp::create(kb.b, 0);
  return sums;
}

//===-- Sums --------------------------------------------------------------===//

Value nvptx::noSums(DeviceKernel &kb, int64_t columns) { return LLVM::ZeroOp::create(kb.b, structOfSums(kb, columns)); }

Value nvptx::packSums(DeviceKernel &kb, ArrayRef<Value> sums) {
  Value all = LLVM::PoisonOp::create(kb.b, structOfSums(kb, static_cast<int64_t>(sums.size()) * 2));
  for (auto [i, sum] : llvm::enumerate(sums))
    all = LLVM::InsertValueOp::create(kb.b, all, sum, ArrayRef<int64_t>{int64_t(i)});
  return all;
}

SmallVector<Value> nvptx::unpackSums(DeviceKernel &kb, Value sums) {
  SmallVector<Value> result;
  for (size_t i = 0; i < cast<LLVM::LLVMStructType>(sums.getType()).getBody().size(); ++i)
    result.push_back(LLVM::ExtractValueOp::create(kb.b, sums, ArrayRef<int64_t>{int64_t(i)}));
  return result;
}

void nvptx::forSums(DeviceKernel &kb, Value room, ArrayRef<Value> sums,
                    llvm::function_ref<void(Value, Value, Value)> body) {
  Type f32 = kb.b.getF32Type();
  constexpr int64_t chunk = 32, stride = chunk + 4; ///< columns at a time, and what keeps lines in different banks
  static_assert(16 * stride * 4 == sumsRoom);
  auto columns = static_cast<int64_t>(sums.size()) * 2;
  Value own = kb.mul(kb.warp, kb.index(16 * stride)), first = kb.mul(kb.warp, kb.index(16));
  Value down = kb.div(kb.lane, kb.index(4)), across = kb.mul(kb.rem(kb.lane, kb.index(4)), kb.index(2));
  auto syncWarp = [&] { NVVM::SyncWarpOp::create(kb.b, kb.i32(-1)); };
  for (int64_t c = 0; c < columns; c += chunk) {
    syncWarp(); // the memory is still read
    int64_t width = std::min(chunk, columns - c);
    for (int64_t i = 0; i < width / 2; i += 2) {
      Value row = kb.add(down, kb.index(i % 4 / 2 * 8)), column = kb.add(across, kb.index(i / 4 * 8));
      Value place = kb.add(own, kb.add(kb.mul(row, kb.index(stride)), column));
      kb.storeVectorOf(kb.pack(sums.slice(c / 2 + i, 2)), room, place, f32, 8);
    }
    syncWarp();
    kb.loop(kb.index(16), [&](Value r) {
      auto put = [&] {
        Value place = kb.add(own, kb.add(kb.mul(r, kb.index(stride)), kb.lane));
        body(kb.add(first, r), kb.add(kb.lane, kb.index(c)), kb.load(room, place, f32));
      };
      if (width == chunk)
        put();
      else
        kb.when(kb.less(kb.lane, kb.index(width)), put);
    });
  }
}
