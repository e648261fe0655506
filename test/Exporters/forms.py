"""What ONNX Runtime's tools make of a model: its own optimised graphs, quantised ones, other types and opsets.

Each function takes a model and the inputs of its data sets and gives another model.
"""

import os
import tempfile

import exporting
import onnx
from onnx.version_converter import convert_version
from onnxruntime import quantization

NEWEST = 26  #: the newest opset that ONNX Runtime runs


def through_files(model, convert):
    """`convert(source, target)` works on files."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "source.onnx"), os.path.join(folder, "target.onnx")
        onnx.save(model, source)
        convert(source, target)
        return onnx.load(target)


class Feeds(quantization.CalibrationDataReader):
    """The data sets of a case, for static quantisation."""

    def __init__(self, feeds):
        self.left = list(feeds)

    def get_next(self):
        return self.left.pop(0) if self.left else None


def optimised(model, feeds):
    return exporting.optimised_by_onnxruntime(model)


def fused_for(kind, heads=4, width=32):
    """As onnxruntime.transformers.optimizer writes models of one kind."""
    return lambda model, feeds: exporting.optimised_for_transformers(model, kind, heads, width)


def int8(model, feeds):
    """Weights in int8, activations quantised as they come."""
    return through_files(
        model,
        lambda source, target: quantization.quantize_dynamic(
            source, target, weight_type=quantization.QuantType.QInt8, extra_options={"MatMulConstBOnly": True}
        ),
    )


def uint8(model, feeds):
    """Weights in uint8 for each column, activations quantised as they come."""
    return through_files(
        model,
        lambda source, target: quantization.quantize_dynamic(
            source,
            target,
            per_channel=True,
            weight_type=quantization.QuantType.QUInt8,
            extra_options={"MatMulConstBOnly": True},
        ),
    )


def calibrated(model, feeds, form, **options):
    """What is computed in 8 bits, with ranges from the feeds, in one of quantization.QuantFormat."""
    return through_files(
        model,
        lambda source, target: quantization.quantize_static(
            source,
            target,
            Feeds(exporting.as_inputs(model, feed) for feed in feeds),
            quant_format=form,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            **options,
        ),
    )


def qdq(model, feeds):
    """QuantizeLinear and DequantizeLinear around what is computed in 8 bits."""
    return calibrated(model, feeds, quantization.QuantFormat.QDQ, per_channel=True)


def qoperator(model, feeds):
    """QLinearConv, QLinearMatMul and the like."""
    return calibrated(model, feeds, quantization.QuantFormat.QOperator)


def int4(model, feeds):
    """Weights in blocks of 4 bits, as MatMulNBits."""
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(model, block_size=16, is_symmetric=False)
    quantizer.process()
    return quantizer.model.model


def int4_qdq(model, feeds):
    """Weights in blocks of 4 bits behind DequantizeLinear."""
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(
        model, block_size=16, is_symmetric=True, quant_format=quantization.QuantFormat.QDQ
    )
    quantizer.process()
    return quantizer.model.model


def fp16(model, feeds):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(model, keep_io_types=True)


def newest(model, feeds):
    return convert_version(model, NEWEST)


#: name -> (function, tolerance against ONNX Runtime)
FORMS = {
    "ort": (optimised, 1e-4),
    "int8": (int8, 2e-2),
    "uint8": (uint8, 2e-2),
    "qdq": (qdq, 3e-2),
    "qoperator": (qoperator, 3e-2),
    "int4": (int4, 1e-3),
    "int4-qdq": (int4_qdq, 1e-3),
    "fp16": (fp16, 5e-3),
    "newest": (newest, 1e-4),
}
for _kind in ("bert", "gpt2", "vit", "t5", "bart", "clip", "swin", "conformer"):
    FORMS[f"fused-{_kind}"] = (fused_for(_kind), 1e-4)

ALL = ("ort", "int8", "uint8", "qdq", "int4", "int4-qdq", "fp16", "newest")
SOME = ("ort", "int8", "qdq", "int4")
#: Which forms of which cases are made.
FORMED = {
    "bert-ts17": (*ALL, "qoperator"),
    "bert-ts13": ("ort", "fused-bert"),
    "roberta-ts17": SOME,
    "distilbert-ts17": SOME,
    "deberta-ts17": ("ort", "int8"),
    "modernbert-ts17": SOME,
    "gpt2-ts17": ALL,
    "gpt2-ts13": ("fused-gpt2",),
    "gpt2-optimum-past": (*SOME, "fp16", "fused-gpt2"),
    "llama-ts17": ALL,
    "llama-optimum-past": (*SOME, "fp16"),
    "qwen2-optimum-past": (*SOME, "int4-qdq", "fp16"),
    "qwen3-optimum-past": SOME,
    "gemma2-optimum-past": ("int8", "int4"),
    "phi3-optimum-past": ("ort", "int4"),
    "mixtral-ts17": ("ort", "int4"),
    "t5-whole-ts17": (*SOME, "fused-t5"),
    "t5-optimum-decoder-model-merged": ("ort", "int8", "int4"),
    "bart-whole-ts17": (*SOME, "fused-bart"),
    "bart-optimum-decoder-with-past-model": ("ort", "int8"),
    "whisper-optimum-encoder-model": (*SOME, "fp16"),
    "whisper-optimum-decoder-model-merged": SOME,
    "vit-ts17": (*ALL, "qoperator", "fused-vit"),
    "swin-ts17": (*SOME, "fused-swin"),
    "convnext-ts17": ("ort", "int8", "qdq", "qoperator"),
    "clip-ts17": (*SOME, "fused-clip"),
    "segformer-ts17": ("ort", "qdq"),
    "detr-ts17": ("ort", "int8"),
    "wav2vec2-ts17": (*SOME, "qoperator", "fp16"),
    "wav2vec2-conformer-ts17": ("ort", "fused-conformer"),
    "patchtst-ts17": SOME,
}
