//===- IntegerProducts.h - products of quantised numbers --------*- C++ -*-===//
//
// What FuseIntegerProducts consists of, and others ask it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_INTEGERPRODUCTS_H
#define TRANSOM_LIB_TRANSFORMS_INTEGERPRODUCTS_H

#include "Fusion.h"
#include "Transformer/IR/Transformer.h"

namespace transom {

/// The longest sum of products of two differences of 8 bits that i32 holds.
inline constexpr int64_t longestSum = INT32_MAX / (255 * 255);

/// Why products cannot take `dequantize`'s integers instead; empty where they can.
/// `kept` is the dim of its result that the product keeps, -1 for none.
llvm::StringRef whyNotInteger(transformer::DequantizeOp dequantize, int64_t kept);

/// A scale or zero point without its shape, where it is one number.
mlir::Value asScalar(mlir::PatternRewriter &rewriter, mlir::Value value);

/// Convolutions of 8-bit numbers to integer products over their windows.
void populateIntegerConvolutionPatterns(mlir::RewritePatternSet &patterns, Fusion &fusion);

} // namespace transom

#endif // TRANSOM_LIB_TRANSFORMS_INTEGERPRODUCTS_H
