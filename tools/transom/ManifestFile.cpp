//===- ManifestFile.cpp - NAME.json beside a library ----------------------===//

#include "ManifestFile.h"
#include "transom/Import/Nesting.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace transom;

Expected<std::string> cli::readManifestText(StringRef path) {
  auto text = MemoryBuffer::getFile(path);
  if (!text)
    return createStringError(text.getError(), "cannot read '" + path + "': " + text.getError().message());
  return (*text)->getBuffer().str();
}

Expected<json::Object> cli::readManifestFile(StringRef path) {
  auto text = readManifestText(path);
  if (!text)
    return text.takeError();
  constexpr int deepest = 100;
  if (nestingOf(*text, "{[", "}]", deepest) > deepest)
    return createStringError("'" + path + "' is no manifest: its lists and objects lie in each other 100 deep");
  auto value = json::parse(*text);
  if (!value)
    return createStringError("'" + path + "' is not JSON: " + toString(value.takeError()));
  if (json::Object *object = value->getAsObject())
    return std::move(*object);
  return createStringError("'" + path + "' is no JSON object");
}
