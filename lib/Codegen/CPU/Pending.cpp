#include "KernelBuilder.h"
using namespace mlir;
namespace transom::cpu {
using namespace transformer;
#define P(N) LogicalResult write##N(KernelBuilder &, N##Op op) { return op.emitError("no CPU kernel yet"); }
P(ArgReduce) P(CumSum) P(MatMulInteger) P(LinearNBits) P(KVWrite) P(ScatterElements) P(ScatterND) P(TopK) P(NonZero)
P(Conv) P(Pool) P(Resize)
}
