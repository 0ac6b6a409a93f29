"""Golden values for rankings, pixel maps and boxes.

    python anomaly.py > anomaly.json

Needs numpy, scipy and scikit-learn. AUPRO is written here from its definition (Bergmann et al., IJCV 2021): at every distinct score the overlap of each
region and the false positive rate are counted directly, and the curve is integrated up to the limit. Average precision of boxes follows the PASCAL VOC
development kit, one box at a time (no two boxes of a class score alike).
"""

import json

import numpy as np
from scipy.ndimage import label
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, roc_auc_score, roc_curve

rng = np.random.default_rng(5)


def ranking(n, levels):
    y = rng.random(n) < 0.4
    y[:2] = [True, False]
    s = np.round((rng.normal(0, 1, n) + y) * levels) / levels
    p, r, t = precision_recall_curve(y, s)
    f = 2 * p * r / np.maximum(p + r, 1e-300)
    best = f[:-1].max()
    fpr, tpr, thr = roc_curve(y, s, drop_intermediate=False)
    at = float(np.median(s))
    recall = [float(tpr[fpr <= rate + 1e-12].max()) for rate in (0, 0.01, 0.1, 0.5)]
    alarms = [float(1000 * fpr[tpr >= r - 1e-12].min()) for r in (0.5, 0.9, 0.95, 1)]
    return {"true": y.tolist(), "score": s.tolist(), "auc": roc_auc_score(y, s), "ap": average_precision_score(y, s), "at": at,
            "f1": f1_score(y, s >= at), "best_f1": float(best), "best_at": float(t[f[:-1] >= best - 1e-12].max()), "recall": recall, "alarms": alarms}


def aupro(maps, masks, limit):
    regions = []
    for i, m in enumerate(masks):
        lab, n = label(m, structure=np.ones((3, 3)))
        regions += [(i, lab == k) for k in range(1, n + 1)]
    good = np.concatenate([s[~m] for s, m in zip(maps, masks)])
    fpr, pro = [0.0], [0.0]
    for t in sorted(set(np.concatenate([s.ravel() for s in maps]).tolist()), reverse=True):
        fpr.append(float((good >= t).mean()))
        pro.append(float(np.mean([(maps[i][r] >= t).mean() for i, r in regions])))
    fpr, pro = np.array(fpr), np.array(pro)
    cut = np.interp(limit, fpr, pro)
    # np.interp takes the last of equal abscissae from the right; a vertical rise exactly at the limit doesn't change the area.
    keep = fpr < limit
    return float(np.trapezoid(np.append(pro[keep], cut), np.append(fpr[keep], limit)) / limit), len(regions)


def pixels(n, h, w, levels):
    maps, masks = [], []
    for i in range(n):
        m = np.zeros((h, w), bool)
        for _ in range(rng.integers(0, 4)):
            y, x = rng.integers(0, h), rng.integers(0, w)
            m[y:y + rng.integers(1, 5), x:x + rng.integers(1, 5)] = True
        if i == 0:
            m[1, 1] = m[2, 2] = True
        s = (np.round((rng.normal(0, 1, (h, w)) + 1.5 * m) * levels) / levels).astype(np.float32)
        maps.append(s)
        masks.append(m)
    y, s = np.concatenate([m.ravel() for m in masks]), np.concatenate([m.ravel() for m in maps])
    pro = [aupro(maps, masks, limit) for limit in (0.05, 0.3, 1.0)]
    return {"width": w, "maps": [m.ravel().astype(float).tolist() for m in maps], "masks": [m.ravel().tolist() for m in masks],
            "auroc": roc_auc_score(y, s), "aupro": [p[0] for p in pro], "regions": pro[0][1]}


def iou(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = lambda r: (r[2] - r[0]) * (r[3] - r[1])
    return w * h / (area(a) + area(b) - w * h)


def walk(truth, found, threshold):
    """Right or wrong for found boxes in falling order of score."""
    taken, right = set(), []
    for f in sorted(found, key=lambda f: -f["score"]):
        o = [iou(t["box"], f["box"]) if t["image"] == f["image"] and t["class"] == f["class"] else 0 for t in truth]
        k = int(np.argmax(o))
        right.append(o[k] >= threshold and o[k] > 0 and k not in taken)
        if right[-1]:
            taken.add(k)
    return np.array(right, bool)


def boxes(images, threshold):
    truth, found = [], []
    scores = rng.permutation(1000) / 1000
    for i in range(images):
        for _ in range(rng.integers(0, 5)):
            x, y, w, h = rng.integers(0, 60), rng.integers(0, 60), rng.integers(4, 20), rng.integers(4, 20)
            c = str(rng.choice(["open", "short", "spur"]))
            truth.append({"image": i, "class": c, "box": [int(x), int(y), int(x + w), int(y + h)]})
            for _ in range(rng.integers(0, 3)):
                d = rng.integers(-4, 5, 4)
                found.append({"image": i, "class": c, "box": [int(x + d[0]), int(y + d[1]), int(x + w + d[2]), int(y + h + d[3])],
                              "score": float(scores[len(found)])})
        x, y = rng.integers(0, 60, 2)
        found.append({"image": i, "class": "open", "box": [int(x), int(y), int(x + 9), int(y + 9)], "score": float(scores[len(found)])})
    ap = []
    for c in sorted({t["class"] for t in truth}):
        n = sum(t["class"] == c for t in truth)
        right = walk(truth, [f for f in found if f["class"] == c], threshold)
        tp, fp = np.cumsum(right), np.cumsum(~right)
        rec, prec = tp / n, tp / (tp + fp)
        mrec, mpre = np.concatenate([[0], rec, [1]]), np.concatenate([[0], prec, [0]])
        for i in range(len(mpre) - 2, -1, -1):
            mpre[i] = max(mpre[i], mpre[i + 1])
        at = np.where(mrec[1:] != mrec[:-1])[0]
        ap.append(float(np.sum((mrec[at + 1] - mrec[at]) * mpre[at + 1])))
    right = walk(truth, found, threshold)
    recall = []
    for per in (0.2, 0.5, 1.0):
        ok = np.cumsum(~right) <= per * images
        recall.append(float(np.cumsum(right)[ok][-1] / len(truth)) if ok.any() else 0.0)
    return {"iou": threshold, "images": images, "truth": truth, "found": found, "ap": ap, "map": float(np.mean(ap)), "recall": recall}


print(json.dumps({
    "rankings": [ranking(n, levels) for n, levels in ((2, 4), (30, 1), (30, 1000), (120, 4), (300, 1000))],
    "pixels": [pixels(n, h, w, levels) for n, h, w, levels in ((2, 6, 5, 2), (3, 9, 11, 1000), (4, 12, 8, 4))],
    "boxes": [boxes(12, t) for t in (0.33, 0.5)],
}, separators=(",", ":")))
