"""Compiles kernels for a GPU as far as LLVM IR and runs them on the CPU.

What a kernel does between threads is done by emulator.cpp.
"""

import ctypes
import pathlib
import re
import subprocess

import numpy

MAP_WORDS = 16  # of a description of a tensor
FOLDER = pathlib.Path(__file__).parent
LLVM = pathlib.Path("/usr/lib/llvm-22/bin")
LOWERING = ("builtin.module(convert-nvvm-to-llvm,convert-scf-to-cf,convert-vector-to-llvm,convert-math-to-funcs,convert-math-to-llvm,"
            "convert-arith-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,reconcile-unrealized-casts)")

# Intrinsics that are more than a call.
GLUE = """
declare void @emu_ldmatrix(ptr, ptr, i32)
declare void @emu_wgmma(ptr, ptr, i32, i64, i64, i32, i32, i32, i32)
declare void @emu_mbarrier_init(ptr, i32)
declare i64 @emu_mbarrier_arrive(ptr)
declare i64 @emu_mbarrier_expect(ptr, i32)
declare void @emu_mbarrier_wait(ptr, i32)
declare void @emu_tensor_copy(ptr, ptr, ptr, i32, i32, i32)
declare void @emu_syncwarp(i32)
declare void @emu_wgmma_registers(ptr, ptr, i32, ptr, i64, i32, i32)
declare void @emu_named_barrier(i32, i32)
define internal void @nv.mbarrier.wait(ptr %b, i32 %parity, i32 %hint) {
  call void @emu_mbarrier_wait(ptr %b, i32 %parity)
  ret void
}
define internal void @nv.tensor.copy(ptr %to, ptr %b, ptr %map, i32 %x, i32 %y, i32 %z, i16 %m, i64 %h, i1 %um, i1 %uh, i32 %g) {
  call void @emu_tensor_copy(ptr %to, ptr %b, ptr %map, i32 %x, i32 %y, i32 %z)
  ret void
}
declare void @emu_mma(ptr, ptr, ptr, ptr, i32)
declare void @emu_mma_tf32(ptr, ptr, ptr, ptr)
declare float @emu_ex2(float)
declare i32 @emu_tf32(float)
declare i32 @emu_pack(float, float, i32)
declare i32 @emu_shfl_bfly(i32, i32)
declare void @emu_barrier()
declare i32 @emu_tid()
declare i32 @emu_ctaid()
declare i32 @emu_nctaid()
declare void @emu_cp_async(ptr, ptr, i32)
declare void @emu_cp_commit()
declare void @emu_cp_wait(i32)
define internal i32 @nv.shfl.i32(i32 %m, i32 %v, i32 %o, i32 %c) {
  %r = call i32 @emu_shfl_bfly(i32 %v, i32 %o)
  ret i32 %r
}
define internal float @nv.shfl.f32(i32 %m, float %v, i32 %o, i32 %c) {
  %i = bitcast float %v to i32
  %s = call i32 @emu_shfl_bfly(i32 %i, i32 %o)
  %r = bitcast i32 %s to float
  ret float %r
}
define internal <2 x half> @nv.pack.f16(float %h, float %l) {
  %p = call i32 @emu_pack(float %l, float %h, i32 0)
  %r = bitcast i32 %p to <2 x half>
  ret <2 x half> %r
}
define internal <2 x bfloat> @nv.pack.bf16(float %h, float %l) {
  %p = call i32 @emu_pack(float %l, float %h, i32 1)
  %r = bitcast i32 %p to <2 x bfloat>
  ret <2 x bfloat> %r
}
define internal void @nv.barrier(i32 %id) {
  call void @emu_barrier()
  ret void
}
define internal { i32, i32, i32, i32 } @nv.ldmatrix(ptr %p) {
  %o = alloca { i32, i32, i32, i32 }
  call void @emu_ldmatrix(ptr %o, ptr %p, i32 0)
  %r = load { i32, i32, i32, i32 }, ptr %o
  ret { i32, i32, i32, i32 } %r
}
define internal { i32, i32, i32, i32 } @nv.ldmatrix.trans(ptr %p) {
  %o = alloca { i32, i32, i32, i32 }
  call void @emu_ldmatrix(ptr %o, ptr %p, i32 1)
  %r = load { i32, i32, i32, i32 }, ptr %o
  ret { i32, i32, i32, i32 } %r
}
"""


def mma_glue(name, element, call):
    """`call` begins with the function of emulator.cpp and ends with what it takes beside the operands."""
    names = [f"%x{i}" for i in range(6)] + [f"%c{i}" for i in range(4)]
    types = [element] * 6 + ["float"] * 4
    lines = [f"define internal {{ float, float, float, float }} @{name}("
             + ", ".join(f"{t} {n}" for t, n in zip(types, names)) + ") {",
             "  %a = alloca [4 x i32]\n  %b = alloca [2 x i32]\n  %c = alloca [4 x float]\n  %o = alloca [4 x float]"]
    for i, (kind, value) in enumerate(zip(types, names)):
        base, place = ("%a", i) if i < 4 else ("%b", i - 4) if i < 6 else ("%c", i - 6)
        lines += [f"  %p{i} = getelementptr i32, ptr {base}, i32 {place}", f"  store {kind} {value}, ptr %p{i}, align 4"]
    lines += [f"  call void {call.format('ptr %o, ptr %a, ptr %b, ptr %c')}",
              "  %r = load { float, float, float, float }, ptr %o",
              "  ret { float, float, float, float } %r\n}"]
    return "\n".join(lines)


def sums_glue(name, count, others, call):
    """A function of `count` sums and `others`, types of what follows them, that changes the sums; `call` says how, given
    where they are put, where they come from, and the names of the others."""
    sums = ["float"] * count
    names = [f"%x{i}" for i in range(count + len(others))]
    lines = [f"define internal {{ {', '.join(sums)} }} @{name}(" + ", ".join(f"{t} {n}" for t, n in zip(sums + others, names)) + ") {",
             f"  %i = alloca [{count} x float]", f"  %o = alloca [{count} x float]", "  %a = alloca [4 x i32]"]
    for i in range(count):
        lines += [f"  %p{i} = getelementptr float, ptr %i, i32 {i}", f"  store float %x{i}, ptr %p{i}"]
    lines += call("ptr %o, ptr %i", names[count:])
    return "\n".join(lines + [f"  %r = load {{ {', '.join(sums)} }}, ptr %o", f"  ret {{ {', '.join(sums)} }} %r\n}}\n"])


def register_wgmma_glue(columns, is_brain):
    """The sums, four registers of the left operand, and a descriptor of the right one, which does not run along the depth."""
    def call(sums, names):
        lines = []
        for i, name in enumerate(names[:4]):
            lines += [f"  %a{i} = getelementptr i32, ptr %a, i32 {i}", f"  store i32 {name}, ptr %a{i}"]
        return lines + [f"  call void @emu_wgmma_registers({sums}, i32 {columns // 2}, ptr %a, i64 {names[4]}, i32 1, i32 {is_brain})"]
    return sums_glue(f"nv.wgmma.registers.{columns}.{'bf16' if is_brain else 'f16'}", columns // 2, ["i32"] * 4 + ["i64"], call)


def settled_glue(count):
    """Sums are there for all of a warp when it has waited."""
    def call(sums, names):
        to, source = sums.split(", ")
        return [f"  call void @llvm.memcpy.p0.p0.i64({to}, {source}, i64 {count * 4}, i1 false)", "  call void @emu_syncwarp(i32 -1)"]
    return sums_glue(f"nv.settled.{count}", count, [], call)


def wgmma_glue(arguments, name, columns, is_brain):
    """The sums, two descriptors, then the immediates: scale of D, A and B, transposition of A and B."""
    types, count = [part.split()[0] for part in arguments.split(",")], columns // 2
    others = ["i64"] * 2 + ["i32"] * 5
    assert types == ["float"] * count + others, types
    def call(sums, names):
        a, b, scale, _, _, turned_a, turned_b = names
        return [f"  call void @emu_wgmma({sums}, i32 {count}, i64 {a}, i64 {b}, i32 {scale}, i32 {turned_a}, i32 {turned_b}, i32 {is_brain})"]
    return sums_glue(f"nv.wgmma.{columns}.{name}", count, others, call)


def to_cpu(ir):
    """LLVM IR of device kernels as IR of functions of the CPU."""
    ir = re.sub(r" addrspace\(\d+\)", "", ir)
    ir = re.sub(r"addrspacecast \(ptr (@\S+) to ptr\)", r"\1", ir)
    ir = re.sub(r"addrspacecast ptr (\S+) to ptr", r"getelementptr i8, ptr \1, i64 0", ir)
    ir = re.sub(r"^declare .*@llvm\.nvvm.*$", "", ir, flags=re.M)
    ir = re.sub(r"^target .*$", "", ir, flags=re.M)
    ir = re.sub(r"range\(i32 [^)]*\) ", "", ir)
    for pattern, name in [
        (r"read\.ptx\.sreg\.tid\.x", "emu_tid"), (r"read\.ptx\.sreg\.ctaid\.x", "emu_ctaid"),
        (r"read\.ptx\.sreg\.nctaid\.x", "emu_nctaid"), (r"barrier\.cta\.sync\.aligned\.count", "emu_named_barrier"), (r"barrier\.cta\.sync\.aligned\.all", "nv.barrier"),
        (r"shfl\.sync\.bfly\.i32", "nv.shfl.i32"), (r"shfl\.sync\.bfly\.f32", "nv.shfl.f32"),
        (r"ldmatrix\.sync\.aligned\.m8n8\.x4\.trans\.b16\.p3", "nv.ldmatrix.trans"),
        (r"ldmatrix\.sync\.aligned\.m8n8\.x4\.b16\.p3", "nv.ldmatrix"),
        (r"mma\.m16n8k8\.row\.col\.tf32", "nv.mma.tf32"), (r"ex2\.approx\.ftz\.f32", "emu_ex2"),
        (r"f2tf32\.rna", "emu_tf32"),
        (r"ff2f16x2\.rn", "nv.pack.f16"), (r"ff2bf16x2\.rn", "nv.pack.bf16"),
        (r"mma\.m16n8k16\.row\.col\.f32\.f32", "nv.mma.f16"), (r"mma\.m16n8k16\.row\.col\.bf16", "nv.mma.bf16"),
        (r"cp\.async\.commit\.group", "emu_cp_commit"), (r"cp\.async\.wait\.group", "emu_cp_wait"),
        (r"mbarrier\.init\.shared", "emu_mbarrier_init"), (r"mbarrier\.arrive\.shared", "emu_mbarrier_arrive"),
        (r"mbarrier\.arrive\.expect\.tx\.scope\.cta\.space\.cta", "emu_mbarrier_expect"),
        (r"cp\.async\.bulk\.tensor\.g2s\.tile\.3d", "nv.tensor.copy"), (r"bar\.warp\.sync", "emu_syncwarp"),
        (r"cp\.async\.cg\.shared\.global\.16\.s", "emu_cp_async"),
    ]:
        ir = re.sub(r"@llvm\.nvvm\." + pattern + r"\(", f"@{name}(", ir)
    # Sums are there for all of a warp when it has waited.
    ir = re.sub(r"call void @llvm\.nvvm\.wgmma\.wait_group\..*", "call void @emu_syncwarp(i32 -1)", ir)
    ir = re.sub(r"^.*call void @llvm\.nvvm\.(wgmma\.(fence|commit_group)\.|fence\.(proxy|mbarrier_init)\.|setmaxnreg\.).*\n", "", ir, flags=re.M)
    ir = re.sub(r'asm sideeffect "wgmma\.wait_group\.[^"]*", "([^"]*)"', lambda asm: f"@nv.settled.{asm[1].count('=f')}", ir)
    ir = re.sub(r'asm sideeffect "[^"]*wgmma\.mma_async\.sync\.aligned\.m64n(\d+)k16\.f32\.(bf16|f16)\.[^"]*\}, \{[^"]*, 1; \}", "[^"]*"', r"@nv.wgmma.registers.\1.\2", ir)
    ir = re.sub(r'asm sideeffect "[^"]*wgmma\.mma_async\.sync\.aligned\.m64n(\d+)k16\.f32\.(bf16|f16)\.[^"]*", "[^"]*"', r"@nv.wgmma.\1.\2", ir)
    ir = re.sub(r'asm sideeffect "[^"]*mbarrier\.try_wait\.parity[^"]*", "[^"]*"', "@nv.mbarrier.wait", ir)
    ir = ir.replace("byval([128 x i8]) ", "")
    left = set(re.findall(r'asm sideeffect "[^"]*"', ir)) | set(re.findall(r"@llvm\.nvvm\.[\w.]+", ir))
    if left:
        raise NotImplementedError(f"not emulated: {', '.join(sorted(left))}")
    for columns, name in sorted(set(re.findall(r"@nv\.wgmma\.(\d+)\.(b?f16)\(", ir))):
        ir += wgmma_glue(re.search(rf"@nv\.wgmma\.{columns}\.{name}\((.*)\)", ir)[1], name, int(columns), int(name == "bf16"))
    for columns, name in sorted(set(re.findall(r"@nv\.wgmma\.registers\.(\d+)\.(b?f16)\(", ir))):
        ir += register_wgmma_glue(int(columns), int(name == "bf16"))
    for count in sorted(set(re.findall(r"@nv\.settled\.(\d+)\(", ir))):
        ir += settled_glue(int(count))
    return "\n".join([ir + GLUE, mma_glue("nv.mma.f16", "<2 x half>", "@emu_mma({}, i32 0)"), mma_glue("nv.mma.bf16", "i32", "@emu_mma({}, i32 1)"),
                      mma_glue("nv.mma.tf32", "i32", "@emu_mma_tf32({})"), ""])


def run(*command, text=None):
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(part) for part in command)}: {done.stderr[-2000:]}")
    return done.stdout


def emulate(text, work):
    """Makes kernels.so of the gpu.module in the stage nvptx: for each function one of an array of 64-bit arguments,
    launch.NAME, and emu_launch, which runs it in blocks. Gives the library's path, and by function the kernel that it
    is of, its number of arguments beside descriptions of tensors, its threads, and those descriptions: argument, whether
    all lines are one matrix, and the elements and lines of a piece."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.lstrip().startswith("gpu.module"))
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = next(i for i in range(start + 1, len(lines)) if lines[i] == " " * indent + "}")
    body = "module {\n" + "\n".join(lines[start + 1:end]) + "\n}\n"
    functions = {}
    for name, types, attributes in re.findall(r"func\.func @(\S+?)\((.*?)\) attributes \{(.*)\} \{$", body, re.M):
        number = lambda key, text: int((re.search(rf"transformer\.{key} = (\d+)", text) or [0, 0])[1])
        kernel = re.search(r'transformer\.of = "(\w+)"', attributes)[1]
        maps = re.findall(r"\{argument = (\d+) : i64, box = (\d+) : i64, flat = (\w+), lines = (\d+) : i64\}", attributes)
        functions[name] = (kernel, len(re.findall(r"%arg\d+", types)) - len(maps), number("threads", attributes), maps)
    ir = run(LLVM / "mlir-translate", "--mlir-to-llvmir", text=run(LLVM / "mlir-opt", f"--pass-pipeline={LOWERING}", text=body))
    ir = to_cpu(ir)
    for name, (_, count, _, maps) in functions.items():
        header = re.search(rf"^define void @{name}\((.*?)\) ", ir, re.M)[1]
        types = ["ptr" if part.strip().startswith("ptr") else "i64" for part in header.split(",")]
        assert len(types) == count + len(maps), (name, header)
        code = [f"define void @launch.{name}(ptr %args) {{"]
        for i, kind in enumerate(types):
            if i < len(maps):  # lies among the arguments
                code += [f"  %a{i} = getelementptr i64, ptr %args, i64 {i * MAP_WORDS}"]
                continue
            code += [f"  %p{i} = getelementptr i64, ptr %args, i64 {i + len(maps) * (MAP_WORDS - 1)}", f"  %a{i} = load {kind}, ptr %p{i}"]
        code += [f"  call void @{name}(" + ", ".join(f"{t} %a{i}" for i, t in enumerate(types)) + ")", "  ret void\n}"]
        ir += "\n".join(code) + "\n"
    (work / "kernels.ll").write_text(ir)
    run(LLVM / "clang", "-O1", "-shared", "-fPIC", "-Wno-override-module", "-march=x86-64-v3", work / "kernels.ll",
        FOLDER / "emulator.cpp", "-o", work / "kernels.so", "-lstdc++", "-lm")
    return work / "kernels.so", functions


class Module:
    """The kernels of one transformer module, ready to be launched."""

    def __init__(self, source, work, chip="sm_80", opt="transom-opt", tf32=False, edit=lambda text: text):
        """`edit` changes the text of the stage nvptx before it is compiled."""
        work = pathlib.Path(work)
        work.mkdir(parents=True, exist_ok=True)
        (work / "in.mlir").write_text(source)
        self.text = run(opt, work / "in.mlir", f"--pass-pipeline=builtin.module(nvptx-kernels{{chip={chip}}},nvptx{{chip={chip} tf32={int(tf32)}}})")
        (work / "nvptx.mlir").write_text(self.text)
        library, self.functions = emulate(edit(self.text), work)
        self.library = ctypes.CDLL(str(library))

    def launch(self, name, arrays, sizes, blocks=3):
        """Runs one function; gives the record of failures."""
        _, count, threads, maps = self.functions[name]
        record = numpy.zeros(8, numpy.int32)
        values = [array.ctypes.data for array in arrays] + list(sizes) + [7, record.ctypes.data]
        if len(values) != count:
            raise ValueError(f"{name} takes {count} arguments, not {len(values)}")
        values = [word for described in maps for word in describe(arrays[int(described[0])], *described[1:])] + values
        given = (ctypes.c_int64 * len(values))(*values)
        function = ctypes.cast(getattr(self.library, f"launch.{name}"), ctypes.c_void_p)
        self.library.emu_launch(function, given, blocks, threads)
        return record

    def run(self, inputs, results, blocks=3):
        """Runs the module's one kernel, all its forms and parts in order, as a host
        would that asks no questions. `inputs` are the entry function's arguments,
        `results` zeros of the shapes that its results have; gives the record of the
        first failure, or None."""
        (kernel, operands), = re.findall(r"transformer\.launch @(\w+)\((.*?)\)", self.text)
        header = re.search(rf"func\.func private @{kernel}\((.*)\) -> (.*?) attributes", self.text)
        given, made = ([[int(n) for n in numbers.split(",")] if numbers else []
                        for numbers in re.findall(r"transformer\.sizes = array<i64(?:: ([^>]*))?>", part)]
                       for part in header.groups())
        arrays = [inputs[int(name)] for name in re.findall(r"%arg(\d+)", operands)]
        if len(arrays) != len(given):
            raise ValueError(f"{kernel} reads {len(given)} tensors and {len(arrays)} of them are arguments")
        arrays = [aligned(array) for array in arrays]
        outputs = [aligned(array) for array in results]
        scratch = [aligned(numpy.full(1 << 20, numpy.nan, numpy.float32)) for _ in made[len(outputs):]]
        count = len(re.findall(r": index", header[1]))
        sizes = [0] * count
        for array, numbers in zip(arrays + outputs, given + made):
            for size, number in zip(array.shape, numbers):
                if number >= 0:
                    sizes[number - len(arrays)] = size
        for name in self.functions:
            record = self.launch(name, arrays + outputs + scratch, sizes, blocks)
            if record[0]:
                return record
        for result, output in zip(results, outputs):
            result[...] = output
        return None


def describe(array, box, flat, lines):
    """The words that the tests' driver makes of a tensor."""
    length, rest = array.shape[-1], array.shape[:-1]
    rows = int(numpy.prod(rest)) if flat == "true" else rest[-1]
    before = int(numpy.prod(rest)) // rows if rows else 0
    stride = length * array.itemsize
    words = [array.ctypes.data, length, rows, before, stride, stride * rows, int(box), int(lines)]
    return words + [0] * (MAP_WORDS - len(words))


def aligned(array):
    """A copy that begins at a multiple of 64 bytes, as tensors on a device do."""
    array = numpy.ascontiguousarray(array)
    room = numpy.empty(array.nbytes + 64, numpy.uint8)
    start = -room.ctypes.data % 64
    copy = room[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
