//===- TensorProtoFile.cpp - serialised onnx.TensorProto ------------------===//

#include "Tensor.h"
#include "transom/transom.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>
#include <onnx/onnx_pb.h>

using namespace llvm;
using namespace transom;
using Proto = onnx::TensorProto;

template <typename Out, typename Field> static void append(const Field &field, std::vector<char> &data) {
  for (auto value : field) {
    Out element = static_cast<Out>(value);
    const char *bytes = reinterpret_cast<const char *>(&element);
    data.insert(data.end(), bytes, bytes + sizeof element);
  }
}

/// Which of the typed fields holds what: onnx.proto, at TensorProto.
static void readFields(const Proto &proto, std::vector<char> &data) {
  switch (proto.data_type()) {
  case Proto::FLOAT: return append<float>(proto.float_data(), data);
  case Proto::DOUBLE: return append<double>(proto.double_data(), data);
  case Proto::INT64: return append<int64_t>(proto.int64_data(), data);
  case Proto::UINT64: return append<uint64_t>(proto.uint64_data(), data);
  case Proto::UINT32: return append<uint32_t>(proto.uint64_data(), data);
  case Proto::INT32: return append<int32_t>(proto.int32_data(), data);
  case Proto::INT16:
  case Proto::UINT16:
  case Proto::FLOAT16:
  case Proto::BFLOAT16: return append<uint16_t>(proto.int32_data(), data);
  default: return append<uint8_t>(proto.int32_data(), data);
  }
}

Expected<cli::Tensor> cli::readTensorProto(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  size_t size = (*buffer)->getBufferSize();
  auto failure = [&](const Twine &why) { return createStringError("'" + path + "': " + why); };
  Proto proto;
  if (size > INT_MAX || !proto.ParseFromArray((*buffer)->getBufferStart(), static_cast<int>(size)))
    return failure("not a serialised onnx.TensorProto");
  Tensor tensor;
  tensor.name = proto.name();
  tensor.type = proto.data_type();
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  if (transom_type_bits(tensor.type) < 0)
    return failure("no tensor of a supported type; it has data_type " + Twine(tensor.type));
  if (proto.data_location() == Proto::EXTERNAL)
    return failure("its data is external; save the tensor whole");
  if (proto.has_raw_data())
    tensor.data.assign(proto.raw_data().begin(), proto.raw_data().end());
  else
    readFields(proto, tensor.data);
  auto bytes = denseBytes(tensor.type, tensor.shape);
  if (!bytes)
    return failure(toString(bytes.takeError()));
  if (tensor.data.size() != *bytes)
    return failure("holds " + Twine(tensor.data.size()) + " bytes where " + tensor.text() + " takes " + Twine(*bytes));
  return tensor;
}
