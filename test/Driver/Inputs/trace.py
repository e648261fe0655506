"""Checks a trace of a model: trace.py FILE THREADS LEAST NODE..., where LEAST is the share of the run that its nodes have at least."""

import collections
import json
import sys

path, threads, least, names = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), set(sys.argv[4:])
trace = json.load(open(path))
lanes = collections.defaultdict(list)
named = {}
for event in trace["traceEvents"]:
    if event["ph"] == "M":
        named[event["name"], event["tid"]] = event["args"]["name"]
        continue
    assert event["ph"] == "X" and event["ts"] >= 0 and event["dur"] >= 0, event
    lanes[event["tid"]].append((event["ts"], event["ts"] + event["dur"], event))
assert sorted(lanes) == list(range(threads)), sorted(lanes)
assert [named["thread_name", thread] for thread in range(threads)] == [f"thread {thread}" for thread in range(threads)]
assert named["process_name", 0] == trace["otherData"]["model"]

for thread, slices in lanes.items():
    by = collections.defaultdict(list)
    for begin, end, event in slices:
        by[event["cat"]].append((begin, end, event))
    (run,) = by["run"]
    places = sorted(by["node"], key=lambda slice: slice[:2])
    assert {event["name"] for _, _, event in places} == names, (names, places)
    inside = 0.01  # a nanosecond is rounded to thousandths
    for begin, end, event in places:
        assert run[0] - inside <= begin <= end <= run[1] + inside
        assert event["args"]["node"] == event["name"] and event["args"]["operator"]
        assert event["args"]["bytes"] > 0 and event["args"]["flops"] >= 0
    for (_, end, _), (begin, _, _) in zip(places, places[1:]):
        assert end <= begin + inside, "slices of one thread overlap"
    for begin, end, event in by["wait"]:
        assert any(
            place[0] - inside <= begin <= end <= place[1] + inside and place[2]["name"] == event["args"]["node"] for place in places
        ), "a wait lies in no node"
    assert bool(by["wait"]) == (threads > 1)
    share = sum(end - begin for begin, end, _ in places) / (run[1] - run[0])
    assert least <= share <= 1.001, share

for event in (event for _, _, event in sorted(lanes[0], key=lambda slice: slice[:2]) if event["cat"] == "node"):
    print(event["name"], event["args"]["operator"], event["args"]["flops"], event["args"]["bytes"])
