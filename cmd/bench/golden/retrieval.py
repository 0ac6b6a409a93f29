"""Golden values for shared/metrics' retrieval from pytrec_eval (pytrec-eval-terrier) and scikit-learn.

    python retrieval.py > shared/metrics/testdata/retrieval.json
"""

import json
import random
import sys

import numpy as np
import pytrec_eval
from sklearn.metrics import ndcg_score

r = random.Random(5)
cases = []
for _ in range(40):
    n, depth = r.randint(2, 30), r.randint(1, 30)
    docs = [f"d{i}" for i in range(n)]
    relevant = set(r.sample(docs, r.randint(1, min(n, 6))))
    ranked = r.sample(docs, min(depth, n))
    run = {d: float(len(ranked) - i) for i, d in enumerate(ranked)}
    qrel = {d: int(d in relevant) for d in docs}
    s = pytrec_eval.RelevanceEvaluator({"q": qrel}, {"recall.1,5,10", "ndcg_cut.5,10", "recip_rank"}).evaluate({"q": run})["q"]
    if len(ranked) == n:  # scikit-learn needs a score for every item
        sk = ndcg_score(np.array([[qrel[d] for d in ranked]]), np.array([[run[d] for d in ranked]]), k=10)
        assert abs(sk - s["ndcg_cut_10"]) < 1e-12
    cases.append({"ranked": [d in relevant for d in ranked], "relevant": len(relevant), **s})
json.dump(cases, sys.stdout, separators=(",", ":"))
print()
