# What `cmake --install`, the Debian package and wheels contain.
#
#   bin/transom, bin/transom-opt, share/man, share/*-completions
#   lib/transom/            what compiled models are made of: runtime, builtins, headers
#   lib/transom/ARCHITECTURE   the same for other architectures
#   lib/libTransom*.a, include/, lib/cmake/Transom   to write passes: find_package(Transom)

# The dialect, its analyses and the passes: what a pass outside the tree builds on.
set(exported TransformerDialect TransformerAnalysis TransomTransforms)
foreach(target ${exported})
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:include>)
endforeach()
install(TARGETS ${exported} EXPORT TransomTargets ARCHIVE DESTINATION lib COMPONENT development)
install(EXPORT TransomTargets NAMESPACE Transom:: DESTINATION lib/cmake/Transom COMPONENT development)
foreach(root dialects include ${CMAKE_BINARY_DIR}/dialects ${CMAKE_BINARY_DIR}/include)
  install(DIRECTORY ${root}/ DESTINATION include COMPONENT development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.h.inc" PATTERN "CMakeFiles" EXCLUDE)
endforeach()
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/TransomConfig.cmake.in ${CMAKE_BINARY_DIR}/TransomConfig.cmake
  INSTALL_DESTINATION lib/cmake/Transom)
# Before 1.0 every minor version may break.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/TransomConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/TransomConfig.cmake ${CMAKE_BINARY_DIR}/TransomConfigVersion.cmake
  DESTINATION lib/cmake/Transom COMPONENT development)

install(TARGETS transom-opt RUNTIME COMPONENT development)
install(TARGETS transom RUNTIME COMPONENT compiler)
install(FILES $<TARGET_FILE:transom_runtime> $<TARGET_FILE:transom_cuda_runtime>
  ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/libtransom_builtins.a
  DESTINATION lib/transom COMPONENT compiler)
foreach(architecture ${TRANSOM_CROSS_ARCHITECTURES})
  install(DIRECTORY ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${architecture} DESTINATION lib/transom COMPONENT compiler)
endforeach()
install(DIRECTORY runtime/include/transom DESTINATION lib/transom/include COMPONENT compiler
  FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp" PATTERN "program.h" EXCLUDE)

# The program describes itself: man page and completions.
set(descriptions ${CMAKE_BINARY_DIR}/descriptions)
file(MAKE_DIRECTORY ${descriptions})
foreach(pair "man:transom.1" "bash:transom" "zsh:_transom")
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 format)
  list(GET pair 1 file)
  add_custom_command(OUTPUT ${descriptions}/${file} DEPENDS transom
    COMMAND transom document ${format} > ${descriptions}/${file})
  list(APPEND described ${descriptions}/${file})
endforeach()
add_custom_target(transom_descriptions ALL DEPENDS ${described})
install(FILES ${descriptions}/transom.1 DESTINATION share/man/man1 COMPONENT compiler)
install(FILES ${descriptions}/transom DESTINATION share/bash-completion/completions COMPONENT compiler)
install(FILES ${descriptions}/_transom DESTINATION share/zsh/site-functions COMPONENT compiler)
install(FILES LICENSE README.md DESTINATION share/doc/transom COMPONENT compiler)

# cpack -G DEB --config build/release/CPackConfig.cmake
set(CPACK_PACKAGE_NAME transom)
set(CPACK_PACKAGE_VENDOR "Transom")
set(CPACK_PACKAGE_CONTACT "The Transom developers <transom@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Compiles ONNX transformers ahead of time into native libraries")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# Libraries that `transom` is linked with are found by what it needs; it runs the linker.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "lld-22")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libmlir-22-dev, llvm-22-dev")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_COMPONENTS_ALL compiler development)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_GENERATOR TGZ DEB)
include(CPack)
