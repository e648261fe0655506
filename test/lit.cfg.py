"""lit: every .mlir, .onnxtxt and .test file below test/ is a test, run with Transom's tools and FileCheck."""

import os
import sys

import lit.formats

config.name = "Transom"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".onnxtxt", ".test"]
# What tests read.
config.excludes = ["Inputs", "python"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.tools, config.llvm_tools, os.environ["PATH"]]
)
config.substitutions.append(("%python", sys.executable))
# A CUDA driver without a GPU (test/unit/cuda).
fake_driver = os.path.join(os.path.dirname(config.tools), "test/fake-driver")
config.substitutions.append(("%fake_driver", fake_driver))
if os.path.exists(os.path.join(fake_driver, "libcuda.so.1")):
    config.available_features.add("fake-driver")
# Built with libstdc++-12-dev-arm64-cross.
if os.path.exists(os.path.join(config.tools, "../lib/aarch64-linux-gnu/libtransom_rt.a")):
    config.available_features.add("aarch64-runtime")
