//===- ModelCosts.cpp - sizes of dims and what they cost ------------------===//

#include "ModelCosts.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace transom;

static Expected<std::string> symbolOf(StringRef name, ArrayRef<std::string> symbols) {
  std::vector<std::string> starting;
  for (const std::string &symbol : symbols) {
    if (symbol == name)
      return symbol;
    if (StringRef(symbol).starts_with(name))
      starting.push_back(symbol);
  }
  if (starting.size() == 1)
    return starting.front();
  if (symbols.empty())
    return createStringError("--dim " + name + ": all dims of the model are fixed");
  if (starting.size() > 1)
    return createStringError("--dim " + name + " could be " + join(starting, " or "));
  return createStringError("--dim " + name + ": the model's dims are " + join(symbols, ", "));
}

Expected<cli::DimSizes> cli::readDims(ArrayRef<std::string> texts, ArrayRef<std::string> symbols) {
  DimSizes sizes;
  for (StringRef text : texts) {
    auto [name, value] = text.rsplit('=');
    int64_t size;
    if (name.empty() || value.getAsInteger(10, size) || size < 0)
      return createStringError("--dim " + text + ": NAME=SIZE is expected, with a size of at least 0");
    auto symbol = symbolOf(name, symbols);
    if (!symbol)
      return symbol.takeError();
    auto [known, isNew] = sizes.emplace(*symbol, size);
    if (!isNew && known->second != size)
      return createStringError("--dim " + *symbol + " is given as " + Twine(known->second) + " and as " + Twine(size));
  }
  return sizes;
}

std::optional<double> cli::evaluate(ArrayRef<CostTerm> terms, const DimSizes &sizes) {
  double total = 0;
  for (const CostTerm &term : terms) {
    double product = static_cast<double>(term.count);
    for (const std::string &dim : term.dims) {
      auto found = sizes.find(dim);
      if (found == sizes.end())
        return std::nullopt;
      product *= static_cast<double>(found->second);
    }
    total += product;
  }
  return total;
}

std::string cli::costText(const ModelCost &cost) {
  if (cost.flops.empty())
    return "0";
  std::string text;
  for (const CostTerm &term : cost.flops) {
    text += (text.empty() ? "" : " + ") + std::to_string(term.count);
    for (const std::string &dim : term.dims)
      text += "*" + dim;
  }
  return text;
}

static std::optional<std::vector<CostTerm>> readTerms(const json::Object &object, StringRef key) {
  const json::Array *list = object.getArray(key);
  if (!list)
    return std::nullopt;
  std::vector<CostTerm> terms;
  for (const json::Value &value : *list) {
    const json::Object *item = value.getAsObject();
    const json::Array *dims = item ? item->getArray("dims") : nullptr;
    auto count = item ? item->getInteger("count") : std::nullopt;
    if (!dims || !count)
      return std::nullopt;
    CostTerm term;
    term.count = static_cast<uint64_t>(*count);
    for (const json::Value &dim : *dims)
      term.dims.push_back(dim.getAsString().value_or("").str());
    terms.push_back(std::move(term));
  }
  return terms;
}

std::optional<ModelCost> cli::readCost(const json::Object &manifest) {
  auto terms = readTerms(manifest, "flops");
  auto omitted = manifest.getInteger("flops_omitted");
  if (!terms || !omitted)
    return std::nullopt;
  return ModelCost{std::move(*terms), static_cast<unsigned>(*omitted)};
}

std::vector<PlaceCost> cli::readPlaces(const json::Object &manifest, StringRef entry) {
  const json::Object *of = &manifest;
  if (manifest.getString("entry") != entry) {
    of = nullptr;
    if (const json::Array *others = manifest.getArray("other_entries"))
      for (const json::Value &other : *others)
        if (const json::Object *object = other.getAsObject(); object && object->getString("entry") == entry)
          of = object;
  }
  std::vector<PlaceCost> places;
  const json::Array *list = of ? of->getArray("places") : nullptr;
  if (!list)
    return places;
  for (const json::Value &value : *list) {
    const json::Object *item = value.getAsObject();
    auto flops = item ? readTerms(*item, "flops") : std::nullopt,
         bytes = item ? readTerms(*item, "bytes") : std::nullopt;
    if (flops && bytes)
      places.push_back({item->getString("node").value_or("").str(), item->getString("op").value_or("").str(),
                        std::move(*flops), std::move(*bytes)});
  }
  return places;
}
