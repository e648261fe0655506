// RUN: python3 %S/test_experts.py %t
