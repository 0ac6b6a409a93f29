"""Golden values for temperature scaling: scipy's minimum of the cross-entropy with smoothed targets over random logits.

    python cmd/bench/golden/temperature.py > shared/calibration/testdata/temperature.json
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax


def case(rng, n, c, scale):
    z = rng.normal(size=(n, c)) * scale
    y = np.where(rng.random(n) < 0.7, z.argmax(1), rng.integers(0, c, n))
    z = np.round(z, 3).astype(np.float32)
    y[rng.random(n) < 0.1] = -1
    y[0] = 0
    known = y >= 0
    k = known.sum()
    target = np.full((k, c), 1 / (k + 2) / (c - 1))
    target[np.arange(k), y[known]] = 1 - 1 / (k + 2)
    zk = z[known].astype(float)
    at = minimize_scalar(lambda a: -(target * log_softmax(zk / np.exp(a), axis=1)).sum(), bounds=(-np.log(256), np.log(256)), method="bounded", options={"xatol": 1e-10})
    return {"classes": c, "logits": [float(f"{v:.3f}") for v in z.ravel()], "true": y.tolist(), "temperature": float(np.exp(at.x))}


if __name__ == "__main__":
    rng = np.random.default_rng(3)
    cases = [case(rng, n, c, s) for n, c in [(5, 2), (30, 3), (60, 7)] for s in (0.3, 1, 4, 20)]
    json.dump(cases, sys.stdout, separators=(",", ":"))
    print()
