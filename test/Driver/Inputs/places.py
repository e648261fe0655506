"""Prints the places of a manifest, a line each."""

import json
import sys


def text(terms):
    return " + ".join("*".join([str(term["count"]), *term["dims"]]) for term in terms) or "0"


for place in json.load(open(sys.argv[1]))["places"]:
    print(f"{place['node']} ({place['op']}): {text(place['flops'])} FLOP, {text(place['bytes'])} bytes")
