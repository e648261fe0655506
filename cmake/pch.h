// The headers that nearly every file beyond the dialect includes, compiled once.
#include "pch-mlir.h"
#include "Transformer/Analysis/TensorDims.h"
#include "Transformer/IR/Transformer.h"
