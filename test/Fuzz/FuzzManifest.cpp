//===- FuzzManifest.cpp - NAME.json as the program reads it back ----------===//
//
// Any text: it is refused, or its costs are read and evaluated.
//
//===----------------------------------------------------------------------===//

#include "ManifestFile.h"
#include "ModelCosts.h"
#include "Scratch.h"

using namespace transom;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz::Scratch file("model.json");
  file.write(data, size);
  auto manifest = cli::readManifestFile(file.path());
  if (!manifest) {
    if (llvm::toString(manifest.takeError()).find(file.path()) == std::string::npos)
      abort();
    return 0;
  }
  cli::DimSizes sizes = {{"batch", 2}, {"sequence", INT64_MAX}};
  if (auto cost = cli::readCost(*manifest)) {
    (void)cli::evaluate(cost->flops, sizes);
    if (cli::costText(*cost).empty())
      abort();
  }
  for (llvm::StringRef entry : {"run", "main"})
    for (const PlaceCost &place : cli::readPlaces(*manifest, entry)) {
      (void)cli::evaluate(place.flops, sizes);
      (void)cli::evaluate(place.bytes, sizes);
    }
  return 0;
}
