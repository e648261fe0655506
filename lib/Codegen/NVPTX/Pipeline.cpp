//===- Pipeline.cpp - stages that some threads fill and others read -------===//

#include "Pipeline.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

void Pipeline::initialise(int64_t filling, int64_t reading) {
  for (int64_t s = 0; s < stages; ++s) {
    Turn turn{kb.index(s), Value()};
    NVVM::MBarrierInitOp::create(kb.b, full(turn), kb.i32(filling), Value());
    NVVM::MBarrierInitOp::create(kb.b, empty(turn), kb.i32(reading), Value());
  }
}

Pipeline::Turn Pipeline::turnOf(Value slice) {
  return {kb.rem(slice, kb.index(stages)), kb.rem(kb.div(slice, kb.index(stages)), kb.index(2))};
}

void Pipeline::wait(Value barrier, Value parity) {
  constexpr int64_t nanoseconds = 10000000; // a hint
  NVVM::MBarrierTryWaitParityOp::create(kb.b, barrier, kb.toI32(parity), kb.i32(nanoseconds));
}

void Pipeline::arrive(Value barrier) {
  NVVM::MBarrierArriveOp::create(kb.b, Type(), barrier, Value(), NVVM::MemScopeKind::CTA, false);
}

void Pipeline::expect(Turn turn, int64_t bytes) {
  NVVM::MBarrierArriveExpectTxOp::create(kb.b, Type(), full(turn), kb.i32(bytes), NVVM::MemScopeKind::CTA, false,
                                         Value());
}

void Pipeline::copy(Turn turn, Value map, Value to, ArrayRef<Value> at) {
  ImplicitLocOpBuilder &b = kb.b;
  auto cluster =
      LLVM::LLVMPointerType::get(b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::SharedCluster));
  SmallVector<Value> coordinates;
  for (Value coordinate : at)
    coordinates.push_back(kb.toI32(coordinate));
  NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
      b, LLVM::AddrSpaceCastOp::create(b, cluster, to), map, coordinates, full(turn), ValueRange(), Value(), Value(),
      NVVM::TMALoadMode::TILE, /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
}

void nvptx::fenceStores(DeviceKernel &kb) {
  MLIRContext *context = kb.b.getContext();
  NVVM::FenceProxyOp::create(kb.b, NVVM::ProxyKindAttr::get(context, NVVM::ProxyKind::async_shared),
                             NVVM::SharedSpaceAttr::get(context, NVVM::SharedSpace::shared_cta));
}
