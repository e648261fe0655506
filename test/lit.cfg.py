"""lit: every .mlir and .onnxtxt below test/ is a test, run with transom-opt and FileCheck."""

import os

import lit.formats

config.name = "Transom"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".onnxtxt"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.tools, config.llvm_tools, os.environ["PATH"]]
)
