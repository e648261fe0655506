//===- BenchProfile.cpp - a profile beside what the machine can do --------===//

#include "BenchProfile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace transom;
using namespace transom::cli;

void cli::writeOptional(json::OStream &out, StringRef key, std::optional<double> value) {
  if (value)
    out.attribute(key, *value);
  else
    out.attribute(key, nullptr);
}

std::optional<double> ProfileLine::predicted(const std::optional<MachinePeaks> &peaks) const {
  if (!peaks || !flops || !bytes)
    return std::nullopt;
  return 1e6 * std::max(*flops / peaks->flops, *bytes / peaks->bytes);
}

std::vector<ProfileLine> cli::readProfile(const TransomContext *context, unsigned runs, ArrayRef<PlaceCost> costs,
                                          const DimSizes &sizes) {
  std::vector<TransomProfileEntry> entries(transom_profile_read(context, nullptr, 0));
  (void)transom_profile_read(context, entries.data(), static_cast<uint32_t>(entries.size()));
  std::vector<ProfileLine> lines;
  for (const TransomProfileEntry &entry : entries) {
    if (!entry.calls)
      continue;
    ProfileLine line{entry.node,
                     entry.op,
                     static_cast<double>(entry.nanoseconds) / 1e3 / runs,
                     static_cast<double>(entry.calls) / runs,
                     std::nullopt,
                     std::nullopt};
    const auto *cost =
        llvm::find_if(costs, [&](const PlaceCost &place) { return place.node == line.node && place.op == line.op; });
    if (cost != costs.end()) {
      line.flops = evaluate(cost->flops, sizes);
      line.bytes = evaluate(cost->bytes, sizes);
    }
    lines.push_back(std::move(line));
  }
  llvm::sort(lines, [](const ProfileLine &a, const ProfileLine &b) { return a.microseconds > b.microseconds; });
  return lines;
}

void cli::printProfile(ArrayRef<ProfileLine> lines, const std::optional<MachinePeaks> &peaks) {
  double total = 0;
  for (const ProfileLine &line : lines)
    total += line.microseconds;
  outs() << "\n    us/run  share  calls/run  GFLOP/s    GB/s  predicted us  operator and node\n";
  auto column = [](const char *form, unsigned width, std::optional<double> value) {
    if (value)
      outs() << format(form, *value);
    else
      outs() << right_justify("-", width);
  };
  for (const ProfileLine &line : lines) {
    outs() << format("%10.1f %5.1f%% %10.1f", line.microseconds, 100 * line.microseconds / total, line.calls);
    auto rate = [&](std::optional<double> amount) {
      return amount ? std::optional(*amount / line.microseconds / 1e3) : std::nullopt;
    };
    column("%9.1f", 9, rate(line.flops));
    column("%8.2f", 8, rate(line.bytes));
    column("%14.1f", 14, line.predicted(peaks));
    outs() << "  " << line.op << ' ' << line.node << '\n';
  }
}

void cli::writeProfile(json::OStream &out, ArrayRef<ProfileLine> lines, const std::optional<MachinePeaks> &peaks) {
  out.attributeArray("kernels", [&] {
    for (const ProfileLine &line : lines)
      out.object([&] {
        out.attribute("node", json::fixUTF8(line.node));
        out.attribute("op", json::fixUTF8(line.op));
        out.attribute("calls", line.calls);
        out.attribute("microseconds", line.microseconds);
        writeOptional(out, "flops", line.flops);
        writeOptional(out, "bytes", line.bytes);
        writeOptional(out, "predicted_microseconds", line.predicted(peaks));
      });
  });
}
