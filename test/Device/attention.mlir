// RUN: python3 %S/test_attention.py %t
