"""`fm adapt qa` in PyTorch and transformers, to compare scores, time and memory with.

    tune_qa.py --base BERT --train train.json --eval held.json [--epochs 3] [--lr 3e-4] [--batch 16] [--length 384] [--seed 1] [--threads 2]

The files are SQuAD JSON, version 1.1, as `fm data prepare squad` makes them. Windows, loss, recipe and the choice of answers are those of adapters/qa: see
tune_recipe.py. The last line of standard output is one JSON object: exact_match and f1 by SQuAD's rules, seconds, the largest resident size.
"""
import collections
import json
import re
import string
import sys
import time

import tune_recipe

MAX_QUESTION, MAX_ANSWER, NBEST = 40, 30, 20
EVAL_BATCH = 16

Question = collections.namedtuple("Question", "id context text answers")  # answers: [(text, start in code points)]
Window = collections.namedtuple("Window", "question ids types first offset tokens start end")


def read(path, limit):
    all = []
    with open(path, encoding="utf-8") as f:
        for article in json.load(f)["data"]:
            for p in article["paragraphs"]:
                for q in p["qas"]:
                    if not q["answers"] or q.get("is_impossible"):
                        sys.exit(f"{path}: question {q['id']} has no answer: want SQuAD 1.1")
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
            all += self.cut(n, ids.ids[: self.question], encoded[q.context].ids, offsets[q.context], q.answers[0])
        return all, [offsets[q.context] for q in questions]

    def cut(self, n, question, context, offsets, answer):
        begin, end = answer[1], answer[1] + len(answer[0])
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
    best = [None] * len(questions)
    for w, s, e in zip(windows, starts, ends):
        span = best_span(w, s, e)
        if span and (best[w.question] is None or span > best[w.question]):
            best[w.question] = span
    return ["" if b is None else q.context[o[-b[1]][0] : o[-b[2]][1]] for q, o, b in zip(questions, offsets, best)]


def normalize(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def f1(prediction, truth):
    p, t = prediction.split(), truth.split()
    same = sum((collections.Counter(p) & collections.Counter(t)).values())
    return 2 * same / (len(p) + len(t)) if same else 0.0


def score(questions, given):
    em = total = 0.0
    for q, a in zip(questions, given):
        a, accepted = normalize(a), [normalize(t) for t, _ in q.answers]
        em += a in accepted
        total += max(f1(a, t) for t in accepted)
    return em / len(questions), total / len(questions)


def main():
    a = tune_recipe.arguments(batch=16, lr=3e-4)
    tune_recipe.best_environment(a.threads)
    tokenizer = tune_recipe.setup(a)
    from transformers import AutoModelForQuestionAnswering

    model = AutoModelForQuestionAnswering.from_pretrained(a.base, attn_implementation=a.attention)
    tune_recipe.init_head(model.qa_outputs)
    most = model.config.max_position_embeddings
    layout = Layout(tokenizer, min(a.length or most, most))
    windows, _ = layout.windows(read(a.train, a.limit))
    trained = tune_recipe.train(model, [(w.ids, w.types) for w in windows], layout.pad, loss_of(model, windows), a)

    begin = time.perf_counter()
    questions = read(a.eval, a.limit)
    held, offsets = layout.windows(questions)
    exact, f = score(questions, answers(questions, held, offsets, *logits(model, held, layout.pad)))
    seconds = time.perf_counter() - begin
    tune_recipe.report(a, "qa", n=len(questions), exact_match=exact, f1=f, windows=len(windows), **trained, eval_seconds=seconds)


if __name__ == "__main__":
    main()
