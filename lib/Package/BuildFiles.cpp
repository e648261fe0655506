//===- BuildFiles.cpp - CMake package, pkg-config file, headers -----------===//
//
// All of them find the package from their own place: it can be moved.
//
//===----------------------------------------------------------------------===//

#include "transom/Package/Package.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace transom;

/// Replaces @NAME@, @VERSION@ and @WEIGHTS@.
static std::string filled(StringRef text, const Manifest &manifest) {
  std::string result;
  std::pair<StringRef, StringRef> values[] = {
      {"@NAME@", manifest.name}, {"@VERSION@", version}, {"@WEIGHTS@", manifest.weightsFile}};
  while (!text.empty()) {
    bool replaced = false;
    for (auto [key, value] : values)
      if (text.consume_front(key)) {
        result += value;
        replaced = true;
      }
    if (!replaced && !text.empty()) {
      result += text.front();
      text = text.drop_front();
    }
  }
  return result;
}

static constexpr StringRef config = R"(# The compiled model @NAME@, made by Transom @VERSION@.
#
#   find_package(@NAME@ CONFIG REQUIRED)
#   target_link_libraries(program PRIVATE @NAME@::@NAME@)      # libNAME.so
#   target_link_libraries(program PRIVATE @NAME@::static)      # libNAME.a
#
# @NAME@_WEIGHTS_FILE is the file of weights, empty where the library carries
# them. A program that links the static library looks for it beside itself.
get_filename_component(_@NAME@_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(@NAME@_MANIFEST "${_@NAME@_prefix}/@NAME@.json")
set(@NAME@_WEIGHTS_FILE "@WEIGHTS@")
if(@NAME@_WEIGHTS_FILE)
  set(@NAME@_WEIGHTS_FILE "${_@NAME@_prefix}/${@NAME@_WEIGHTS_FILE}")
endif()

foreach(_@NAME@_file lib@NAME@.so lib@NAME@.a @NAME@.h)
  if(NOT EXISTS "${_@NAME@_prefix}/${_@NAME@_file}")
    set(@NAME@_FOUND FALSE)
    set(@NAME@_NOT_FOUND_MESSAGE "${_@NAME@_prefix}/${_@NAME@_file} is missing")
    return()
  endif()
endforeach()

if(NOT TARGET @NAME@::@NAME@)
  add_library(@NAME@::@NAME@ SHARED IMPORTED)
  set_target_properties(@NAME@::@NAME@ PROPERTIES
    IMPORTED_LOCATION "${_@NAME@_prefix}/lib@NAME@.so"
    IMPORTED_SONAME "lib@NAME@.so"
    INTERFACE_INCLUDE_DIRECTORIES "${_@NAME@_prefix};${_@NAME@_prefix}/include")
  add_library(@NAME@::static STATIC IMPORTED)
  set_target_properties(@NAME@::static PROPERTIES
    IMPORTED_LOCATION "${_@NAME@_prefix}/lib@NAME@.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_@NAME@_prefix};${_@NAME@_prefix}/include"
    INTERFACE_LINK_LIBRARIES "m")
endif()
unset(_@NAME@_prefix)
unset(_@NAME@_file)
)";

/// Before 1.0 every minor version may break; so only the same one will do.
static constexpr StringRef configVersion = R"(set(PACKAGE_VERSION "@VERSION@")
set(PACKAGE_VERSION_COMPATIBLE FALSE)
set(PACKAGE_VERSION_EXACT FALSE)
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
)";

static constexpr StringRef pkgConfig = R"(prefix=${pcfiledir}/../..

Name: @NAME@
Description: The model @NAME@, compiled by Transom
Version: @VERSION@
Cflags: -I${prefix} -I${prefix}/include
Libs: -L${prefix} -l@NAME@
Libs.private: -lm
)";

Error transom::writeBuildFiles(PackageFolder &folder, const Toolchain &toolchain, const Manifest &manifest) {
  std::string cmake = "lib/cmake/" + manifest.name + "/" + manifest.name;
  std::pair<std::string, StringRef> files[] = {{cmake + "Config.cmake", config},
                                               {cmake + "ConfigVersion.cmake", configVersion},
                                               {"lib/pkgconfig/" + manifest.name + ".pc", pkgConfig}};
  for (const auto &[file, text] : files)
    if (Error error = folder.write(file, filled(text, manifest)))
      return error;
  // The C++ wrapper and DLPack's exchange where this version of Transom has them; program.h is private.
  for (StringRef header : {"transom.h", "transom.hpp", "dlpack.h"}) {
    std::string relative = ("transom/" + header).str(), path = toolchain.headers + "/" + relative;
    if (header != "transom.h" && !sys::fs::exists(path))
      continue;
    auto content = MemoryBuffer::getFile(path);
    if (!content)
      return createStringError(content.getError(), "cannot read '" + path + "': " + content.getError().message());
    if (Error error = folder.write("include/" + relative, (*content)->getBuffer()))
      return error;
  }
  return Error::success();
}
