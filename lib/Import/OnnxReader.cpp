//===- OnnxReader.cpp - an ONNX file, checked and mapped ------------------===//

#include "OnnxReader.h"
#include "transom/Import/Nesting.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/checker.h>
#include <onnx/defs/parser.h>
#include <onnx/defs/schema.h>

using namespace llvm;
using namespace transom;

namespace {
Error failure(const Twine &message) { return createStringError(inconvertibleErrorCode(), message); }

using Tensor = onnx::TensorProto;
} // namespace

unsigned transom::storedBits(int32_t type) {
  switch (type) {
  case Tensor::INT2:
  case Tensor::UINT2: return 2;
  case Tensor::INT4:
  case Tensor::UINT4:
  case Tensor::FLOAT4E2M1: return 4;
  case Tensor::BOOL:
  case Tensor::INT8:
  case Tensor::UINT8:
  case Tensor::FLOAT8E4M3FN:
  case Tensor::FLOAT8E5M2:
  case Tensor::FLOAT8E4M3FNUZ:
  case Tensor::FLOAT8E5M2FNUZ:
  case Tensor::FLOAT8E8M0: return 8;
  case Tensor::FLOAT16:
  case Tensor::BFLOAT16:
  case Tensor::INT16:
  case Tensor::UINT16: return 16;
  case Tensor::FLOAT:
  case Tensor::INT32:
  case Tensor::UINT32: return 32;
  case Tensor::DOUBLE:
  case Tensor::INT64:
  case Tensor::UINT64: return 64;
  default: return 0;
  }
}

/// Graphs inside of graphs. Parsers call themselves for each level; so does all that comes after.
static constexpr int kDeepest = 100;

Expected<std::unique_ptr<OnnxFiles>> OnnxFiles::read(StringRef path, bool text, std::vector<std::string> &warnings) {
  auto files = std::make_unique<OnnxFiles>();
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return failure("cannot open '" + path + "': " + code.message());
  if (status.type() != sys::fs::file_type::regular_file)
    return failure("'" + path + "' is not a regular file");
  files->folder = sys::path::parent_path(path).str();
  if (files->folder.empty())
    files->folder = ".";

  onnx::ModelProto &model = files->proto;
  if (text) {
    auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!buffer)
      return failure("cannot read '" + path + "': " + buffer.getError().message());
    StringRef content = (*buffer)->getBuffer();
    if (nestingOf(content, "{", "}", kDeepest) > kDeepest)
      return failure("'" + path + "' nests graphs deeper than " + Twine(kDeepest) + " levels");
    onnx::OnnxParser parser(std::string_view(content.data(), content.size()));
    auto parsed = parser.Parse(model);
    if (!parsed.IsOK())
      return failure("'" + path + "' is not ONNX text: " + parsed.ErrorMessage());
  } else {
    if (status.getSize() > uint64_t(INT_MAX))
      return failure("'" + path +
                     "' is larger than 2 GiB; protobuf cannot hold that: save the weights as external data");
    // Read in pieces, not mapped: the message holds its own copy of the
    // weights, and a mapping would count as a second one.
    Expected<sys::fs::file_t> file = sys::fs::openNativeFileForRead(path);
    if (!file)
      return failure("cannot read '" + path + "': " + llvm::toString(file.takeError()));
    google::protobuf::io::FileInputStream stream(*file, 1 << 20);
    stream.SetCloseOnDelete(true);
    google::protobuf::io::CodedInputStream coded(&stream);
    coded.SetTotalBytesLimit(INT_MAX);
    coded.SetRecursionLimit(3 * kDeepest + 10); // a graph, a node and an attribute a level
    if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage() || !model.has_graph())
      return failure("'" + path + "' is not an ONNX model (no protobuf, truncated, or nested deeper than " +
                     Twine(kDeepest) + " levels)");
  }
  if (model.ir_version() > onnx::Version::IR_VERSION)
    return failure("'" + path + "' has IR version " + Twine(model.ir_version()) + "; the newest known is " +
                   Twine(static_cast<int>(onnx::Version::IR_VERSION)));
  constexpr int64_t kOldestOpset = 7; // before it, broadcasting was an attribute
  const auto &known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  for (const auto &import : model.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx")
      continue;
    int64_t newest = known.at("").second;
    if (import.version() < kOldestOpset || import.version() > newest)
      return failure("'" + path + "' has opset " + Twine(import.version()) + "; those from " + Twine(kOldestOpset) +
                     " to " + Twine(newest) + " are known: convert the model with onnx.version_converter");
  }
  try {
    // External data is looked for beside the file, so the check goes by path.
    bool external = llvm::any_of(model.graph().initializer(),
                                 [](const Tensor &t) { return t.data_location() == Tensor::EXTERNAL; });
    // It reads binary files only; the importer's own checks hold for text.
    if (external && !text)
      onnx::checker::check_model(path.str());
    else if (!external)
      onnx::checker::check_model(model);
  } catch (const std::exception &error) {
    // Exporters and ONNX Runtime's own tools write files that ONNX's checker
    // refuses (com.microsoft operators in the default domain, for one).
    // The importer's rules decide; what they cannot take is an error there.
    std::string message = error.what();
    warnings.push_back("ONNX's checker: " + StringRef(message).split('\n').first.str());
  }
  try {
    files->calls = inlineLocalFunctions(model);
  } catch (const std::exception &error) {
    return failure("'" + path + "': cannot inline the model's functions: " + error.what());
  }
  return files;
}

Expected<ArrayRef<char>> OnnxFiles::external(const Tensor &tensor) {
  std::string location;
  uint64_t offset = 0, length = 0;
  bool hasLength = false;
  for (const auto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    if (entry.key() == "location")
      location = entry.value();
    else if (entry.key() == "offset" && value.getAsInteger(10, offset))
      return failure("initializer '" + tensor.name() + "': offset '" + value + "' is no number");
    else if (entry.key() == "length") {
      if (value.getAsInteger(10, length))
        return failure("initializer '" + tensor.name() + "': length '" + value + "' is no number");
      hasLength = true;
    }
  }
  StringRef relative = location;
  bool leaves = relative.empty() || sys::path::is_absolute(relative);
  for (auto part = sys::path::begin(relative), end = sys::path::end(relative); part != end; ++part)
    leaves |= *part == "..";
  if (leaves)
    return failure("initializer '" + tensor.name() + "': external data '" + relative +
                   "' must be a path inside the model's folder");
  auto &buffer = mapped[location];
  if (!buffer) {
    SmallString<256> file(folder);
    sys::path::append(file, relative);
    sys::fs::file_status status;
    if (std::error_code code = sys::fs::status(file, status, /*follow=*/false))
      return failure("initializer '" + tensor.name() + "': external data '" + file + "': " + code.message());
    if (status.type() == sys::fs::file_type::symlink_file)
      return failure("initializer '" + tensor.name() + "': external data '" + file +
                     "' is a symbolic link; put the file itself into the model's folder");
    if (status.type() != sys::fs::file_type::regular_file)
      return failure("initializer '" + tensor.name() + "': external data '" + file + "' is not a regular file");
    // A folder on the way may be a link too.
    SmallString<256> real, realFolder;
    std::error_code code = sys::fs::real_path(file, real);
    if (!code)
      code = sys::fs::real_path(folder, realFolder);
    StringRef below = real;
    if (code || !below.consume_front(realFolder) || !(below.starts_with("/") || realFolder == "/"))
      return failure("initializer '" + tensor.name() + "': external data '" + file + "' leaves the model's folder");
    auto opened = MemoryBuffer::getFile(file, false, /*RequiresNullTerminator=*/false);
    if (!opened)
      return failure("initializer '" + tensor.name() + "': external data '" + file +
                     "': " + opened.getError().message());
    buffer = std::move(*opened);
  }
  uint64_t size = buffer->getBufferSize();
  if (!hasLength)
    length = size - std::min(offset, size);
  if (offset > size || length > size - offset)
    return failure("initializer '" + tensor.name() + "': external data '" + relative + "' has " + Twine(size) +
                   " bytes, " + Twine(length) + " at offset " + Twine(offset) + " are asked for");
  return ArrayRef<char>(buffer->getBufferStart() + offset, length);
}

template <typename Out, typename Field> static void convert(const Field &field, std::vector<char> &bytes) {
  bytes.resize(field.size() * sizeof(Out));
  auto *out = reinterpret_cast<Out *>(bytes.data());
  for (const auto &value : field)
    *out++ = static_cast<Out>(value);
}

Expected<ArrayRef<char>> OnnxFiles::bytes(const Tensor &tensor) {
  unsigned bits = storedBits(tensor.data_type());
  if (!bits)
    return failure("initializer '" + tensor.name() + "' has the unsupported element type " +
                   onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(tensor.data_type())));
  uint64_t elements = 1;
  for (int64_t dim : tensor.dims()) {
    if (dim < 0 || (dim && elements > UINT64_MAX / 8 / static_cast<uint64_t>(dim)))
      return failure("initializer '" + tensor.name() + "' has an impossible shape");
    elements *= static_cast<uint64_t>(dim);
  }
  uint64_t expected = (elements * bits + 7) / 8;

  ArrayRef<char> result;
  if (tensor.data_location() == Tensor::EXTERNAL) {
    auto found = external(tensor);
    if (!found)
      return found.takeError();
    result = *found;
  } else if (tensor.has_raw_data()) {
    result = ArrayRef<char>(tensor.raw_data().data(), tensor.raw_data().size());
  } else {
    auto bytes = std::make_unique<std::vector<char>>();
    switch (tensor.data_type()) {
    case Tensor::FLOAT: convert<float>(tensor.float_data(), *bytes); break;
    case Tensor::DOUBLE: convert<double>(tensor.double_data(), *bytes); break;
    case Tensor::INT64: convert<int64_t>(tensor.int64_data(), *bytes); break;
    case Tensor::UINT64: convert<uint64_t>(tensor.uint64_data(), *bytes); break;
    case Tensor::UINT32: convert<uint32_t>(tensor.uint64_data(), *bytes); break;
    case Tensor::INT32: convert<int32_t>(tensor.int32_data(), *bytes); break;
    case Tensor::INT16:
    case Tensor::UINT16:
    case Tensor::FLOAT16:
    case Tensor::BFLOAT16: convert<uint16_t>(tensor.int32_data(), *bytes); break;
    default: convert<uint8_t>(tensor.int32_data(), *bytes); break;
    }
    result = *bytes;
    converted.push_back(std::move(bytes));
  }
  if (result.size() != expected)
    return failure("initializer '" + tensor.name() + "' holds " + Twine(result.size()) + " bytes, its shape asks for " +
                   Twine(expected));
  return result;
}
