"""Golden values for probabilities and confidence: scikit-learn on 1,000 random cases that a generator of numbers shared with the test gives.

    python cmd/bench/golden/confidence.py > shared/metrics/testdata/confidence.json
"""

import json
import sys

import numpy as np
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

MASK = (1 << 64) - 1


class Numbers:
    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.x >> 33) % n


def ece(confidence, correct, bins):
    true, pred = calibration_curve(correct, confidence, n_bins=bins)
    at = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    count = np.bincount(at, minlength=bins)
    return float(np.sum(np.abs(true - pred) * count[count > 0]) / len(confidence))


def aurc(confidence, correct):
    """By the definition: risks of the k best, of equal confidence the mean order."""
    wrong = 1.0 - np.asarray(correct, float)
    smooth = np.array([wrong[confidence == v].mean() for v in confidence])
    order = np.argsort(-confidence, kind="stable")
    return float(np.mean(np.cumsum(smooth[order]) / np.arange(1, len(order) + 1)))


def case(seed):
    r = Numbers(seed)
    n, c = 2 + r.below(30), 2 + r.below(5)
    w = np.array([[1 + r.below(40) for _ in range(c)] for _ in range(n)], float)
    p = w / w.sum(axis=1, keepdims=True)
    y = np.array([r.below(c) for _ in range(n)])
    labels = list(range(c))
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == y
    good = np.array([r.below(2) == 1 for _ in range(n)])
    good[0], good[1] = True, False
    return {
        "log_loss": sk.log_loss(y, p, labels=labels),
        "brier": sk.brier_score_loss(y, p, labels=labels, scale_by_half=True) if c > 2 else sk.brier_score_loss(y, p[:, 1], labels=labels, scale_by_half=True),
        "ece": ece(confidence, correct, 10),
        "aurc": aurc(confidence, correct),
        "auroc": sk.roc_auc_score(good, confidence),
    }


if __name__ == "__main__":
    names = ["log_loss", "brier", "ece", "aurc", "auroc"]
    cases = [case(seed) for seed in range(1000)]
    json.dump({n: [float(f"{c[n]:.13g}") for c in cases] for n in names}, sys.stdout, separators=(",", ":"))
    print()
