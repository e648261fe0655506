//===- TransformerDialect.td - the dialect and its shared pieces ----------===//
//
// One dialect, two layers of ops. The tensor layer (TensorOps.td) says what an
// ONNX graph says, with numpy broadcasting and dynamic dims; the model layer
// (ModelOps.td) says what the transformer means. Everything is a value: no op
// has side effects.
//
//===----------------------------------------------------------------------===//

#ifndef TRANSFORMER_DIALECT
#define TRANSFORMER_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Transformer_Dialect : Dialect {
  let name = "transformer";
  let summary = "Transformer models as values";
  let description = [{
    Models as ONNX writes them (tensor layer) and as their authors mean them
    (model layer). Tensors are ranked, row-major, with dynamic dims; sizes are
    `index` values. Element types: f64, f32, f16, bf16, f8E4M3FN, f8E5M2,
    f8E4M3FNUZ, f8E5M2FNUZ, f8E8M0FNU, f4E2M1FN, signless ints i1 (bool), i2, i4,
    i8, i16, i32, i64 and unsigned ui2, ui4, ui8, ui16, ui32, ui64. Elements of 4
    and 2 bits are packed where they are bytes, the first one in the low bits.

    Where a result dim is dynamic and does not follow from the operands, the op
    takes its size as an `index` operand in `dims`, one per `?` of the result
    type, in order.

    Conventions on functions: the entry function carries
    `transformer.entry`; its arguments and results carry `transformer.name`
    (the ONNX name) and `transformer.dims` (an array with one string per dim:
    the symbol's name where the dim is dynamic, else ""). Equal names are equal
    dims: the runtime checks that on entry. Weights are
    `transformer.constant dense_resource<...>`; the ONNX initializer's name is
    the resource's key.

    Locations carry provenance: `NameLoc("onnx node name")` inside
    `fused<"OpType">`.
  }];
  let cppNamespace = "::transom::transformer";
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

class Transformer_Op<string mnemonic, list<Trait> traits = []>
    : Op<Transformer_Dialect, mnemonic, traits>;

/// An op whose result types follow from operands and attributes.
class Transformer_InferOp<string mnemonic, list<Trait> traits = []>
    : Transformer_Op<mnemonic,
        traits # [Pure, InferTypeOpAdaptor]>;

defvar AnyT = AnyRankedTensor;
defvar FloatT = RankedTensorOf<[AnyFloat]>;
defvar IndexList = Variadic<Index>;

class Transformer_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::transom::transformer";
  let genSpecializedAttr = 0;
}
class Transformer_EnumAttr<EnumAttrInfo info, string mnemonic>
    : EnumAttr<Transformer_Dialect, info, mnemonic>;

#endif // TRANSFORMER_DIALECT
