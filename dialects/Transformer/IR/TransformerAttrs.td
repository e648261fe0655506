//===- TransformerAttrs.td - enums of the transformer dialect -------------===//
#ifndef TRANSFORMER_ATTRS
#define TRANSFORMER_ATTRS

include "Transformer/IR/TransformerDialect.td"

def UnaryKind : Transformer_Enum<"UnaryKind", "elementwise function of one value", [
  I32EnumAttrCase<"abs", 0>, I32EnumAttrCase<"neg", 1>, I32EnumAttrCase<"exp", 2>,
  I32EnumAttrCase<"log", 3>, I32EnumAttrCase<"sqrt", 4>, I32EnumAttrCase<"rsqrt", 5>,
  I32EnumAttrCase<"reciprocal", 6>, I32EnumAttrCase<"sin", 7>, I32EnumAttrCase<"cos", 8>,
  I32EnumAttrCase<"tan", 9>, I32EnumAttrCase<"asin", 10>, I32EnumAttrCase<"acos", 11>,
  I32EnumAttrCase<"atan", 12>, I32EnumAttrCase<"sinh", 13>, I32EnumAttrCase<"cosh", 14>,
  I32EnumAttrCase<"asinh", 15>, I32EnumAttrCase<"acosh", 16>, I32EnumAttrCase<"atanh", 17>,
  I32EnumAttrCase<"erf", 18>, I32EnumAttrCase<"tanh", 19>, I32EnumAttrCase<"sigmoid", 20>,
  I32EnumAttrCase<"softplus", 21>, I32EnumAttrCase<"ceil", 22>, I32EnumAttrCase<"floor", 23>,
  I32EnumAttrCase<"round", 24>, I32EnumAttrCase<"sign", 25>, I32EnumAttrCase<"not_", 26, "not">,
  I32EnumAttrCase<"isnan", 27>, I32EnumAttrCase<"isinf", 28>, I32EnumAttrCase<"relu", 29>,
  I32EnumAttrCase<"gelu", 30>, I32EnumAttrCase<"gelu_tanh", 31>,
  I32EnumAttrCase<"quick_gelu", 32>, I32EnumAttrCase<"silu", 33>,
  I32EnumAttrCase<"relu_squared", 34>, I32EnumAttrCase<"identity", 35>
]>;
def UnaryKindAttr : Transformer_EnumAttr<UnaryKind, "unary_kind">;

def BinaryKind : Transformer_Enum<"BinaryKind", "elementwise function of two values", [
  I32EnumAttrCase<"add", 0>, I32EnumAttrCase<"sub", 1>, I32EnumAttrCase<"mul", 2>,
  I32EnumAttrCase<"div", 3>, I32EnumAttrCase<"pow", 4>, I32EnumAttrCase<"mod", 5>,
  I32EnumAttrCase<"fmod", 6>, I32EnumAttrCase<"min", 7>, I32EnumAttrCase<"max", 8>,
  I32EnumAttrCase<"and_", 9, "and">, I32EnumAttrCase<"or_", 10, "or">,
  I32EnumAttrCase<"xor_", 11, "xor">, I32EnumAttrCase<"shl", 12>, I32EnumAttrCase<"shr", 13>
]>;
def BinaryKindAttr : Transformer_EnumAttr<BinaryKind, "binary_kind">;

def CompareKind : Transformer_Enum<"CompareKind", "comparison", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
  I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>
]>;
def CompareKindAttr : Transformer_EnumAttr<CompareKind, "compare_kind">;

def ReduceKind : Transformer_Enum<"ReduceKind", "reduction", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"mean", 1>, I32EnumAttrCase<"max", 2>,
  I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"prod", 4>
]>;
def ReduceKindAttr : Transformer_EnumAttr<ReduceKind, "reduce_kind">;

def ScatterKind : Transformer_Enum<"ScatterKind", "what a scatter does where an element exists", [
  I32EnumAttrCase<"set", 0>, I32EnumAttrCase<"add", 1>, I32EnumAttrCase<"mul", 2>,
  I32EnumAttrCase<"min", 3>, I32EnumAttrCase<"max", 4>
]>;
def ScatterKindAttr : Transformer_EnumAttr<ScatterKind, "scatter_kind">;

def PadMode : Transformer_Enum<"PadMode", "what padding is filled with", [
  I32EnumAttrCase<"constant", 0>, I32EnumAttrCase<"reflect", 1>,
  I32EnumAttrCase<"edge", 2>, I32EnumAttrCase<"wrap", 3>
]>;
def PadModeAttr : Transformer_EnumAttr<PadMode, "pad_mode">;

def CausalKind : Transformer_Enum<"CausalKind", "which keys a query may see", [
  I32EnumAttrCase<"none", 0>,
  I32EnumAttrCase<"top_left", 1>,      // query i sees keys 0..i
  I32EnumAttrCase<"bottom_right", 2>   // query i sees keys 0..i+(Sk-Sq)
]>;
def CausalKindAttr : Transformer_EnumAttr<CausalKind, "causal_kind">;

def LinearReads : Transformer_Enum<"LinearReads", "what a query of a linear attention reads", [
  I32EnumAttrCase<"all", 0>,    // the state and every key
  I32EnumAttrCase<"causal", 1>, // the state and keys 0..i for query i
  I32EnumAttrCase<"before", 2>  // the state as it was before the keys
]>;
def LinearReadsAttr : Transformer_EnumAttr<LinearReads, "linear_reads">;

def ExpertGate : Transformer_Enum<"ExpertGate", "where an expert's gate and what it lets through stand", [
  I32EnumAttrCase<"none", 0>,       // there is no gate
  I32EnumAttrCase<"apart", 1>,      // two weights
  I32EnumAttrCase<"halves", 2>,     // of one weight the first half of the columns is the gate
  I32EnumAttrCase<"alternating", 3> // of one weight every other column is, from the first on
]>;
def ExpertGateAttr : Transformer_EnumAttr<ExpertGate, "expert_gate">;

#endif // TRANSFORMER_ATTRS
