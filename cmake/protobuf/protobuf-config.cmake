# ONNX's package asks for protobuf's CMake package, which Debian does not ship;
# CMake's own module finds the same library.
include(FindProtobuf)
set(Protobuf_FOUND TRUE)
