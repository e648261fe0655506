//===- Pipeline.h - stages that some threads fill and others read -*- C++ -*-===//
//
// Stages of shared memory, filled by threads that only copy while others work on
// what has come. Each stage has two barriers in shared memory: one counts what has
// come, bytes of tensors or threads, the other the warps that have read it. Nobody
// waits for the whole block.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_PIPELINE_H
#define TRANSOM_LIB_CODEGEN_NVPTX_PIPELINE_H

#include "DeviceKernel.h"

namespace transom::nvptx {

class Pipeline {
public:
  /// The barriers lie at `barriers`, in `bytes(stages)`.
  Pipeline(DeviceKernel &kb, Value barriers, int64_t stages) : kb(kb), barriers(barriers), stages(stages) {}
  static int64_t bytes(int64_t stages) { return 2 * stages * 8; }
  /// By one thread of the block, which waits afterwards: how many arrivals fill a stage, and how many warps read it.
  void initialise(int64_t filling, int64_t reading);

  /// The stage of a slice by its number among all of the block's, and whether its barriers have turned an odd number of
  /// times before it.
  struct Turn {
    Value stage, parity;
  };
  Turn turnOf(Value slice);
  void waitUntilFull(Turn turn) { wait(full(turn), turn.parity); }
  /// Passes at once the first time: a barrier that has not turned is as one that has turned the other way.
  void waitUntilEmpty(Turn turn) { wait(empty(turn), kb.sub(kb.index(1), turn.parity)); }
  /// This thread arrives and says how many bytes come by `copy`.
  void expect(Turn turn, int64_t bytes);
  /// A piece of a tensor, 128 bytes a line, to where the swizzle begins; zeros where the tensor has no element.
  void copy(Turn turn, Value map, Value to, ArrayRef<Value> at);
  /// What this thread has put into the stage is there.
  void fill(Turn turn) { arrive(full(turn)); }
  /// This warp has read the stage.
  void release(Turn turn) {
    kb.when(kb.equal(kb.lane, kb.index(0)), [&] { arrive(empty(turn)); });
  }

private:
  Value full(Turn turn) { return barrier(turn.stage); }
  Value empty(Turn turn) { return barrier(kb.add(turn.stage, kb.index(stages))); }
  Value barrier(Value number) { return kb.address(barriers, number, kb.b.getI64Type()); }
  void wait(Value barrier, Value parity);
  void arrive(Value barrier);

  DeviceKernel &kb;
  Value barriers;
  const int64_t stages;
};

/// What threads have stored is from now on to be read by the tensor cores.
void fenceStores(DeviceKernel &kb);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_PIPELINE_H
