//===- OnnxReader.cpp - an ONNX file, checked and mapped ------------------===//

#include "OnnxReader.h"
#include "transom/Import/Nesting.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include <deque>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/checker.h>
#include <onnx/defs/parser.h>
#include <onnx/defs/schema.h>
#include <sys/mman.h>

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

/// Long initializers stay in the file, which is mapped: the system may take their pages back at any time.
Error OnnxFiles::parse(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return failure("cannot read '" + path + "': " + buffer.getError().message());
  file = std::move(*buffer);
  inPlace.emplace(file->getBuffer());
  if (inPlace->bytes() > uint64_t(INT_MAX))
    return failure("'" + path + "' has more than 2 GiB beside its initializers; protobuf cannot hold that");
  using namespace google::protobuf::io;
  std::deque<ArrayInputStream> streams;
  std::vector<ZeroCopyInputStream *> order;
  for (StringRef piece : inPlace->pieces)
    order.push_back(&streams.emplace_back(piece.data(), piece.size()));
  ConcatenatingInputStream stream(order.data(), order.size());
  CodedInputStream coded(&stream);
  coded.SetTotalBytesLimit(INT_MAX);
  coded.SetRecursionLimit(3 * kDeepest + 10); // a graph, a node and an attribute a level
  if (!proto.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage() || !proto.has_graph())
    return failure("'" + path + "' is not an ONNX model (no protobuf, truncated, or nested deeper than " +
                   Twine(kDeepest) + " levels)");
  return Error::success();
}

/// ONNX's checker counts bytes: initializers in place are, while it looks, the byte that stands for each. `bytes` has
/// its own look at them.
class OnnxFiles::AsParsed {
public:
  explicit AsParsed(OnnxFiles &files) {
    for (Tensor &tensor : *files.proto.mutable_graph()->mutable_initializer())
      if (files.isInPlace(tensor)) {
        Type type = {&tensor, tensor.data_type(), tensor.dims()};
        tensor.set_data_type(Tensor::UINT8);
        tensor.clear_dims();
        tensor.add_dims(WeightsInPlace::standInBytes);
        types.push_back(std::move(type));
      }
  }
  ~AsParsed() {
    for (Type &type : types) {
      type.tensor->set_data_type(type.element);
      type.tensor->mutable_dims()->Swap(&type.dims);
    }
  }

private:
  struct Type {
    Tensor *tensor;
    int32_t element;
    google::protobuf::RepeatedField<int64_t> dims;
  };
  std::vector<Type> types;
};

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
    if (Error error = files->parse(path))
      return error;
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
    else if (!external) {
      AsParsed shown(*files);
      onnx::checker::check_model(model);
    }
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

bool OnnxFiles::isInPlace(const Tensor &tensor) const {
  return inPlace && tensor.raw_data().size() == WeightsInPlace::standInBytes &&
         inPlace->weights.contains(tensor.name());
}

void OnnxFiles::release(ArrayRef<char> bytes) {
  static const uint64_t page = sys::Process::getPageSizeEstimate();
  auto isIn = [&](const std::unique_ptr<MemoryBuffer> &buffer) {
    return buffer && buffer->getBufferKind() == MemoryBuffer::MemoryBuffer_MMap &&
           buffer->getBufferStart() <= bytes.begin() && bytes.end() <= buffer->getBufferEnd();
  };
  if (!isIn(file) && llvm::none_of(mapped, [&](const auto &entry) { return isIn(entry.second); }))
    return;
  // Of what shares a page with a neighbour the page stays.
  uint64_t from = alignTo(reinterpret_cast<uintptr_t>(bytes.begin()), page);
  uint64_t to = alignDown(reinterpret_cast<uintptr_t>(bytes.end()), page);
  if (from < to)
    (void)madvise(reinterpret_cast<void *>(from), to - from, MADV_DONTNEED);
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
    if (isInPlace(tensor) && result.size() < expected)
      result = inPlace->weights.lookup(tensor.name());
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
