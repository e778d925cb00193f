#!/usr/bin/env python3
"""ratios.py RESULTS.JSONL: Sluss against the best full-job peer, from one run of the harness.

Two figures for Sluss: its own commands, and the whole contestant with the translation into the
answer key's words. Each measure is the median over repeats; the best peer is chosen per measure
among those whose output was correct.
"""
import json
import statistics
import sys
from collections import defaultdict

MEASURES = [("cpu", "CPU s"), ("wall", "wall s"), ("rss_mb", "peak MB")]


def main(path: str) -> int:
    """Prints the table; 1 when Sluss's output was not correct."""
    runs = defaultdict(list)
    with open(path, encoding="utf-8") as lines:
        for run in map(json.loads, lines):
            runs[run["peer"]].append(run)
    ours = runs.pop("contestant", [])
    peers = {name: r for name, r in runs.items() if all(x["correct"] for x in r)}
    if not ours or not peers:
        print("nothing to compare: Sluss or every correct peer is missing")
        return 1
    right = all(x["correct"] for x in ours)
    print(f"  Sluss's output equals the answer key: {'yes' if right else 'NO'}")
    for run in ours:
        for line in (run["diff"] or []) + ([run["note"]] if run["note"] else []):
            print(f"    {line}")
    if not all(x["stages"] for x in ours):
        return 1
    for measure, title in MEASURES:
        median = lambda r, m=measure: statistics.median(x[m] for x in r)
        name, best = min(((n, median(r)) for n, r in peers.items()), key=lambda x: x[1])
        inner = "peak_mb" if measure == "rss_mb" else measure
        alone = statistics.median(x["stages"]["sluss"][inner] for x in ours)
        whole = median(ours)
        print(
            f"  {title:8} Sluss {alone:8.2f}  with translation {whole:8.2f}  best peer {best:8.2f} ({name})"
            f"  ratio {alone / best:5.2f}  with translation {whole / best:5.2f}"
        )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
