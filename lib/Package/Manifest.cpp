//===- Manifest.cpp - NAME.json -------------------------------------------===//

#include "transom/Package/Package.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace transom;

const char *const transom::version = TRANSOM_VERSION;

/// ONNX names are any bytes; JSON takes UTF-8 alone.
static std::string text(StringRef bytes) { return json::isUTF8(bytes) ? bytes.str() : json::fixUTF8(bytes); }

static void writeValue(json::OStream &out, const SignatureValue &value) {
  out.attribute("name", text(value.name));
  out.attribute("field", value.field);
  out.attribute("type", value.type.name);
  out.attributeArray("dims", [&] {
    for (const SignatureDim &dim : value.dims)
      if (dim.size >= 0)
        out.value(dim.size);
      else if (dim.symbol.empty())
        out.value(nullptr);
      else
        out.value(text(dim.symbol));
  });
}

static void writeValues(json::OStream &out, StringRef key, ArrayRef<SignatureValue> values) {
  out.attributeArray(key, [&] {
    for (const SignatureValue &value : values)
      out.object([&] { writeValue(out, value); });
  });
}

void transom::writeTerms(json::OStream &out, StringRef key, ArrayRef<CostTerm> terms) {
  out.attributeArray(key, [&] {
    for (const CostTerm &term : terms)
      out.object([&] {
        out.attribute("count", term.count);
        out.attributeArray("dims", [&] {
          for (const std::string &dim : term.dims)
            out.value(text(dim));
        });
      });
  });
}

static void writePlaces(json::OStream &out, ArrayRef<PlaceCost> places) {
  out.attributeArray("places", [&] {
    for (const PlaceCost &place : places)
      out.object([&] {
        out.attribute("node", text(place.node));
        out.attribute("op", text(place.op));
        writeTerms(out, "flops", place.flops);
        writeTerms(out, "bytes", place.bytes);
      });
  });
}

std::string Manifest::cpuNames() const {
  if (!hasCPU())
    return target.cpu;
  return llvm::join(llvm::map_range(cpus, [](const CPUTarget &cpu) { return cpu.cpu; }), ", ");
}

static void writeCPU(json::OStream &out, const CPUTarget &target) {
  out.attribute("cpu", target.cpu);
  out.attribute("features", target.features);
  out.attribute("vector_bits", target.vectorBits);
}

static void writeSignature(json::OStream &out, const Signature &signature) {
  out.attribute("entry", signature.entry);
  writeValues(out, "inputs", signature.inputs);
  writeValues(out, "outputs", signature.outputs);
  if (!signature.states.empty())
    out.attributeArray("states", [&] {
      for (const SignatureState &state : signature.states)
        out.object([&] {
          writeValue(out, state.value);
          out.attribute("output", text(state.output));
          out.attribute("kind", state.kind);
          out.attribute("axis", state.axis);
          if (state.window > 0)
            out.attribute("window", state.window);
        });
    });
  out.attributeArray("symbols", [&] {
    for (const Symbol &symbol : signature.symbols)
      out.value(text(symbol.name));
  });
}

std::string transom::manifestText(const Manifest &manifest) {
  std::string result;
  raw_string_ostream os(result);
  json::OStream out(os, 2);
  auto placesOf = [&](const std::string &entry) {
    auto found = manifest.places.find(entry);
    return found == manifest.places.end() ? ArrayRef<PlaceCost>() : ArrayRef(found->second);
  };
  out.object([&] {
    out.attribute("name", manifest.name);
    out.attribute("transom", version);
    out.attribute("model", text(manifest.model));
    writeSignature(out, manifest.signature);
    if (manifest.entries.size() > 1)
      out.attributeArray("other_entries", [&] {
        for (const Signature &entry : ArrayRef(manifest.entries).drop_front())
          out.object([&] {
            writeSignature(out, entry);
            writePlaces(out, placesOf(entry.entry));
          });
      });
    out.attributeObject("target", [&] {
      out.attribute("triple", manifest.target.triple);
      writeCPU(out, manifest.target);
    });
    out.attributeArray("cpus", [&] {
      for (const CPUTarget &target : manifest.cpus)
        out.object([&] { writeCPU(out, target); });
    });
    out.attributeArray("runs_on", [&] {
      if (manifest.hasCPU())
        out.value("cpu");
      for (const ManifestDevice &device : manifest.devices)
        out.value("nvptx:" + device.chip);
    });
    out.attributeArray("devices", [&] {
      for (const ManifestDevice &device : manifest.devices)
        out.object([&] {
          out.attribute("chip", device.chip);
          out.attribute("functions", device.functions);
          out.attribute("ptx_bytes", device.ptxBytes);
          out.attribute("cubin_bytes", device.cubinBytes);
          out.attribute("weights_bytes", device.weightsBytes);
        });
    });
    out.attributeObject("options", [&] {
      out.attribute("cpu", manifest.cpuOption);
      out.attribute("weights", manifest.weightsOption);
      out.attribute("state", manifest.stateOption);
    });
    out.attributeObject("weights", [&] {
      if (manifest.weightsFile.empty())
        out.attribute("file", nullptr);
      else
        out.attribute("file", manifest.weightsFile);
      out.attribute("offset", manifest.weightsOffset);
      out.attribute("bytes", manifest.weightsBytes);
      out.attribute("sha256", manifest.weightsSha256);
    });
    out.attribute("parameters", manifest.parameters);
    writeTerms(out, "flops", manifest.cost.flops);
    out.attribute("flops_omitted", manifest.cost.omitted);
    writePlaces(out, placesOf(manifest.signature.entry));
    out.attributeArray("kernels", [&] {
      for (const KernelUse &kernel : manifest.kernels)
        out.object([&] {
          out.attribute("name", kernel.name);
          out.attribute("launches", kernel.launches);
        });
    });
  });
  os << '\n';
  return result;
}
