"""Prints a model in ONNX's textual syntax: a product of rows with a 64x96 weight, a bias and a GELU.

With the argument `integers`: a product of 8-bit numbers.
"""

import sys

if sys.argv[1:] == ["integers"]:
    weight = ", ".join(str(i * 37 % 255 - 127) for i in range(64 * 96))
    print(f"""<ir_version: 8, opset_import: ["" : 20]>
product (uint8[rows, 64] x) => (int32[rows, 96] y)
<int8[64, 96] w = {{{weight}}}, uint8 z = {{117}}>
{{
  y = MatMulInteger(x, w, z)
}}""")
    sys.exit()

numbers = ", ".join(f"{(i * 37 % 101 - 50) / 100}" for i in range(64 * 96))
bias = ", ".join(f"{i / 100}" for i in range(96))
print(f"""<ir_version: 8, opset_import: ["" : 20]>
product (float[rows, 64] x) => (float[rows, 96] y)
<float[64, 96] w = {{{numbers}}}, float[96] b = {{{bias}}}>
{{
  p = MatMul(x, w)
  s = Add(p, b)
  y = Gelu(s)
}}""")
