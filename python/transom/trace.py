"""Calls as chrome://tracing and ui.perfetto.dev show them; `transom run --trace` writes the same."""

from __future__ import annotations

import bisect
import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from . import _native

__all__: list[str] = []

#: node, operator, begin, end (nanoseconds), kind, thread
Event = tuple[str, str, int, int, int, int]


@dataclasses.dataclass
class Call:
    """When a call was made, on the clock that events have, and with which dims."""

    begin: int
    end: int
    dims: Mapping[str, int]


def total(terms: Sequence[Mapping[str, Any]], dims: Mapping[str, int]) -> int | None:
    """A manifest's sum of products; None where a dim has no size."""
    result = 0
    for term in terms:
        product = term["count"]
        for dim in term["dims"]:
            if dim not in dims:
                return None
            product *= dims[dim]
        result += product
    return result


class Lanes:
    """The threads of one context, whose calls do not overlap."""

    def __init__(self, name: str, device: str, events: Sequence[Event], calls: Sequence[Call]) -> None:
        self.name = name
        self.device = device
        self.events = events
        self.calls = calls
        self.begins = [call.begin for call in calls]

    def call_of(self, event: Event) -> Call | None:
        before = bisect.bisect_right(self.begins, event[2])
        return self.calls[before - 1] if before and event[3] <= self.calls[before - 1].end else None


def document(model: str, cpu: str, places: Sequence[Mapping[str, Any]], lanes: Sequence[Lanes]) -> dict[str, Any]:
    """Chrome's trace events: a process is a context, its threads are the context's."""
    costs = {(place["node"], place["op"]): place for place in places}
    start = min((event[2] for context in lanes for event in context.events), default=0)
    written: list[dict[str, Any]] = []
    for pid, context in enumerate(lanes, 1):
        written.append(_metadata("process_name", pid, 0, context.name))
        for thread in sorted({event[5] for event in context.events}):
            name = f"thread {thread}" if context.device == "cpu" else context.device
            written.append(_metadata("thread_name", pid, thread, name))
        slices = collections.Counter(
            (id(context.call_of(event)), event[:2])
            for event in context.events
            if event[4] == _native.TRACE_PLACE and event[5] == 0
        )
        for event in context.events:
            call = context.call_of(event)
            written.append(_slice(event, pid, start, costs, call.dims if call else {}, slices[id(call), event[:2]]))
    return {"displayTimeUnit": "ns", "otherData": {"model": model, "cpu": cpu}, "traceEvents": written}


def _metadata(kind: str, pid: int, thread: int, name: str) -> dict[str, Any]:
    return {"name": kind, "ph": "M", "pid": pid, "tid": thread, "args": {"name": name}}


def _slice(
    event: Event, pid: int, start: int, costs: Mapping[Any, Mapping[str, Any]], dims: Mapping[str, int], slices: int
) -> dict[str, Any]:
    node, op, begin, end, kind, thread = event
    name, category = {_native.TRACE_RUN: ("run", "run"), _native.TRACE_WAIT: ("wait", "wait")}.get(kind, (node or op, "node"))
    result: dict[str, Any] = {
        "name": name, "cat": category, "ph": "X", "pid": pid, "tid": thread,
        "ts": (begin - start) / 1e3, "dur": (end - begin) / 1e3,
    }  # fmt: skip
    if kind == _native.TRACE_RUN:
        return result | {"args": dict(dims)}
    arguments: dict[str, Any] = {"node": node, "operator": op}
    if kind == _native.TRACE_PLACE:
        # Of the node in the whole run, on all threads; of how many slices, where it has several.
        for key in ("flops", "bytes"):
            amount = total(costs[node, op][key], dims) if (node, op) in costs else None
            if amount is not None:
                arguments[key] = amount
        if slices > 1:
            arguments["slices"] = slices
    return result | {"args": arguments}
