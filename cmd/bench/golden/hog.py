"""Histograms of oriented gradients and linear SVMs on them, by scikit-image and scikit-learn: adapters/classifier/baseline/testdata/hog.json.

Usage: python hog.py ../../../adapters/classifier/baseline/testdata/hog.json
"""

import json
import sys

import numpy as np
from skimage.feature import hog
from sklearn.svm import LinearSVC

CASES = [  # side, channels, orientations, cell, block
    (16, 1, 9, 8, 2), (16, 1, 9, 4, 2), (17, 1, 9, 4, 3), (15, 1, 6, 5, 1), (16, 3, 9, 4, 2), (13, 3, 4, 3, 2), (12, 1, 1, 4, 1), (12, 1, 12, 4, 2),
]


def describe(levels, side, channels, orientations, cell, block):
    picture = levels.reshape(channels, side, side)
    picture = picture[0] if channels == 1 else picture.transpose(1, 2, 0)
    return hog(
        picture, orientations=orientations, pixels_per_cell=(cell, cell), cells_per_block=(block, block), block_norm="L2-Hys",
        channel_axis=None if channels == 1 else -1,
    )


def main():
    r = np.random.default_rng(1)
    cases = []
    for case in CASES:
        side, channels = case[:2]
        levels = r.integers(0, 256, channels * side * side).astype(np.uint8)
        levels[: side * 3] = np.repeat(levels[:3], side)  # flat rows
        values = describe(levels, *case)
        cases.append({"options": list(case), "levels": levels.tolist(), "values": [round(v, 9) for v in values.tolist()]})

    # Pictures of three classes: a bright stripe that lies, stands or leans.
    options = (12, 1, 9, 4, 2)
    pictures, labels = [], []
    for i in range(60):
        y, x = np.mgrid[:12, :12]
        at = [y, x, (x + y) // 2][i % 3]
        stripe = (at // 3 == (i // 3) % 4) * 90
        pictures.append((60 + stripe + r.integers(0, 60, (12, 12))).astype(np.uint8).ravel())
        labels.append("abc"[i % 3])
    features = np.array([describe(p, *options) for p in pictures])
    fits = []
    for c in (0.05, 1):
        for n in (3, 2):  # classes
            rows = [i for i in range(40) if i % 3 < n]
            svm = LinearSVC(C=c, loss="squared_hinge", dual=True, tol=1e-9, max_iter=1000000, random_state=1).fit(features[rows], [labels[i] for i in rows])
            scores = np.atleast_2d(svm.decision_function(features[40:]).T).T
            fits.append({"c": c, "rows": rows, "scores": [round(v, 8) for v in scores.ravel().tolist()]})
    golden = {
        "cases": cases, "svm_options": list(options), "pictures": [p.tolist() for p in pictures], "labels": labels, "fits": fits,
    }
    with open(sys.argv[1], "w") as f:
        json.dump(golden, f)
        f.write("\n")


main()
