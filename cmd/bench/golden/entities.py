"""Golden values for shared/metrics' entities from seqeval 1.2.2.

    python entities.py 40 > shared/metrics/testdata/entities.json                           # committed
    python entities.py 1000 > many.json; FMKIT_ENTITIES=$PWD/many.json go test ./shared/metrics  # more of them
"""

import json
import random
import sys
import warnings

from seqeval.metrics import accuracy_score
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support

warnings.filterwarnings("ignore")
TYPES = ["PER", "LOC", "work-of-art", "x"]


def tags(r, n, prefixes):
    out = []
    for _ in range(n):
        p = r.choice(prefixes)
        if p == "O":
            out.append("O")
        elif r.random() < 0.03:
            out.append(r.choice([p, p + "-"]))  # without a type
        elif out and out[-1] != "O" and r.random() < 0.6:
            out.append(p + "-" + (out[-1].split("-", 1)[1] if "-" in out[-1] and out[-1].split("-", 1)[1] else "PER"))
        else:
            out.append(p + "-" + r.choice(TYPES))
    return out


def case(seed):
    r = random.Random(seed)
    prefixes = r.choice([["O", "B", "I", "I"], ["O", "O", "B", "I"], ["O", "B", "I", "E", "S"], ["I", "O"]])
    want, got = [], []
    for _ in range(r.randint(1, 6)):
        w = tags(r, r.randint(1, 12), prefixes)
        g = list(w)
        if r.random() < 0.7:
            g = [t if r.random() < 0.7 else o for t, o in zip(w, tags(r, len(w), prefixes))]
        want.append(w)
        got.append(g)
    p, rec, f, _ = precision_recall_fscore_support(want, got, average="micro")
    types = sorted({e[0] for s in want for e in get_entities(s)} | {e[0] for s in got for e in get_entities(s)})
    by = precision_recall_fscore_support(want, got, average=None) if types else [[], [], [], []]
    return {
        "want": want,
        "got": got,
        "entities": [[[t, a, b + 1] for t, a, b in get_entities(s)] for s in want],
        "precision": float(p),
        "recall": float(rec),
        "f1": float(f),
        "accuracy": float(accuracy_score(want, got)),
        "types": {t: [float(by[0][i]), float(by[1][i]), float(by[2][i]), int(by[3][i])] for i, t in enumerate(types)},
    }


json.dump([case(i) for i in range(int(sys.argv[1]))], sys.stdout, separators=(",", ":"))
print()
