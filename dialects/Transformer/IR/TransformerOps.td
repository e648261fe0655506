//===- TransformerOps.td - all ops, for tablegen --------------------------===//
include "Transformer/IR/TensorOps.td"
include "Transformer/IR/ModelOps.td"
