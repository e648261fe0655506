"""Sizes that the signature leaves open and nodes do not: a run with others is refused, by node, before anything is read."""

import math
import os
import pathlib
import re
import subprocess
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRANSOM = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin")) / "transom"


class Case(NamedTuple):
    """A model, sizes with which it runs, and sizes with which it must not."""

    name: str
    opset: int
    signature: str
    weights: list
    nodes: list
    fits: str
    refused: list


def floats(name, *dims):
    return f"float[{', '.join(map(str, dims))}] {name} = {{{', '.join(['0.5'] * math.prod(dims))}}}"


CASES = [
    Case(
        "conv",
        21,
        "(float[n,c,h,k] x) => (float[p,q,r,s] y)",
        [floats("f", 4, 3, 3, 3)],
        ["y = Conv(x, f)"],
        "n=1 c=3 h=5 k=5",
        ["n=1 c=4 h=5 k=5", "n=1 c=2 h=5 k=5"],
    ),
    Case(
        "conv2",
        21,
        "(float[n,3,h,k] x, float[o,c,3,3] f) => (float[p,q,r,s] y)",
        [],
        ["y = Conv<kernel_shape=[3,3]>(x, f)"],
        "n=1 o=2 c=3 h=5 k=5",
        ["n=1 o=2 c=2 h=5 k=5"],
    ),
    Case(
        "convbias",
        21,
        "(float[n,3,h,k] x, float[b] z) => (float[p,q,r,s] y)",
        [floats("f", 4, 3, 3, 3)],
        ["y = Conv(x, f, z)"],
        "n=1 b=4 h=5 k=5",
        ["n=1 b=3 h=5 k=5"],
    ),
    Case(
        "convt",
        21,
        "(float[n,c,h,k] x) => (float[p,q,r,s] y)",
        [floats("f", 3, 2, 3, 3)],
        ["y = ConvTranspose(x, f)"],
        "n=1 c=3 h=5 k=5",
        ["n=1 c=2 h=5 k=5"],
    ),
    Case(
        "lnorm",
        21,
        "(float[n,c] x) => (float[p,q] y)",
        [floats("s", 4), floats("b", 4)],
        ["y = LayerNormalization(x, s,b)"],
        "n=1 c=4",
        ["n=1 c=3", "n=1 c=5"],
    ),
    Case(
        "lnormin",
        21,
        "(float[n,4] x, float[s] s) => (float[p,q] y)",
        [],
        ["y = LayerNormalization(x, s)"],
        "n=1 s=4",
        ["n=1 s=3"],
    ),
    Case(
        "rms",
        23,
        "(float[n,c] x) => (float[p,q] y)",
        [floats("s", 4)],
        ["y = RMSNormalization(x, s)"],
        "n=1 c=4",
        ["n=1 c=3"],
    ),
    Case(
        "einsum",
        21,
        "(float[a,b] x, float[c,d] z) => (float[p,q] y)",
        [],
        ['y = Einsum<equation="ij,jk->ik">(x, z)'],
        "a=2 b=3 c=3 d=2",
        ["a=2 b=3 c=4 d=2"],
    ),
    Case(
        "gatherel",
        21,
        "(float[a,b] x, int64[c,d] i) => (float[p,q] y)",
        [],
        ["y = GatherElements<axis=1>(x, i)"],
        "a=2 b=3 c=2 d=2",
        ["a=2 b=3 c=3 d=2"],
    ),
    Case(
        "scatterel",
        21,
        "(float[a,b] x, int64[c,d] i, float[e,f] u) => (float[p,q] y)",
        [],
        ["y = ScatterElements<axis=1>(x, i, u)"],
        "a=2 b=3 c=2 d=1 e=2 f=1",
        ["a=2 b=3 c=2 d=1 e=1 f=1", "a=2 b=3 c=3 d=1 e=3 f=1"],
    ),
    Case(
        "scatternd",
        21,
        "(float[a,b] x, int64[c,1] i, float[e,f] u) => (float[p,q] y)",
        [],
        ["y = ScatterND(x, i, u)"],
        "a=2 b=3 c=1 e=1 f=3",
        ["a=2 b=3 c=1 e=1 f=2", "a=2 b=3 c=2 e=1 f=3"],
    ),
    Case(
        "tensorscatter",
        24,
        "(float[a,s,d] x, float[b,t,e] u, int64[n] i) => (float[p,q,r] y)",
        [],
        ["y = TensorScatter<axis=1>(x, u, i)"],
        "a=2 s=4 d=3 b=2 t=1 e=3 n=2",
        ["a=2 s=4 d=3 b=2 t=1 e=2 n=2", "a=2 s=4 d=3 b=1 t=1 e=3 n=2", "a=2 s=4 d=3 b=2 t=1 e=3 n=1"],
    ),
    Case(
        "splitc",
        21,
        "(float[a,b] x) => (float[p,q] y, float[r,s] z)",
        ["int64[2] k = {2, 2}"],
        ["y, z = Split<axis=1>(x, k)"],
        "a=2 b=4",
        ["a=2 b=5", "a=2 b=3"],
    ),
    Case(
        "attention4",
        23,
        "(float[b,h,s,4] q, float[c,g,t,4] k, float[f,i,u,4] v) => (float[w,x,y,z] o)",
        [],
        ["o = Attention(q,k,v)"],
        "b=1 h=2 s=3 c=1 g=2 t=3 f=1 i=2 u=3",
        [
            "b=1 h=2 s=3 c=1 g=2 t=3 f=1 i=2 u=2",
            "b=1 h=3 s=3 c=1 g=2 t=3 f=1 i=2 u=3",
            "b=1 h=2 s=3 c=1 g=2 t=3 f=1 i=1 u=3",
            "b=1 h=2 s=3 c=1 g=0 t=3 f=1 i=0 u=3",
        ],
    ),
    Case(
        "rotary",
        23,
        "(float[b,s,8] q, float[c,d] k, float[e,f] v, int64[g,h] i) => (float[w,x,y] o)",
        [],
        ["o = RotaryEmbedding<num_heads=2>(q,k,v,i)"],
        "b=1 s=3 c=9 d=2 e=9 f=2 g=1 h=3",
        ["b=1 s=3 c=9 d=1 e=9 f=1 g=1 h=3", "b=1 s=3 c=9 d=2 e=9 f=1 g=1 h=3", "b=1 s=3 c=9 d=2 e=9 f=2 g=1 h=2"],
    ),
    Case(
        "lstm",
        21,
        "(float[s,b,i] x) => (float[p,q,r,t] y)",
        [floats("f", 1, 8, 3), floats("r_", 1, 8, 2)],
        ["y = LSTM<hidden_size=2>(x, f, r_)"],
        "s=2 b=1 i=3",
        ["s=2 b=1 i=4"],
    ),
    Case(
        "gru",
        21,
        "(float[s,b,3] x, float[d,c,2] h) => (float[p,q,r,t] y)",
        [floats("f", 1, 6, 3), floats("r_", 1, 6, 2)],
        ["y = GRU<hidden_size=2>(x, f, r_, , , h)"],
        "s=2 b=1 c=1 d=1",
        ["s=2 b=1 c=2 d=1", "s=2 b=2 c=1 d=1", "s=2 b=1 c=1 d=2"],
    ),
    Case(
        "qdq",
        21,
        "(float[n,c] x) => (float[p,q] y)",
        [floats("s", 3), "uint8[3] z = {0,0,0}"],
        ["a = QuantizeLinear<axis=1>(x, s, z)", "y = DequantizeLinear<axis=1>(a, s, z)"],
        "n=2 c=3",
        ["n=2 c=4"],
    ),
    Case(
        "qdqblock",
        21,
        "(float[n,c] x) => (float[p,q] y)",
        [floats("s", 1, 2)],
        ["a = QuantizeLinear<axis=1,block_size=2>(x, s)", "y = DequantizeLinear<axis=1,block_size=2>(a, s)"],
        "n=1 c=4",
        ["n=1 c=6", "n=2 c=4"],
    ),
    Case(
        "matmulint",
        21,
        "(uint8[n,c] x) => (int32[p,q] y)",
        ["uint8[2,3] f = {1,2,3,4,5,6}"],
        ["y = MatMulInteger(x, f)"],
        "n=2 c=2",
        ["n=2 c=3"],
    ),
    Case(
        "nbits",
        21,
        "(float[n,c] x) => (float[p,q] y)",
        ["uint8[2,1,8] f = {1,2,3,4,5,6,7,8,1,2,3,4,5,6,7,8}", floats("s", 2)],
        ["y = com.microsoft.MatMulNBits<K=16,N=2,bits=4,block_size=16>(x, f, s)"],
        "n=2 c=16",
        ["n=2 c=8", "n=2 c=32"],
    ),
    Case(
        "mha",
        21,
        "(float[b,s,8] q, float[c,t,8] k, float[f,u,8] v) => (float[w,x,y] o)",
        [],
        ["o = com.microsoft.MultiHeadAttention<num_heads=2>(q,k,v)"],
        "b=1 s=3 c=1 t=3 f=1 u=3",
        ["b=1 s=3 c=1 t=3 f=1 u=2"],
    ),
    Case(
        "mhapast",
        21,
        "(float[b,s,8] q, float[c,t,8] k, float[f,u,8] v, float[d,2,e,4] pk, float[g,2,h,4] pv) => (float[w,x,y] o)",
        [],
        ["o = com.microsoft.MultiHeadAttention<num_heads=2>(q,k,v,,,,pk,pv)"],
        "b=1 s=3 c=1 t=3 f=1 u=3 d=1 e=2 g=1 h=2",
        ["b=1 s=3 c=1 t=3 f=1 u=3 d=1 e=2 g=1 h=3", "b=1 s=3 c=1 t=3 f=1 u=3 d=2 e=2 g=1 h=2"],
    ),
    Case(
        "gqa",
        21,
        "(float[b,s,8] q, float[c,t,4] k, float[f,u,4] v, float[d,1,e,4] pk, float[g,1,h,4] pv, int32[n] l, int32[1] m) => (float[w,x,y] o, float[pa,pb,pc,pd] a, float[qa,qb,qc,qd] bb)",
        [],
        ["o, a, bb = com.microsoft.GroupQueryAttention<num_heads=2,kv_num_heads=1>(q,k,v,pk,pv,l,m)"],
        "b=1 s=1 c=1 t=1 f=1 u=1 d=1 e=4 g=1 h=4 n=1",
        [
            "b=1 s=1 c=1 t=1 f=1 u=1 d=1 e=4 g=1 h=3 n=1",
            "b=1 s=1 c=1 t=2 f=1 u=1 d=1 e=4 g=1 h=4 n=1",
            "b=2 s=1 c=2 t=1 f=2 u=1 d=2 e=4 g=2 h=4 n=1",
        ],
    ),
    Case(
        "pad",
        21,
        "(float[n,c] x) => (float[p,q] y)",
        ["int64[4] s = {0, 3, 0, 0}"],
        ['y = Pad<mode="reflect">(x, s)'],
        "n=2 c=4",
        ["n=2 c=3", "n=2 c=0"],
    ),
    Case(
        "onehot",
        21,
        "(int64[n] x, float[c] v) => (float[p,q] y)",
        ["int64[1] d = {3}"],
        ["y = OneHot(x, d, v)"],
        "n=2 c=2",
        ["n=2 c=1"],
    ),
    Case(
        "reverseseq",
        21,
        "(float[s,b] x, int64[c] l) => (float[p,q] y)",
        [],
        ["y = ReverseSequence(x, l)"],
        "s=2 b=3 c=3",
        ["s=2 b=3 c=2"],
    ),
    Case(
        "convint",
        21,
        "(uint8[n,c,h,k] x) => (int32[p,q,r,s] y)",
        ["uint8[1,2,1,1] f = {1,2}"],
        ["y = ConvInteger(x, f)"],
        "n=1 c=2 h=5 k=5",
        ["n=1 c=3 h=5 k=5"],
    ),
    Case(
        "gridsample",
        21,
        "(float[n,c,h,k] x, float[m,a,b,2] g) => (float[p,q,r,s] y)",
        [],
        ["y = GridSample(x, g)"],
        "n=1 c=2 h=3 k=3 m=1 a=2 b=2",
        ["n=2 c=2 h=3 k=3 m=1 a=2 b=2"],
    ),
    Case(
        "deform",
        21,
        "(float[n,2,h,k] x, float[m,2,a,b] g) => (float[p,q,r,s] y)",
        [floats("f", 1, 2, 1, 1)],
        ["y = DeformConv(x, f, g)"],
        "n=1 h=3 k=3 m=1 a=3 b=3",
        ["n=2 h=3 k=3 m=1 a=3 b=3"],
    ),
    Case(
        "skipln",
        21,
        "(float[n,s,c] x, float[m,t,d] k) => (float[p,q,r] y)",
        [floats("g", 4), floats("h_", 4)],
        ["y = com.microsoft.SkipLayerNormalization(x, k, g, h_)"],
        "n=1 s=2 c=4 m=1 t=2 d=4",
        ["n=1 s=2 c=3 m=1 t=2 d=3", "n=1 s=2 c=4 m=1 t=2 d=3"],
    ),
]


def run(package, sizes):
    dims = [word for size in sizes.split() for word in ("--dim", size)]
    return subprocess.run([TRANSOM, "run", package, *dims], capture_output=True, text=True)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_sizes(case, tmp_path):
    model, package = tmp_path / f"{case.name}.onnxtxt", tmp_path / "package"
    weights = f"<{', '.join(case.weights)}>" if case.weights else ""
    opsets = f'<ir_version: 9, opset_import: ["" : {case.opset}, "com.microsoft" : 1]>'
    model.write_text("\n".join([opsets, f"g {case.signature}", weights, "{", *case.nodes, "}"]))
    done = subprocess.run([TRANSOM, "compile", model, "-o", package], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    done = run(package, case.fits)
    assert done.returncode == 0, done.stderr
    operators = [re.search(r"= (?:com\.microsoft\.)?(\w+)", node)[1] for node in case.nodes]
    for sizes in case.refused:
        done = run(package, sizes)
        assert done.returncode == 1, (sizes, done.stdout)
        named = re.search(r"^error: model '\w+': (\w+) .*a dim is (-?\d+) where (-?\d+) is expected", done.stderr)
        assert named and named[1] in operators, (sizes, done.stderr)
        assert named[2] != named[3]
