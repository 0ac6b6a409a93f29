"""`fm adapt qa` in PyTorch and transformers, to compare scores, time and memory with.

    tune_qa.py --base BERT --train train.json [--choose choose.json] --eval rest.json [--epochs 3] [--lr 3e-4] [--batch 16] [--length 384] [--seed 1] [--threads 2]

The files are SQuAD JSON, version 1.1 or 2.0, as `fm data prepare squad` makes them. Windows, loss, recipe and the choice of answers are those of adapters/qa: see
tune_recipe.py. The last line of standard output is one JSON object: exact_match and f1 by SQuAD's rules, seconds, the largest resident size; with questions that have no
answer HasAns_ and NoAns_ scores too.

Where training questions have no answer, [CLS] is what their windows point at, and a question has none where the lowest score of [CLS] in its windows exceeds that of the best span by
more than a threshold: the one with the best F1 on the questions of --choose, 0 without such a file. `fm adapt qa --eval held.json` chooses by half of the articles of held.json and scores
the others. `fm data prepare squad --src held.json --out half --held-back 0.5` writes the same halves: half/train.json is to choose by, half/held.json to score on.

    --windows FILE      write the windows to train on, for TestWindowsOfPeer of adapters/qa/train, and end
    --untrained         score the base's own head, such as one that `fm export` wrote
    --predictions FILE  write the answers by question, for `fm eval qa --predictions`
"""
import collections
import json
import math
import re
import string
import sys
import time

import tune_recipe

MAX_QUESTION, MAX_ANSWER, NBEST = 40, 30, 20
EVAL_BATCH = 16
MOST = 2.0**128 - 2.0**104  # stands for infinity in JSON: the largest float32

Question = collections.namedtuple("Question", "id context text answers")  # answers: [(text, start in code points)], none where there is no answer
Window = collections.namedtuple("Window", "question ids types first offset tokens start end")


def read(path, limit):
    all = []
    with open(path, encoding="utf-8") as f:
        for article in json.load(f)["data"]:
            for p in article["paragraphs"]:
                for q in p["qas"]:
                    if bool(q["answers"]) == q.get("is_impossible", not q["answers"]):
                        sys.exit(f"{path}: question {q['id']}: {len(q['answers'])} answers, is_impossible {q['is_impossible']}")
                    all.append(Question(q["id"], p["context"], q["question"], [(a["text"], a["answer_start"]) for a in q["answers"]]))
    return all[:limit] if limit else all


class Layout:
    """[CLS] question [SEP] part of the context [SEP], as window.go has it."""

    def __init__(self, tokenizer, length):
        self.tokenizer, self.length = tokenizer, length
        self.cls, self.sep, self.pad = tune_recipe.special(tokenizer)
        self.question = min(MAX_QUESTION, length // 2)
        self.stride = (length - self.question - 3) // 3

    def windows(self, questions):
        """All windows in the questions' order, and the offsets of each question's context."""
        texts = list({q.context: None for q in questions})
        encoded = dict(zip(texts, self.tokenizer.encode_batch(texts, add_special_tokens=False)))
        asked = self.tokenizer.encode_batch([q.text for q in questions], add_special_tokens=False)
        offsets = {text: e.offsets for text, e in encoded.items()}
        all = []
        for n, (q, ids) in enumerate(zip(questions, asked)):
            all += self.cut(n, ids.ids[: self.question], encoded[q.context].ids, offsets[q.context], q.answers)
        return all, [offsets[q.context] for q in questions]

    def cut(self, n, question, context, offsets, answers):
        covered = []  # tokens of the first answer
        if answers:
            begin, end = answers[0][1], answers[0][1] + len(answers[0][0])
            covered = [i for i, (s, e) in enumerate(offsets) if e > begin and s < end]
        room, at, first = self.length - len(question) - 3, 0, len(question) + 2
        while at < len(context):
            part = context[at : at + room]
            start = stop = 0  # [CLS] where the window doesn't hold the whole answer
            if covered and covered[0] >= at and covered[-1] < at + len(part):
                start, stop = first + covered[0] - at, first + covered[-1] - at
            ids = [self.cls, *question, self.sep, *part, self.sep]
            yield Window(n, ids, [0] * first + [1] * (len(part) + 1), first, at, len(part), start, stop)
            if at + len(part) == len(context):
                return
            at += room - self.stride


def loss_of(model, windows):
    """Cross-entropy over the valid positions of a row, of start and end alike."""
    import torch
    import torch.nn.functional as F

    def loss(inputs, inside, chosen):
        out = model(**inputs)
        starts = torch.tensor([windows[i].start for i in chosen])
        ends = torch.tensor([windows[i].end for i in chosen])
        both = [F.cross_entropy(z.masked_fill(~inside, float("-inf")), y) for z, y in ((out.start_logits, starts), (out.end_logits, ends))]
        return (both[0] + both[1]) / 2

    return loss


def logits(model, windows, pad_id):
    """One row of start and one of end logits for each window."""
    import torch

    rows = [(w.ids, w.types) for w in windows]
    starts, ends = [None] * len(rows), [None] * len(rows)
    model.eval()
    with torch.inference_mode():
        for chosen in tune_recipe.batches_by_length(rows, EVAL_BATCH):
            inputs, _ = tune_recipe.pad([rows[i] for i in chosen], pad_id)
            out = model(**inputs)
            for at, i in enumerate(chosen):
                starts[i], ends[i] = (z[at, : len(rows[i][0])].numpy() for z in (out.start_logits, out.end_logits))
    return starts, ends


def best_span(w, starts, ends):
    """(score, -first, -last) of the best span of context tokens in a window: of equal scores the first one counts."""
    import numpy as np

    def top(z):
        z = z[w.first : w.first + w.tokens]
        return np.argsort(-z, kind="stable")[:NBEST], z.astype(np.float64)

    (s, zs), (e, ze) = top(starts), top(ends)
    far = e[None, :] - s[:, None]
    score = np.where((far >= 0) & (far < MAX_ANSWER), zs[s][:, None] + ze[e][None, :], -np.inf)
    most = score.max()
    if most == -np.inf:
        return None
    first, last = min((int(s[i]), int(e[j])) for i, j in zip(*np.nonzero(score == most)))
    return most, -(w.offset + first), -(w.offset + last)


def answers(questions, windows, offsets, starts, ends):
    """The best span of each question, and by how much the score of no answer exceeds the span's."""
    best, null = [None] * len(questions), [math.inf] * len(questions)
    for w, s, e in zip(windows, starts, ends):
        null[w.question] = min(null[w.question], float(s[0]) + float(e[0]))
        span = best_span(w, s, e)
        if span and (best[w.question] is None or span > best[w.question]):
            best[w.question] = span
    spans = ["" if b is None else q.context[o[-b[1]][0] : o[-b[2]][1]] for q, o, b in zip(questions, offsets, best)]
    return spans, [0.0 if b is None else n - float(b[0]) for n, b in zip(null, best)]


def normalize(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def f1(prediction, truth):
    p, t = prediction.split(), truth.split()
    same = sum((collections.Counter(p) & collections.Counter(t)).values())
    return 2 * same / (len(p) + len(t)) if same else 0.0


def each_score(questions, given):
    """Exact match and F1 of each question: by the rules of version 2.0 as soon as one has no answer."""
    hard = any(not q.answers for q in questions)
    exact, overlap = [], []
    for q, a in zip(questions, given):
        a, accepted = normalize(a), [normalize(t) for t, _ in q.answers]
        if hard:
            accepted = [t for t in accepted if t] or [""]
        exact.append(float(a in accepted))
        overlap.append(max(1.0 if hard and a == t == "" else f1(a, t) for t in accepted))
    return exact, overlap


def score(questions, given):
    exact, overlap = each_score(questions, given)
    kinds = {"exact_match": exact, "f1": overlap}
    if any(not q.answers for q in questions):
        for kind, has in (("HasAns", True), ("NoAns", False)):
            at = [i for i, q in enumerate(questions) if bool(q.answers) == has]
            kinds |= {f"{kind}_exact": [exact[i] for i in at], f"{kind}_f1": [overlap[i] for i in at]} if at else {}
    return {k: sum(v) / len(v) for k, v in kinds.items()}


def best_threshold(questions, spans, null):
    """The threshold with the best F1, as metrics.BestThreshold finds it: it rises past one group of equal scores at a time, from answering nothing."""
    _, overlap = each_score(questions, spans)
    now = sum(not q.answers for q in questions)
    steps = sorted((n, f if q.answers else -1) for q, s, n, f in zip(questions, spans, null, overlap) if q.answers or s)
    best, at = now, -MOST
    for i, (n, gain) in enumerate(steps):
        now += gain
        if (i + 1 == len(steps) or steps[i + 1][0] != n) and now > best:
            best, at = now, n
    return at


def arguments():
    p = tune_recipe.parser(batch=16, lr=3e-4)
    p.add_argument("--choose", help="file to choose the threshold for no answer by")
    p.add_argument("--windows", help="write the windows to this file, and end")
    p.add_argument("--untrained", action="store_true", help="score the base's own head")
    p.add_argument("--predictions", help="write the answers to this file")
    return tune_recipe.parse(p)


def write_windows(path, a, length, windows):
    with open(path, "w", encoding="utf-8") as f:
        f.write(json.dumps({"base": a.base, "data": a.train, "length": length, "questions": a.limit}) + "\n")
        for w in windows:
            f.write(json.dumps([w.ids, w.types, w.start, w.end], separators=(",", ":")) + "\n")


def main():
    a = arguments()
    tune_recipe.best_environment(a.threads)
    tokenizer = tune_recipe.setup(a)
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(a.base, attn_implementation=a.attention)
    most = model.config.max_position_embeddings
    layout = Layout(tokenizer, min(a.length or most, most))
    learnt = read(a.train, a.limit)
    windows, _ = layout.windows(learnt)
    if a.windows:
        return write_windows(a.windows, a, layout.length, windows)
    figures = {"questions": len(learnt), "windows": len(windows), "answered_windows": sum(w.end > 0 for w in windows)}
    if not a.untrained:
        tune_recipe.init_head(model.qa_outputs)
        figures |= tune_recipe.train(model, [(w.ids, w.types) for w in windows], layout.pad, loss_of(model, windows), a)

    begin = time.perf_counter()

    def asked(path):
        questions = read(path, a.limit)
        held, offsets = layout.windows(questions)
        return questions, *answers(questions, held, offsets, *logits(model, held, layout.pad))

    hard = any(not q.answers for q in learnt)  # the model has learnt that there may be no answer
    threshold = 0.0 if hard else math.inf
    if hard and a.choose:
        questions, spans, null = asked(a.choose)
        if any(not q.answers for q in questions):
            threshold = best_threshold(questions, spans, null)
    questions, spans, null = asked(a.eval)
    given = ["" if n > threshold else s for s, n in zip(spans, null)]
    if a.predictions:
        with open(a.predictions, "w", encoding="utf-8") as f:
            json.dump({q.id: s for q, s in zip(questions, given)}, f)
    figures |= score(questions, given) | ({"threshold": threshold} if hard else {})
    tune_recipe.report(a, "qa", n=len(questions), choose=a.choose, **figures, eval_seconds=time.perf_counter() - begin)


if __name__ == "__main__":
    main()
