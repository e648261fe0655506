"""What the machine can do at best, as `transom bench` measures it, and what it does meanwhile."""

import json
import os
import platform
import subprocess
import time

import compile_costs
import graphs
from engine import EngineError


def peaks(compiler, cache, scratch, threads):
    """{"gflops", "gbps"}: f32 multiply-adds, and reading a buffer that no cache holds."""
    package = scratch / "peaks"
    if not package.exists():
        compile_costs.compile_model(compiler, graphs.build("bert-tiny", cache), package)
    command = [
        str(compiler), "bench", str(package), "--dim", "batch=1", "--dim", "sequence=1", "--runs", "1", "--threads", str(threads),
        "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise EngineError(f"{' '.join(command)}: {done.stderr.strip()}")
    figures = json.loads(done.stdout)
    return {"gflops": figures["peak_gflops"], "gbps": figures["peak_gbps"]}


def busy():
    """Seconds that the CPUs have been busy, and seconds passed."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), time.monotonic()


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
