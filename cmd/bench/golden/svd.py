"""Golden values for the truncated singular value decomposition of text/pretrain, from numpy.

    python svd.py > text/pretrain/testdata/svd.json

Needs numpy. The matrix is like those of positive pointwise mutual information: sparse, not negative, of a falling spectrum. The vectors are
given by what doesn't depend on their signs: the products of every two rows.
"""

import json

import numpy as np

V, D, POWER = 32, 6, 0.5

rng = np.random.default_rng(1)
topics = rng.gamma(0.3, 1.0, (V, 5)) * np.array([9, 5, 3, 2, 1])
m = np.round(np.maximum(topics @ topics.T / 8 + rng.normal(0, 0.4, (V, V)), 0), 2).astype(np.float32)
u, s, _ = np.linalg.svd(m.astype(np.float64))
vectors = u[:, :D] * s[:D] ** POWER
print(json.dumps({"v": V, "d": D, "power": POWER, "matrix": [round(float(x), 2) for x in m.ravel()],
                  "values": [round(float(x), 9) for x in s], "products": [round(float(x), 7) for x in (vectors @ vectors.T).ravel()]}))
