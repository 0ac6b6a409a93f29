"""Golden values for shared/metrics from rouge-score, NLTK, scikit-learn, scipy and numpy.

    python metrics.py small > shared/metrics/testdata/golden.json     # own text, committed
    python metrics.py pairs DATA > pairs.json                         # 500 real pairs: FMKIT_ROUGE_PAIRS=pairs.json go test
    python metrics.py stems DATA > stems.json                         # every word of the data: FMKIT_STEMS=stems.json go test

Needs rouge-score 0.1.2, scikit-learn, scipy.
"""

import collections
import json
import random
import re
import string
import sys

import numpy as np
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from scipy import stats
from sklearn import metrics as sk

KINDS = ["rouge1", "rouge2", "rougeL", "rougeLsum"]


def rouge(targets, prediction, stem):
    s = rouge_scorer.RougeScorer(KINDS, use_stemmer=stem).score_multi(targets, prediction)
    return {k: [s[k].precision, s[k].recall, s[k].fmeasure] for k in KINDS}


def case(targets, prediction):
    return {"targets": targets, "prediction": prediction, "plain": rouge(targets, prediction, False), "stem": rouge(targets, prediction, True)}


TEXTS = [
    "The old harbour clock stopped on Tuesday.\nNobody repaired it for years, although three clockmakers offered.\nIn the end a child did.",
    "A child repaired the harbour clock.\nIt had stopped years ago; clockmakers' offers were ignored.",
    "Clock stopped. Clock repaired. Clock, clock, clock!",
    "Rain fell on the hills while the river was rising, rising and rising.\n\nThe bridges held; their keepers were sleeping.",
    "The keepers of the bridges slept while rivers rose.\nRain!",
    "Skies were dying; ties, lies and pies cost $3.50 (or 4,25 EUR) in U.S. dollars -- e.g. happily, hopefully, logically, analogies.",
    "Sky dies; a tie and a lie and one pie costs 3.50 dollars, e.g. happy hope logic analogy.",
    "ÉTÉ naïve Kelvin İstanbul ΣΟΦΟΣ façade 10 µm",
    "ete naive kelvin istanbul sofos facade 10 um",
    "one two three four five six seven eight\nnine ten one two three",
    "eight seven six five four three two one\ntwo three nine one ten two",
    "a b a b a b a\nb a b a b\na a a b b b",
    "b a b a b a\na b b a a b b a a",
    "x",
    "",
    "!!! ... ???",
    "\n\nonly one line here\n",
    "conditional rational relational radically vietnamization predication operator feudalism decisiveness hopefulness callousness formality",
    "condition ration relation radical vietnamize predicate operate feudal decisive hopeful callous formal",
    "triplicate formative formalize electricity electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable",
]

WORDS = """caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing fizzed
failing filing happy sky enjoy say by boy rational valenci hesitanci digitizer conformabli radicalli differentli vileli analogousli operator
sensitiviti sensibiliti triplicate dependent adoption homologou communism activate angulariti effective bowdlerize probate rate cease controll roll
skies dying lying tying news inning innings outing outings canning cannings howe proceed exceed succeed proceeds exceeded succeeding died dies lied lies spied spies
applied flies cried tied eed ied ing ed s ss us gas yes y yy ay ye syzygy yyy geology analogies logies theology hopefully fully carefully awfully
skilfulli bulli university universe universal generalizations oscillators abilities possibly probably apology able ably ion ions nation
mission action actions onion generousness national internationally organization organisational 3rd 2nd abc123 1980s 42 x1y2z3 rhythm rhythms""".split()


def normalize(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def f1(gold, pred):
    g, p = normalize(gold).split(), normalize(pred).split()
    same = sum((collections.Counter(g) & collections.Counter(p)).values())
    if not g or not p:
        return float(g == p)
    return 2 * same / (len(g) + len(p)) if same else 0.0


def squad2():
    rng = random.Random(3)
    words = "red the blue a green house car An tree sea".split()
    items, preds, probs = [], {}, {}
    em, fs = [], []
    for i in range(80):
        answers = [] if rng.random() < 0.4 else [" ".join(rng.choices(words, k=rng.randint(1, 4))) for _ in range(rng.randint(1, 3))]
        pred = "" if rng.random() < 0.15 else rng.choice(answers) if answers and rng.random() < 0.5 else " ".join(rng.choices(words, k=rng.randint(1, 4)))
        items.append({"id": f"q{i}", "answers": answers})
        preds[f"q{i}"], probs[f"q{i}"] = pred, rng.random() - (0.3 if answers else 0.0)
        golds = [a for a in answers if normalize(a)] or [""]
        em.append(float(max(normalize(g) == normalize(pred) for g in golds)))
        fs.append(max(f1(g, pred) for g in golds))

    def best(scores):  # the published sweep
        now = top = sum(not it["answers"] for it in items)
        at = 0.0
        for i in sorted(range(len(items)), key=lambda i: probs[items[i]["id"]]):
            if items[i]["answers"]:
                now += scores[i]
            else:
                now += -1 if preds[items[i]["id"]] else 0
            if now > top:
                top, at = now, probs[items[i]["id"]]
        return [top / len(items), at]

    return {"items": items, "predictions": preds, "no_answer": probs, "em": em, "f1": fs, "best_em": best(em), "best_f1": best(fs)}


def classification():
    rng = np.random.default_rng(5)
    out = []
    for n, c in [(1, 1), (7, 2), (40, 3), (200, 12)]:
        t, p = rng.integers(0, c, n), rng.integers(0, c + 1, n)
        p = np.where(rng.random(n) < 0.6, t, p)
        t, p = [f"c{x:02d}" for x in t], [f"c{x:02d}" for x in p]
        out.append({"true": t, "pred": p, "accuracy": sk.accuracy_score(t, p), "macro_f1": sk.f1_score(t, p, average="macro"),
                    "confusion": sk.confusion_matrix(t, p).tolist()})
    return out


def auc():
    rng = np.random.default_rng(6)
    out = []
    for n, levels in [(2, 2), (9, 3), (100, 5), (300, 1000)]:
        y = rng.random(n) < 0.4
        y[0], y[1] = True, False
        s = np.round(rng.random(n) + 0.3 * y, 6) if levels == 1000 else rng.integers(0, levels, n).astype(float) + y
        out.append({"true": y.tolist(), "score": s.tolist(), "auc": sk.roc_auc_score(y, s)})
    return out


def summary():
    rng = np.random.default_rng(7)
    out = []
    for n in [1, 2, 3, 4, 5, 10, 41]:
        v = rng.normal(size=n)
        out.append({"values": v.tolist(), "mean": v.mean(), "sd": v.std(ddof=1) if n > 1 else None, "iqm": stats.trim_mean(v, 0.25),
                    "low": np.quantile(v, 0.025), "high": np.quantile(v, 0.975)})
    return out


def small():
    pairs = [case([TEXTS[i]], TEXTS[j]) for i in range(len(TEXTS)) for j in range(len(TEXTS)) if abs(i - j) <= 1 or (i * 7 + j) % 11 == 0]
    pairs += [case(TEXTS[:3], TEXTS[3]), case(TEXTS[:3], TEXTS[1]), case([TEXTS[14], TEXTS[4]], TEXTS[3])]
    rng = random.Random(1)
    for _ in range(20):  # few different words: many equally long subsequences
        def text():
            return "\n".join(" ".join(rng.choices("abcd", k=rng.randint(1, 12))) for _ in range(rng.randint(1, 5)))
        pairs.append(case([text()], text()))
    stem = PorterStemmer()
    norm = ["The  Cat's an-hat.", "a", "an the a", "Theatre an Anna a.b", "U.S.A.", "l'été à la plage", "naïve—the dash", "the\u00a0end\u2003of", "x_the_y the_ _a a1 an",
            "ΣΟΦΟΣ The İ", "\x1cthe\x1d", "été the été", "½ a ½", "$5 + 3 = <8> ^_` |~", "“The” quote", "  ", "a\u0301 the"]
    return {"rouge": pairs, "stems": {w: stem.stem(w) for w in WORDS}, "normalize": [[s, normalize(s)] for s in norm],
            "squad2": squad2(), "classification": classification(), "auc": auc(), "summary": summary()}


def pairs(data):
    rng = random.Random(2)
    out = []
    for line in open(f"{data}/sum-scitldr/dev.jsonl", encoding="utf-8"):
        d = json.loads(line)
        k = rng.randint(1, min(4, len(d["source"])))
        out.append((d["target"], "\n".join(d["source"][:k])))
    out = rng.sample(out, 350)
    for line in open(f"{data}/sum-qmsum/val.jsonl", encoding="utf-8"):
        d = json.loads(line)
        out.append(([d["summary"].replace(". ", ".\n")], "\n".join(d["source"].split("\n")[:12])))
        if len(out) == 500:
            break
    return [case(t, p) for t, p in out]


def stems(data):
    stem, words = PorterStemmer(), set()
    for name in ["text/standardebooks-gibbon-decline-and-fall.txt", "text/wikitext2-valid.txt", "text-technical/python-3.11-docs.txt", "sum-scitldr/train.jsonl"]:
        words |= set(re.findall(r"[a-z0-9]+", open(f"{data}/{name}", encoding="utf-8").read().lower()))
    return {w: stem.stem(w) for w in sorted(words)}


if __name__ == "__main__":
    made = {"small": small, "pairs": pairs, "stems": stems}[sys.argv[1]](*sys.argv[2:])
    json.dump(made, sys.stdout, ensure_ascii=False, indent=None, separators=(",", ":"))
    print()
