"""Golden values for scores of many labels and of numbers from scikit-learn and scipy.

    python targets.py > shared/metrics/testdata/targets.json    # committed: 1,000 random cases, whose values are digits
"""

import json
import random
import sys
import warnings

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, mean_absolute_error, mean_squared_error, r2_score

warnings.filterwarnings("ignore")


def digits(r, n, top):
    return "".join(str(r.randint(0, top)) for _ in range(n))


def array(s, c=0):
    a = np.array([int(ch) for ch in s])
    return a.reshape(-1, c) if c else a


def short(v):
    return None if v != v else float(f"{v:.10g}")


def case(seed):
    r = random.Random(seed)
    n, c = r.randint(2, 9), r.randint(2, 4)
    want, got, score = digits(r, n * c, 1), digits(r, n * c, 1), digits(r, n * c, r.choice([1, 4, 9]))
    w, g, s = array(want, c), array(got, c), array(score, c)
    labels = [f1_score(w, g, average="micro", zero_division=0), f1_score(w, g, average="macro", zero_division=0), accuracy_score(w, g),
              average_precision_score(w, s, average="macro")]
    a, b = digits(r, n, r.choice([0, 2, 9])), digits(r, n, r.choice([2, 9]))
    x, y = array(a).astype(float), array(b).astype(float)
    numbers = [mean_squared_error(x, y) ** 0.5, mean_absolute_error(x, y), r2_score(x, y), pearsonr(x, y)[0], spearmanr(x, y)[0]]
    return [c, want, got, score, a, b, [short(v) for v in labels + numbers]]


print("[" + ",\n".join(json.dumps(case(i), separators=(",", ":")) for i in range(1000)) + "]")
