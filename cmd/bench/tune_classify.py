"""`fm adapt classify` in PyTorch and transformers, to compare scores, time and memory with: the mean over the tokens, dropout, one dense layer.

    tune_classify.py --base BERT --train train.csv --eval test.csv [--epochs 3] [--lr 1e-4] [--batch 32] [--length 128] [--seed 1] [--threads 2]

The files are CSV with the header text,label or JSON lines with those keys. The recipe is that of tune_recipe.py. The last line of standard output is one JSON
object: accuracy and macro_f1, seconds, the largest resident size.
"""
import csv
import json
import sys
import time

import tune_recipe

DROPOUT = 0.1  # of the pooled vector
EVAL_BATCH = 32


def read(path, limit):
    """[(text, label)]"""
    with open(path, encoding="utf-8-sig", newline="") as f:
        rows = list(csv.DictReader(f)) if path.endswith(".csv") else [json.loads(line) for line in f if line.strip()]
    all = [(r["text"], r["label"]) for r in rows]
    return all[:limit] if limit else all


def rows(tokenizer, examples, length):
    """[CLS] text [SEP], cut at the end."""
    cls, sep, _ = tune_recipe.special(tokenizer)
    encoded = tokenizer.encode_batch([text for text, _ in examples], add_special_tokens=False)
    ids = [[cls, *e.ids[: length - 2], sep] for e in encoded]
    return [(x, [0] * len(x)) for x in ids]


def macro_f1(want, got):
    scores = []
    for c in set(want) | set(got):
        both = sum(w == c == g for w, g in zip(want, got))
        scores.append(2 * both / (want.count(c) + got.count(c)))
    return sum(scores) / len(scores)


def build(a, classes):
    import torch.nn as nn
    from transformers import AutoModel

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(a.base, attn_implementation=a.attention, add_pooling_layer=False)
            self.dropout, self.classifier = nn.Dropout(DROPOUT), nn.Linear(self.bert.config.hidden_size, classes)
            tune_recipe.init_head(self.classifier)

        def forward(self, inputs, inside):  # -> logits [B, C]
            x = self.bert(**inputs, return_dict=False)[0]
            w = inside.unsqueeze(-1).to(x.dtype)
            return self.classifier(self.dropout((x * w).sum(1) / w.sum(1)))

    return Classifier()


def predict(model, held, pad_id):
    import torch

    got = [0] * len(held)
    model.eval()
    with torch.inference_mode():
        for chosen in tune_recipe.batches_by_length(held, EVAL_BATCH):
            for i, c in zip(chosen, model(*tune_recipe.pad([held[i] for i in chosen], pad_id)).argmax(-1).tolist()):
                got[i] = c
    return got


def main():
    a = tune_recipe.arguments(batch=32, lr=1e-4)
    tune_recipe.best_environment(a.threads)
    tokenizer = tune_recipe.setup(a)
    import torch
    import torch.nn.functional as F

    examples = read(a.train, a.limit)
    labels = sorted({label for _, label in examples})
    if len(labels) < 2:
        sys.exit(f"{a.train}: got the labels {labels}, want at least 2")
    targets = torch.tensor([labels.index(label) for _, label in examples])
    model = build(a, len(labels))
    most = model.bert.config.max_position_embeddings
    length, pad_id = min(a.length or most, most), tune_recipe.special(tokenizer)[2]

    def loss(inputs, inside, chosen):
        return F.cross_entropy(model(inputs, inside), targets[chosen])

    trained = tune_recipe.train(model, rows(tokenizer, examples, length), pad_id, loss, a)

    begin = time.perf_counter()
    held = read(a.eval, a.limit)
    got = [labels[c] for c in predict(model, rows(tokenizer, held, length), pad_id)]
    want = [label for _, label in held]
    figures = {"accuracy": sum(w == g for w, g in zip(want, got)) / len(want), "macro_f1": macro_f1(want, got)}
    seconds = time.perf_counter() - begin
    tune_recipe.report(a, "classify", n=len(held), **figures, **trained, eval_seconds=seconds)


if __name__ == "__main__":
    main()
