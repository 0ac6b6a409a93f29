"""Writes golden.json: what Gymnasium's spaces draw and how they flatten. Needs gymnasium (1.4.0 made the file).

    python golden.py > golden.json
"""
import json

import gymnasium
import numpy as np
from gymnasium import spaces

inf = np.inf
f32 = lambda *v: np.array(v, np.float32)


def made():
    yield "discrete", spaces.Discrete(5)
    yield "discrete from", spaces.Discrete(7, start=-3)
    yield "multidiscrete", spaces.MultiDiscrete([5, 2, 9])
    yield "box", spaces.Box(f32(-1, -inf, -inf, 3, 0.5), f32(1, inf, 2, inf, 0.5))
    yield "pixels", spaces.Box(0, 255, (2, 3, 3), np.uint8)
    yield "dict", spaces.Dict({"z": spaces.Discrete(4), "a": spaces.Box(-2, 2, (2,)), "m": spaces.MultiDiscrete([3, 3])})


def plain(v):
    if isinstance(v, dict):
        return [e for k in v for e in plain(v[k])]
    return [float(e) for e in np.ravel(v)]


cases = {}
for name, space in made():
    space.seed(11)
    drawn = [space.sample() for _ in range(20)]
    cases[name] = {
        "string": str(space),
        "samples": [plain(v) for v in drawn],
        "flat": [[float(e) for e in spaces.flatten(space, v)] for v in drawn[:2]],
    }
print(json.dumps({"gymnasium": gymnasium.__version__, "cases": cases}))
