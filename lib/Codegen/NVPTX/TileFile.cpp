//===- TileFile.cpp - tiles that were measured, in a file -----------------===//

#include "transom/Codegen/TileFile.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace transom;

static constexpr int64_t formatVersion = 1;

static Expected<TileFile::Choice> readChoice(const TileTable &table, StringRef key, const json::Value &value) {
  const json::Object *object = value.getAsObject();
  auto tile = object ? object->getString("tile") : std::nullopt;
  if (!tile)
    return createStringError("'" + key + "' has no \"tile\", a text such as \"128x128 stages=3 warps=2x4\"");
  if (Error error = table.check(key, *tile))
    return error;
  return TileFile::Choice{tile->str(), object->getNumber("microseconds"), object->getNumber("table_microseconds")};
}

static Expected<TileFile> readObject(const json::Object &object) {
  auto format = object.getInteger("format");
  if (!format)
    return createStringError("it has no \"format\"; 'transom tune' writes such files");
  if (*format != formatVersion)
    return createStringError("its format is " + Twine(*format) + ", this is read up to " + Twine(formatVersion) +
                             "; 'transom tune' writes it anew");
  TileFile file;
  file.chip = object.getString("chip").value_or("").str();
  auto chip = NVPTXTarget::resolve(file.chip);
  if (!chip)
    return createStringError("its \"chip\" is '" + file.chip + "'; " +
                             StringRef(toString(chip.takeError())).rsplit("; ").second);
  for (auto [key, to] : {std::pair("device", &file.device), {"driver", &file.driver}, {"date", &file.date}})
    *to = object.getString(key).value_or("").str();
  const json::Object *tiles = object.getObject("tiles");
  if (!tiles)
    return createStringError("it has no \"tiles\": {\"PRODUCT\": {\"tile\": \"TILE\"}, ...}");
  TileTable table(std::move(*chip));
  for (const auto &[key, value] : *tiles) {
    auto choice = readChoice(table, key.str(), value);
    if (!choice)
      return choice.takeError();
    file.tiles[key.str()] = std::move(*choice);
  }
  return file;
}

Expected<TileFile> TileFile::read(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read the tiles '" + path + "': " + buffer.getError().message());
  auto value = json::parse((*buffer)->getBuffer());
  if (!value)
    return createStringError("'" + path + "' is no file of tiles: " + toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return createStringError("'" + path + "' is no file of tiles: it is no object");
  auto file = readObject(*object);
  if (!file)
    return createStringError("'" + path + "': " + toString(file.takeError()));
  return file;
}

std::string TileFile::text() const {
  std::string result;
  raw_string_ostream os(result);
  json::OStream out(os, 2);
  out.object([&] {
    out.attribute("format", formatVersion);
    for (auto [key, value] : {std::pair("chip", &chip), {"device", &device}, {"driver", &driver}, {"date", &date}})
      out.attribute(key, json::fixUTF8(*value));
    out.attributeObject("tiles", [&] {
      for (const auto &[key, choice] : tiles)
        out.attributeObject(key, [&] {
          out.attribute("tile", choice.tile);
          if (choice.microseconds)
            out.attribute("microseconds", *choice.microseconds);
          if (choice.tableMicroseconds)
            out.attribute("table_microseconds", *choice.tableMicroseconds);
        });
    });
  });
  return result + "\n";
}

mlir::DictionaryAttr TileFile::attribute(mlir::MLIRContext *context) const {
  mlir::Builder builder(context);
  SmallVector<mlir::NamedAttribute> entries;
  for (const auto &[key, choice] : tiles)
    entries.push_back(builder.getNamedAttr(key, builder.getStringAttr(choice.tile)));
  return builder.getDictionaryAttr(entries);
}
