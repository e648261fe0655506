# The runtime for other architectures, lib/ARCHITECTURE/, which models that are compiled across carry.
include(ExternalProject)
set(TRANSOM_CROSS_ARCHITECTURES "")

function(transom_cross_runtime architecture)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64" OR TRANSOM_SANITIZE)
    return()
  endif()
  set(probe ${CMAKE_BINARY_DIR}/CMakeFiles/cross-probe.cpp)
  file(WRITE ${probe} "#include <atomic>\n#include <stdio.h>\n")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} --target=${architecture} -fsyntax-only ${probe}
    RESULT_VARIABLE failed ERROR_QUIET)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} --target=${architecture} -print-libgcc-file-name
    OUTPUT_VARIABLE builtins OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(failed OR NOT EXISTS "${builtins}")
    message(STATUS "No runtime for ${architecture}: Debian's package libstdc++-12-dev-arm64-cross is not installed")
    return()
  endif()
  set(folder ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${architecture})
  # Both are configured with this build's generator, and built when it is.
  ExternalProject_Add(transom_runtime_${architecture}
    SOURCE_DIR ${PROJECT_SOURCE_DIR}/runtime
    BINARY_DIR ${CMAKE_BINARY_DIR}/runtime-${architecture}
    CMAKE_ARGS -DCMAKE_TOOLCHAIN_FILE=${PROJECT_SOURCE_DIR}/cmake/${architecture}.cmake -DCMAKE_BUILD_TYPE=Release
      -DCMAKE_ARCHIVE_OUTPUT_DIRECTORY=${folder}
    BUILD_ALWAYS ON
    INSTALL_COMMAND "")
  configure_file(${builtins} ${folder}/libtransom_builtins.a COPYONLY)
  set(TRANSOM_CROSS_ARCHITECTURES ${TRANSOM_CROSS_ARCHITECTURES} ${architecture} PARENT_SCOPE)
endfunction()

transom_cross_runtime(aarch64-linux-gnu)
