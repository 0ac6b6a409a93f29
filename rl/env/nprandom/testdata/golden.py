"""Writes golden.json: what numpy.random.default_rng draws. Needs numpy (2.4.6 made the file).

    python golden.py > golden.json
"""
import hashlib
import json

import numpy as np

SEEDS = [0, 1, 42, 123456789, 2**32 - 1, 2**32, 2**53 + 1, 2**64 - 1]
BOUNDS = [1, 2, 3, 7, 2**31 - 1, 2**32 - 1, 2**32, 2**32 + 1, 2**63 - 1]
MANY = 20000


def case(seed):
    rng = lambda: np.random.default_rng(seed)
    mixed = rng()
    return {
        "seed": str(seed),
        "state": [str(w) for w in np.random.SeedSequence(seed).generate_state(4, np.uint64)],
        "bits": [str(w) for w in np.random.PCG64(seed).random_raw(4)],
        "uniform": [float(v) for v in rng().uniform(-0.6, -0.4, size=4)],
        "integers": [str(rng().integers(n)) for n in BOUNDS],
        # 32 and 64 bits in turns: a waiting half must stay
        "mixed": [float(v) for _ in range(4) for v in (mixed.integers(10), mixed.random())],
        "normal": [float(v) for v in rng().standard_normal(4)],
        "exponential": [float(v) for v in rng().standard_exponential(4)],
        # of many as float32, so that strips' edges and tails are among them
        "normals": hashlib.sha256(rng().standard_normal(MANY).astype("<f4").tobytes()).hexdigest(),
        "exponentials": hashlib.sha256(rng().standard_exponential(MANY).astype("<f4").tobytes()).hexdigest(),
        "thirds": hashlib.sha256(rng().integers(3 * 2**30, size=MANY).astype("<i8").tobytes()).hexdigest(),
    }


print(json.dumps({"numpy": np.__version__, "bounds": [str(b) for b in BOUNDS], "cases": [case(s) for s in SEEDS]}, indent=1))
