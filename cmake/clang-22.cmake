# Toolchain: Debian's clang 22. In a file, because compilers named in a preset's
# cache make every second configure start from an empty cache.
set(CMAKE_C_COMPILER clang-22)
set(CMAKE_CXX_COMPILER clang++-22)
