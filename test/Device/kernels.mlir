// RUN: python3 %S/test_kernels.py %t
