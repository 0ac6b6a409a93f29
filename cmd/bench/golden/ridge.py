"""Golden values for ridge regression and votes of neighbours from scikit-learn.

    python ridge.py > shared/nn/testdata/ridge.json                        # committed
    python ridge.py knn > adapters/classifier/head/testdata/knn.json       # committed

"""

import json
import sys

import numpy as np
from sklearn.linear_model import RidgeCV, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

PENALTIES = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3, 10]
r = np.random.default_rng(5)


def rounded(a):
    return [float(np.round(v, 4)) for v in np.asarray(a).ravel()]


def vectors(n, d, c):
    y = np.arange(n) % c
    centres = r.normal(size=(c, d))
    return np.round(centres[y] + 1.5 * r.normal(size=(n, d)) + 0.5, 3).astype(np.float32).astype(np.float64), y


def ridge():
    cases = []
    for n, d, c in [(60, 7, 3), (30, 40, 4), (25, 17, 2), (200, 5, 6)]:
        x, y = vectors(n, d, c)
        mean, std = x.mean(0), np.sqrt(((x - x.mean(0)) ** 2).mean())
        z, t = (x - mean) / std, np.where(y[:, None] == np.arange(c), 1.0, -1.0)
        m = RidgeCV(alphas=[p * n for p in PENALTIES], store_cv_results=True).fit(z, t)
        at = int(np.argmin([abs(m.alpha_ / n - p) for p in PENALTIES]))
        alpha = 0.1 * n
        classes = RidgeClassifier(alpha=alpha).fit(z, y).predict(z) if c > 1 else []
        cases.append({
            "n": n, "d": d, "c": c, "x": rounded(x), "y": [int(v) for v in y], "penalty": PENALTIES[at], "squared": float(m.cv_results_[:, :, at].mean()),
            "w": [float(v) for v in (m.coef_ / std).ravel()], "b": [float(v) for v in m.intercept_ - m.coef_ @ mean / std],
            "classes": [int(v) for v in classes],
        })
    return cases


def knn():
    cases = []
    for n, d, c, k in [(40, 6, 3, 5), (33, 18, 4, 1), (50, 9, 5, 20)]:
        x, y = vectors(n, d, c)
        q, _ = vectors(7, d, c)
        m = KNeighborsClassifier(n_neighbors=k, metric="cosine", algorithm="brute", weights=lambda d: np.exp(-d / 0.07)).fit(x, y)
        cases.append({"n": n, "d": d, "c": c, "k": k, "x": rounded(x), "y": [int(v) for v in y], "q": rounded(q), "p": [float(v) for v in m.predict_proba(q).ravel()]})
    return cases


json.dump(knn() if "knn" in sys.argv else ridge(), sys.stdout)
print()
