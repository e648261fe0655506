# Finds what Transom builds on: MLIR/LLVM 22 (dynamic), ONNX's C++ library, ccache.

option(TRANSOM_BUILD_TESTS "Build the tests" ON)
option(TRANSOM_BUILD_FUZZERS "Build the fuzz programs, and count what of the code they reach" OFF)
option(TRANSOM_BUILD_PYTHON "Build the Python package; needs nanobind" OFF)
set(TRANSOM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
set(Protobuf_DIR ${CMAKE_CURRENT_LIST_DIR}/protobuf)
find_package(ONNX REQUIRED CONFIG HINTS $ENV{HOME}/.cache/transom/onnx-1.23.2)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
message(STATUS "MLIR ${MLIR_VERSION} in ${MLIR_DIR}; ONNX in ${ONNX_DIR}")

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
add_definitions(${LLVM_DEFINITIONS})
link_directories(${LLVM_LIBRARY_DIRS})

find_program(TRANSOM_CCACHE ccache)
if(TRANSOM_CCACHE)
  # The precompiled header is only cacheable when its time stamps and macros
  # are left out of the key; base_dir makes clones share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TRANSOM_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${TRANSOM_CCACHE})
endif()

# LLVM is built without RTTI; so is everything that derives from its classes.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> -Wall -Wextra -Wno-unused-parameter
                    $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-warning-option>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
if(TRANSOM_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TRANSOM_SANITIZE)
  add_compile_options(-fsanitize=${TRANSOM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TRANSOM_SANITIZE})
endif()
