"""Golden values for adapters/classifier/baseline from scikit-learn's TfidfVectorizer, LinearSVC and LogisticRegression.

    python tfidf.py small > adapters/classifier/baseline/testdata/golden.json   # own text, committed
    python tfidf.py time DATA                                                   # clinc150 in full: accuracy and seconds of scikit-learn

Needs scikit-learn.
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC

SPEECH = {
    "weather": "will it rain tomorrow|is it cold outside today|how warm will tomorrow be|what's the forecast for today|do I need an umbrella, will it rain|snow tomorrow?",
    "music": "play some jazz|play the next song|turn the music up|what song is this|stop the music please|play it again, louder",
    "alarm": "wake me at 7.30|set an alarm for six|cancel the alarm for tomorrow|when does my alarm ring|set the alarm again|no alarm tomorrow please",
    "lights": "turn the lights off|lights on in the kitchen|dim the kitchen lights please|is the light on outside|turn it off, the light|more light, LIGHT!",
}
NEW = ["will it be cold tomorrow", "louder please", "turn the kitchen alarm off", "a I ö", "Jazz_jazz 7.30 x2 naïve Été", "", "light light light on on the"]

T = TfidfVectorizer
FEATURES = {
    "word": lambda: [T()],
    "pairs": lambda: [T(ngram_range=(1, 2), sublinear_tf=True)],
    "pairs only": lambda: [T(ngram_range=(2, 2), min_df=2)],
    "characters": lambda: [T(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)],
    "both": lambda: [T(ngram_range=(1, 2), sublinear_tf=True), T(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)],
}


def flat(a):
    return [float(f"{x:.9g}") for x in np.asarray(a).ravel()]


def small():
    texts = [t for v in SPEECH.values() for t in v.split("|")]
    labels = [k for k, v in SPEECH.items() for _ in v.split("|")]
    out = {"texts": texts, "labels": labels, "new": NEW, "features": [], "fits": []}
    for name, f in FEATURES.items():
        parts = f()
        v = make_union(*parts)
        v.fit(texts)
        z = v.transform(NEW).tocsr()
        z.sort_indices()
        row = {"name": name, "terms": [t for p in parts for t in p.get_feature_names_out()], "idf": flat(np.concatenate([p.idf_ for p in parts])),
               "new": [[[int(j), float(f"{x:.9g}")] for j, x in zip(r.indices, r.data)] for r in z]}
        out["features"].append(row)
        if name == "pairs only":
            continue
        two = [i for i, l in enumerate(labels) if l in ("music", "lights")]
        for c in [0.1, 1, 10]:
            for rows in [list(range(len(texts))), two]:
                y = [labels[i] for i in rows]
                xs = v.fit_transform([texts[i] for i in rows])
                for kind, m in [("svm", LinearSVC(C=c, tol=1e-9, max_iter=1000000, dual=True)), ("logistic", LogisticRegression(C=c, tol=1e-9, max_iter=10000))]:
                    m.fit(xs, y)
                    d = m.decision_function(v.transform(NEW)) if kind == "svm" else m.predict_proba(v.transform(NEW))
                    out["fits"].append({"features": name, "kind": kind, "c": c, "rows": rows, "scores": flat(d), "labels": m.predict(v.transform(NEW)).tolist()})
    return out


def timed(data):
    with open(f"{data}/cls-clinc150/data_full.train-val.json", encoding="utf-8") as f:
        d = json.load(f)
    (xt, yt), (xv, yv) = ([list(c) for c in zip(*d[k])] for k in ("train", "val"))
    for name, f in FEATURES.items():
        if name == "pairs only":
            continue
        for kind, m in [("svm", LinearSVC()), ("logistic", LogisticRegression(C=10, max_iter=1000))]:
            if kind == "logistic" and name != "word":
                continue
            t = time.time()
            v = make_union(*f())
            m.fit(v.fit_transform(xt), yt)
            print(f"{name} {kind}: accuracy {m.score(v.transform(xv), yv):.4f}, {time.time() - t:.1f} s")


if __name__ == "__main__":
    warnings.simplefilter("error")
    if sys.argv[1] == "small":
        json.dump(small(), sys.stdout, ensure_ascii=False, separators=(",", ":"))
        print()
    else:
        timed(sys.argv[2])
