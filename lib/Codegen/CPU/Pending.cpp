#include "KernelBuilder.h"
using namespace mlir;
namespace transom::cpu {
using namespace transformer;
#define P(N) LogicalResult write##N(KernelBuilder &, N##Op op) { return op.emitError("no CPU kernel yet"); }
P(MatMulInteger) P(LinearNBits)
}
