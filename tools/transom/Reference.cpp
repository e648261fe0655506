//===- Reference.cpp - what another engine computes -----------------------===//
//
// The engines are Python packages, so a Python program (reference.py, part of
// this one as text) runs them; tensors are handed over as files.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"
#include "Command.h"
#include "ReferenceScript.h"
#include "transom/Package/OutputFile.h"
#include "transom/Package/Signature.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace transom;

const std::vector<std::string> cli::referenceEngines = {"onnxruntime", "reference"};

static Expected<std::string> findPython() {
  const char *chosen = std::getenv("TRANSOM_PYTHON");
  StringRef name = chosen && *chosen ? chosen : "python3";
  auto python = sys::findProgramByName(name);
  if (!python)
    return createStringError("--against needs Python: '" + name + "' is not found" +
                             (chosen ? " (TRANSOM_PYTHON)" : "; name one by TRANSOM_PYTHON"));
  return *python;
}

static Error writeRequest(const cli::TemporaryFolder &folder, const TransomModelInfo &info,
                          ArrayRef<cli::Tensor> inputs) {
  std::string request;
  raw_string_ostream os(request);
  json::OStream out(os);
  Error failed = Error::success();
  out.object([&] {
    out.attributeArray("inputs", [&] {
      for (auto [i, input] : enumerate(inputs)) {
        std::string file = ("input_" + Twine(i) + ".npy").str();
        if (transom_type_bits(input.type) < 8) {
          failed =
              joinErrors(std::move(failed),
                         createStringError("--against: input '" + Twine(info.inputs[i].name) + "' has elements of " +
                                           Twine(transom_type_bits(input.type)) + " bits, which Python lacks"));
          continue;
        }
        failed =
            joinErrors(std::move(failed),
                       writeFile(folder.file(file), cli::npyText(input.type, input.shape,
                                                                 StringRef(input.data.data(), input.data.size()))));
        out.object([&] {
          out.attribute("name", json::fixUTF8(info.inputs[i].name));
          out.attribute("type", elementTypeOf(input.type).name);
          out.attribute("file", file);
        });
      }
    });
    out.attributeArray("outputs", [&] {
      for (uint32_t i = 0; i < info.num_outputs; ++i)
        out.value(json::fixUTF8(info.outputs[i].name));
    });
  });
  return failed ? std::move(failed) : writeFile(folder.file("request.json"), request);
}

Expected<std::vector<cli::Tensor>> cli::runReference(StringRef engine, StringRef model, const TransomModelInfo &info,
                                                     ArrayRef<Tensor> inputs) {
  auto python = findPython();
  if (!python)
    return python.takeError();
  auto folder = TemporaryFolder::make();
  if (!folder)
    return folder.takeError();
  std::string script = folder->file("reference.py"), log = folder->file("log");
  if (Error error = writeFile(script, referenceScript))
    return error;
  if (Error error = writeRequest(*folder, info, inputs))
    return error;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log), StringRef(log)};
  std::string message;
  int status = sys::ExecuteAndWait(*python, {*python, script, engine, model, folder->path()}, std::nullopt, redirects,
                                   0, 0, &message);
  if (status != 0) {
    auto said = MemoryBuffer::getFile(log);
    StringRef text = said ? (*said)->getBuffer().rtrim() : StringRef();
    return createStringError(
        "cannot compare with " + engine + ": " +
        (text.empty() ? *python + " ended with status " + Twine(status) + " " + message : Twine(text)));
  }
  std::vector<Tensor> outputs;
  for (uint32_t i = 0; i < info.num_outputs; ++i) {
    auto tensor = readNpy(folder->file("output_" + Twine(i) + ".npy"), info.outputs[i].type);
    if (!tensor)
      return tensor.takeError();
    tensor->name = info.outputs[i].name;
    outputs.push_back(std::move(*tensor));
  }
  return outputs;
}
