"""The lines that a peer of `fm bench` speaks: one command a line in, one JSON object a line out.

A peer says what it is, then answers
    prepare NAME        warm up; where there are several ways to do NAME, time each and keep the fastest
    run NAME REPEATS    do NAME that many times, answer the seconds taken
    peak                answer the largest resident size in bytes
    quit
and is idle between two commands.
"""
import gc
import json
import platform
import resource
import sys
import time


def serve(hello, ways):
    """ways: {name: {way: function that gives a function}}; the inner function does the work once."""
    out = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not break the protocol

    def answer(obj):
        out.write(json.dumps(obj) + "\n")
        out.flush()

    hello = dict(hello, python=platform.python_version(), names=sorted(ways), start_bytes=peak())
    answer(hello)
    ready = {}
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        try:
            if words[0] == "quit":
                return
            if words[0] == "prepare":
                ready.clear()
                gc.collect()
                answer(prepare(ready, words[1], ways[words[1]]))
            elif words[0] == "run":
                work, repeats = ready[words[1]], int(words[2])
                begin = time.perf_counter()
                for _ in range(repeats):
                    work()
                answer({"seconds": time.perf_counter() - begin})
            elif words[0] == "peak":
                answer({"bytes": peak()})
            else:
                answer({"error": "unknown command " + words[0]})
        except Exception as e:  # the other side decides whether to go on
            answer({"error": f"{type(e).__name__}: {e}"[:500]})


def prepare(ready, name, ways):
    tried, best = {}, None
    for way, make in ways.items():
        work = make()
        for _ in range(2):
            work()
        times = []
        begin = time.perf_counter()
        while len(times) < 3 or (len(times) < 30 and time.perf_counter() - begin < 0.5):
            t = time.perf_counter()
            work()
            times.append(time.perf_counter() - t)
        tried[way] = sorted(times)[len(times) // 2]
        if best is None or tried[way] < tried[best]:
            best, ready[name] = way, work
    return {"way": best, "tried": tried}


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
