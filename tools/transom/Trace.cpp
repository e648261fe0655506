//===- Trace.cpp - a run as Chrome and Perfetto show it -------------------===//
//
// The format is Chrome's trace events: a complete event ("X") a slice, in
// microseconds since the trace's begin, and metadata ("M") that names the lanes.
//
//===----------------------------------------------------------------------===//

#include "Trace.h"
#include "transom/Package/OutputFile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace transom;
using namespace transom::cli;

namespace {

/// A node's name and operator, as places and events have them.
using Place = std::pair<StringRef, StringRef>;

class TraceWriter {
public:
  TraceWriter(raw_ostream &os, const LoadedModel &model, ArrayRef<PlaceCost> costs, const DimSizes &sizes)
      : out(os, 1), model(model), sizes(sizes), device(transom_device(model.context())) {
    for (const PlaceCost &cost : costs)
      this->costs[{cost.node, cost.op}] = &cost;
  }

  void write(ArrayRef<TransomTraceEvent> events) {
    for (const TransomTraceEvent &event : events) {
      start = std::min(start, event.begin);
      if (event.kind == TRANSOM_TRACE_PLACE && event.thread == 0)
        ++slices[{event.node, event.op}];
    }
    out.object([&] {
      out.attribute("displayTimeUnit", "ns");
      out.attributeObject("otherData", [&] {
        out.attribute("model", json::fixUTF8(model.info().name));
        out.attribute("cpu", model.info().target_cpu);
        out.attribute("device", device);
        out.attributeObject("dims", [&] {
          for (const auto &[name, size] : sizes)
            out.attribute(json::fixUTF8(name), size);
        });
      });
      out.attributeArray("traceEvents", [&] {
        name("process_name", 0, model.info().name);
        for (uint32_t thread = 0; thread < transom_threads(model.context()); ++thread)
          name("thread_name", thread, device == "cpu" ? "thread " + std::to_string(thread) : device);
        for (const TransomTraceEvent &event : events)
          slice(event);
      });
    });
  }

private:
  void name(StringRef what, uint32_t thread, StringRef text) {
    out.object([&] {
      out.attribute("name", what);
      out.attribute("ph", "M");
      out.attribute("pid", 1);
      out.attribute("tid", thread);
      out.attributeObject("args", [&] { out.attribute("name", json::fixUTF8(text)); });
    });
  }

  void microseconds(StringRef key, uint64_t nanoseconds) {
    out.attributeBegin(key);
    out.rawValue([&](raw_ostream &os) { os << format("%.3f", static_cast<double>(nanoseconds) / 1e3); });
    out.attributeEnd();
  }

  void slice(const TransomTraceEvent &event) {
    StringRef node = event.node, op = event.op;
    out.object([&] {
      switch (event.kind) {
      case TRANSOM_TRACE_RUN: out.attribute("name", "run"); break;
      case TRANSOM_TRACE_WAIT: out.attribute("name", "wait"); break;
      default: out.attribute("name", json::fixUTF8(node.empty() ? op : node));
      }
      out.attribute("cat", event.kind == TRANSOM_TRACE_RUN    ? "run"
                           : event.kind == TRANSOM_TRACE_WAIT ? "wait"
                                                              : "node");
      out.attribute("ph", "X");
      out.attribute("pid", 1);
      out.attribute("tid", event.thread);
      microseconds("ts", event.begin - start);
      microseconds("dur", event.end - event.begin);
      if (event.kind != TRANSOM_TRACE_RUN)
        out.attributeObject("args", [&] { arguments(event); });
    });
  }

  void arguments(const TransomTraceEvent &event) {
    Place place(event.node, event.op);
    out.attribute("node", json::fixUTF8(place.first));
    out.attribute("operator", json::fixUTF8(place.second));
    if (event.kind != TRANSOM_TRACE_PLACE)
      return;
    // Of the node in the whole run, on all threads; of how many slices, where it has several.
    auto known = costs.find(place);
    if (known != costs.end()) {
      if (auto flops = evaluate(known->second->flops, sizes))
        out.attribute("flops", *flops);
      if (auto bytes = evaluate(known->second->bytes, sizes))
        out.attribute("bytes", *bytes);
    }
    if (slices[place] > 1)
      out.attribute("slices", slices[place]);
  }

  json::OStream out;
  const LoadedModel &model;
  const DimSizes &sizes;
  std::string device;
  std::map<Place, const PlaceCost *> costs;
  std::map<Place, int64_t> slices;
  uint64_t start = UINT64_MAX;
};

} // namespace

/// The events of one run, all of them.
static Expected<std::vector<TransomTraceEvent>> recordRun(LoadedModel &model) {
  TransomContext *context = model.context();
  // A model with loops may have many more slices than places: then it runs again, with room for them.
  for (uint64_t room = 4 * model.info().num_sites + 64;;) {
    if (room > UINT32_MAX)
      return createStringError("--trace: the run has more slices than a trace holds");
    if (TransomStatus status = transom_trace_enable(context, static_cast<uint32_t>(room)); status != TRANSOM_OK)
      return createStringError(
          status == TRANSOM_ERROR_VERSION
              ? "--trace: the model was compiled by a version that records no traces; compile it again"
              : transom_error(context));
    if (Error error = model.run())
      return error;
    (void)transom_trace_enable(context, 0);
    uint64_t missed = 0;
    std::vector<TransomTraceEvent> events(transom_trace_read(context, nullptr, 0, &missed));
    if (missed) {
      room += missed;
      continue;
    }
    (void)transom_trace_read(context, events.data(), events.size(), nullptr);
    return events;
  }
}

Error cli::traceRun(LoadedModel &model, ArrayRef<PlaceCost> costs, const DimSizes &sizes, StringRef path) {
  auto events = recordRun(model);
  if (!events)
    return events.takeError();
  return replaceFile(path, [&](raw_pwrite_stream &os) {
    TraceWriter(os, model, costs, sizes).write(*events);
    os << '\n';
    return Error::success();
  });
}
