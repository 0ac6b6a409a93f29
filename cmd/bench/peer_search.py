"""An exact scan by numpy on one thread, beside BenchmarkScan of adapters/search.

    go test -c -o /tmp/scan ./adapters/search
    for i in 1 2 3 4 5 6 7; do python cmd/bench/peer_search.py; /tmp/scan -test.run '^$' -test.bench Scan -test.benchtime 10x; done

100,000 vectors of 384: the product, and the 10 largest of every query, best first. Both print vectors a second. Needs numpy.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import time

import numpy as np

n, d, k = 100_000, 384, 10
x = np.fromfunction(lambda i: (i % 1009) / 1009, (n * d,), dtype=np.float64).astype(np.float32).reshape(n, d)
for m in (1, 16):
    q = np.ascontiguousarray(x[:m])
    times = []
    for _ in range(10):
        began = time.perf_counter()
        s = q @ x.T
        best = np.argpartition(-s, k, axis=1)[:, :k]
        best = np.take_along_axis(best, np.argsort(-np.take_along_axis(s, best, 1), axis=1), 1)
        times.append(time.perf_counter() - began)
    print(f"numpy {np.__version__} queries {m}: {n / np.median(times):.0f} vectors/s")
