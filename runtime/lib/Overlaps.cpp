//===- Overlaps.cpp - no output may lie where an input is read ------------===//
//
// Sorts all pieces of memory that a run touches by address and walks over them
// once. Callers that feed an output back as an input, as decoders do with their
// cache, find the context's buffers in turns: one is read, the other written.
//
//===----------------------------------------------------------------------===//
#include "Signature.h"

namespace transom::runtime {
namespace {

Range rangeAt(const void *data, int64_t before, uint64_t after, const Range &of) {
  auto address = reinterpret_cast<uintptr_t>(data);
  return {address - uintptr_t(before), address + uintptr_t(after), of.kind, of.index, of.half};
}

/// Where the thing that `range` stands for lies in this run.
Range locate(const TransomContext &context, const TransomTensor *inputs, const Range &range) {
  if (range.kind == Range::Input) {
    const InputPlace &place = context.inputs[range.index];
    return rangeAt(inputs[range.index].data, place.before, uint64_t(place.after), range);
  }
  const OutputPlace &place = context.run.outputs[range.index];
  if (range.kind == Range::Owned)
    return rangeAt(place.owned[range.half].data, 0, place.owned[range.half].capacity, range);
  if (!place.given)
    return rangeAt(nullptr, 0, 0, range);
  return rangeAt(place.given, 0, place.known ? uint64_t(place.reach) : place.capacity, range);
}

TransomStatus refuse(TransomContext &context, const Range &a, const Range &b) {
  const TransomProgram &program = *context.run.program;
  const Range &output = a.kind == Range::Output ? a : b;
  const Range &other = a.kind == Range::Output ? b : a;
  bool input = other.kind == Range::Input;
  return context.message().fail(TRANSOM_ERROR_ARGUMENT, "the buffer of output %u \"%s\" overlaps that of %s %u \"%s\"",
                                output.index, program.outputs[output.index].name, input ? "input" : "output",
                                other.index, (input ? program.inputs : program.outputs)[other.index].name);
}

void markRead(TransomContext &context, const Range &owned) {
  context.run.outputs[owned.index].isRead[owned.half] = true;
}

} // namespace

void initialiseRanges(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  context.numRanges = 0;
  auto add = [&](Range::Kind kind, uint32_t index, uint32_t half) {
    context.ranges[context.numRanges++] = {0, 0, kind, index, half};
  };
  for (uint32_t i = 0; i < program.num_inputs; ++i)
    add(Range::Input, i, 0);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    add(Range::Output, i, 0);
    add(Range::Owned, i, 0);
    add(Range::Owned, i, 1);
  }
}

TransomStatus checkOverlaps(TransomContext &context, const TransomTensor *inputs) {
  const TransomProgram &program = *context.run.program;
  bool any = false;
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    place.isRead[0] = place.isRead[1] = false;
    any |= place.given || place.owned[0].data || place.owned[1].data;
  }
  if (!any)
    return TRANSOM_OK;

  // The last run's order is nearly always this one's, so an insertion sort has
  // next to nothing to move.
  for (uint32_t i = 0; i < context.numRanges; ++i) {
    Range range = locate(context, inputs, context.ranges[i]);
    uint32_t at = i;
    for (; at && context.ranges[at - 1].begin > range.begin; --at)
      context.ranges[at] = context.ranges[at - 1];
    context.ranges[at] = range;
  }

  // Of each kind, the range so far that ends last: if that one ends before this
  // one begins, all do. Owned buffers are apart from each other, so no other
  // one than the last can reach into a later range.
  Range last[3] = {};
  for (uint32_t i = 0; i < context.numRanges; ++i) {
    const Range &range = context.ranges[i];
    if (range.begin == range.end)
      continue;
    bool output = range.kind == Range::Output;
    for (const Range &other : last)
      if (range.begin < other.end && (output || other.kind == Range::Output))
        return refuse(context, range, other);
    if (range.kind == Range::Owned && range.begin < last[Range::Input].end)
      markRead(context, range);
    if (range.kind == Range::Input && range.begin < last[Range::Owned].end)
      markRead(context, last[Range::Owned]);
    if (range.end > last[range.kind].end)
      last[range.kind] = range;
  }

  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    if (!place.isOwned || !place.isRead[place.current])
      continue;
    if (place.isRead[1 - place.current])
      return context.message().fail(TRANSOM_ERROR_ARGUMENT,
                                    "output %u \"%s\": inputs lie in both of the context's buffers for it", i,
                                    program.outputs[i].name);
    place.current = 1 - place.current;
  }
  return TRANSOM_OK;
}

} // namespace transom::runtime
