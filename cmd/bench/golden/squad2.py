"""Golden values for adapters/qa: SQuAD 2.0's rules (Rajpurkar et al., "Know what you don't know", 2018) in plain Python, on random questions.

    python squad2.py > adapters/qa/testdata/squad2.json

The rules, as the official evaluate-v2.0.py has them: accepted answers that are empty after normalisation don't count; a question without any accepts "" alone; exact match and
F1 are the best over the accepted answers; F1 of two answers of which one is empty is 1 if both are. Scores are given
of all questions, of those with an answer (HasAns) and of those without (NoAns).
"""
import collections
import json
import random
import re
import string
import sys

WORDS = "red the blue a green house car An tree sea U.S. it's".split()


def normalize_answer(s):
    s = "".join(ch for ch in s.lower() if ch not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def compute_exact(gold, pred):
    return int(normalize_answer(gold) == normalize_answer(pred))


def compute_f1(gold, pred):
    g, p = normalize_answer(gold).split(), normalize_answer(pred).split()
    same = sum((collections.Counter(g) & collections.Counter(p)).values())
    if not g or not p:
        return int(g == p)
    if same == 0:
        return 0
    precision, recall = same / len(p), same / len(g)
    return 2 * precision * recall / (precision + recall)


def mean(scores):
    return sum(scores) / len(scores)


def evaluate(items, predictions):
    exact, f1 = {}, {}
    for it in items:
        golds = [g for g in it["answers"] if normalize_answer(g)] or [""]
        exact[it["id"]] = max(compute_exact(g, predictions[it["id"]]) for g in golds)
        f1[it["id"]] = max(compute_f1(g, predictions[it["id"]]) for g in golds)
    out = {"exact_match": mean(exact.values()), "f1": mean(f1.values())}
    for kind, has in (("HasAns", True), ("NoAns", False)):
        ids = [it["id"] for it in items if bool(it["answers"]) == has]
        if ids:
            out |= {kind + "_exact": mean([exact[i] for i in ids]), kind + "_f1": mean([f1[i] for i in ids])}
    return out


def case(rng):
    def text():
        return " ".join(rng.choices(WORDS, k=rng.randint(1, 4)))

    share = rng.choice([0.2, 0.5, 0.8, 1.0])
    items, predictions = [], {}
    for i in range(rng.randint(1, 25)):
        answers = [] if i == 0 or rng.random() < share else [text() for _ in range(rng.randint(1, 3))]
        items.append({"id": f"q{i}", "answers": answers})
        predictions[f"q{i}"] = "" if rng.random() < 0.3 else rng.choice(answers) if answers and rng.random() < 0.5 else text()
    return {"items": items, "predictions": predictions, "scores": evaluate(items, predictions)}


if __name__ == "__main__":
    rng = random.Random(20)
    json.dump([case(rng) for _ in range(100)], sys.stdout, separators=(",", ":"))
    print()
