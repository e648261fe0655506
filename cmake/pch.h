// The headers that nearly every file beyond the dialect includes, compiled once.
#include "Transformer/Analysis/TensorDims.h"
#include "Transformer/IR/Transformer.h"
#include "pch-mlir.h"
