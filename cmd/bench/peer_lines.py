"""The lines that a peer of `fm bench` speaks: one command a line in, one JSON object a line out, words separated by tabs.

A peer says what it is, then answers
    prepare NAME [WAY...]  warm up; where there are several ways to do NAME, or several are named, time each and keep the fastest
    run NAME REPEATS       do NAME that many times, answer the seconds taken
    each NAME FROM TO      do NAME on item FROM - 1, then on each from FROM up to TO, answer the seconds of each of these
    output NAME FILE [I]   do NAME once, on item I, and write its result to FILE, little-endian float32
    peak                   answer the largest resident size in bytes
    quit
and is idle between two commands.
"""
import gc
import json
import platform
import resource
import sys
import time

SLOW = 2.0  # seconds from which on one run is enough to warm up, and one to time


def serve(hello, ways):
    """ways: {name: {way: function that gives a function}}; the inner function does the work once and returns its result. It takes an item where work has any."""
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
                chosen = {way: ways[words[1]][way] for way in words[2:]} or ways[words[1]]
                answer(prepare(ready, words[1], chosen))
            elif words[0] == "run":
                work, repeats = ready[words[1]], int(words[2])
                begin = time.perf_counter()
                for _ in range(repeats):
                    work()
                answer({"seconds": time.perf_counter() - begin})
            elif words[0] == "each":
                answer({"seconds": each(ready[words[1]], int(words[2]), int(words[3]))})
            elif words[0] == "output":
                write(words[2], ready[words[1]](*map(int, words[3:])))
                answer({})
            elif words[0] == "peak":
                answer({"bytes": peak()})
            else:
                answer({"error": "unknown command " + words[0]})
        except Exception as e:  # the other side decides whether to go on
            answer({"error": f"{type(e).__name__}: {e}"[:500]})


def prepare(ready, name, ways):
    """A way that fails counts only where every one does."""
    tried, failed, best, error = {}, {}, None, None
    for way, make in ways.items():
        try:
            work = make()
            tried[way] = seconds(work)
        except Exception as e:
            failed[way], error = f"{type(e).__name__}: {e}"[:200], e
            continue
        if best is None or tried[way] < tried[best]:
            best, ready[name] = way, work
    if best is None:
        raise error
    return {"way": best, "tried": tried, "failed": failed}


def seconds(work):
    """The median of some runs, warmed up."""

    def once():
        begin = time.perf_counter()
        work()
        return time.perf_counter() - begin

    least = 1 if once() > SLOW else 3
    if least > 1:
        once()
    times = []
    begin = time.perf_counter()
    while len(times) < least or (len(times) < 30 and time.perf_counter() - begin < 0.5):
        times.append(once())
    return sorted(times)[len(times) // 2]


def each(work, begin, end):
    work(begin - 1)
    times = []
    for i in range(begin, end):
        began = time.perf_counter()
        work(i)
        times.append(time.perf_counter() - began)
    return times


def write(path, result):
    import numpy as np

    np.ascontiguousarray(result, dtype="<f4").tofile(path)


def peak():
    """VmHWM where there is one: to getrusage the memory of the process that started this one counts as this one's."""
    try:
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
