"""`fm adapt tag` in PyTorch and transformers, to compare scores, time and memory with: dropout and one dense layer on the first token of every word.

    tune_tag.py --base BERT --train train.jsonl --eval test.jsonl [--epochs 2] [--lr 5e-4] [--batch 8] [--length 128] [--seed 1] [--threads 2]

The files are JSON lines of tokens and BIO tags or CoNLL's columns, as `fm adapt tag` reads them. The recipe is that of tune_recipe.py; the scores are seqeval's. The last line
of standard output is one JSON object: precision, recall and f1 of entities, seconds, the largest resident size. Needs seqeval beside what tune_recipe.py does.
"""
import json
import sys
import time

import tune_recipe

DROPOUT = 0.1  # of the tokens' vectors
EVAL_BATCH = 32


def read(path, limit):
    """[(words, tags)]"""
    all = []
    with open(path, encoding="utf-8-sig") as f:
        if path.endswith((".jsonl", ".ndjson")):
            all = [(r["tokens"], r["tags"]) for r in map(json.loads, filter(str.strip, f))]
        else:
            words, tags = [], []
            for line in [*f, ""]:
                columns = line.split()
                if columns:
                    words.append(columns[0])
                    tags.append(columns[-1])
                elif words:
                    all.append((words, tags))
                    words, tags = [], []
    return all[:limit] if limit else all


def rows(tokenizer, examples, length):
    """[CLS] words [SEP], cut at the end, and where each word's first token stands: [(ids, types)], [{position: word}]."""
    cls, sep, _ = tune_recipe.special(tokenizer)
    all, firsts = [], []
    for words, _ in examples:
        ids, at = [cls], {}
        for w, e in enumerate(tokenizer.encode_batch(words, add_special_tokens=False)):
            if e.ids and len(ids) < length - 1:
                at[len(ids)] = w
                ids += e.ids
        ids = ids[: length - 1] + [sep]
        all.append((ids, [0] * len(ids)))
        firsts.append(at)
    return all, firsts


def build(a, classes):
    import torch.nn as nn
    from transformers import AutoModel

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(a.base, attn_implementation=a.attention, add_pooling_layer=False)
            self.dropout, self.classifier = nn.Dropout(DROPOUT), nn.Linear(self.bert.config.hidden_size, classes)
            tune_recipe.init_head(self.classifier)

        def forward(self, inputs, places):  # -> logits [W, C] at places, (rows, positions)
            x = self.bert(**inputs, return_dict=False)[0]
            return self.classifier(self.dropout(x[places]))

    return Tagger()


def places(chosen, firsts):
    """Rows and positions of all words of a batch."""
    import torch

    return (
        torch.tensor([k for k, i in enumerate(chosen) for _ in firsts[i]]),
        torch.tensor([p for i in chosen for p in firsts[i]]),
    )


def predict(model, held, firsts, labels, examples, pad_id):
    """Tags of every word; what has no token, or was cut off, is outside."""
    import torch

    got = [["O"] * len(words) for words, _ in examples]
    model.eval()
    with torch.inference_mode():
        for chosen in tune_recipe.batches_by_length(held, EVAL_BATCH):
            inputs, _ = tune_recipe.pad([held[i] for i in chosen], pad_id)
            tags = iter(model(inputs, places(chosen, firsts)).argmax(-1).tolist())
            for i in chosen:
                for w in firsts[i].values():
                    got[i][w] = labels[next(tags)]
    return got


def main():
    a = tune_recipe.arguments(batch=8, lr=5e-4)
    tune_recipe.best_environment(a.threads)
    tokenizer = tune_recipe.setup(a)
    import torch
    import torch.nn.functional as F
    from seqeval.metrics import f1_score, precision_score, recall_score

    examples = read(a.train, a.limit)
    labels = sorted({t for _, tags in examples for t in tags})
    if len(labels) < 2:
        sys.exit(f"{a.train}: got the tags {labels}, want at least 2")
    number = {t: i for i, t in enumerate(labels)}
    model = build(a, len(labels))
    most = model.bert.config.max_position_embeddings
    length, pad_id = min(a.length or most, most), tune_recipe.special(tokenizer)[2]
    learnt, firsts = rows(tokenizer, examples, length)

    def loss(inputs, inside, chosen):
        want = torch.tensor([number[examples[i][1][w]] for i in chosen for w in firsts[i].values()])
        return F.cross_entropy(model(inputs, places(chosen, firsts)), want)

    trained = tune_recipe.train(model, learnt, pad_id, loss, a)

    begin = time.perf_counter()
    held = read(a.eval, a.limit)
    want = [tags for _, tags in held]
    got = predict(model, *rows(tokenizer, held, length), labels, held, pad_id)
    figures = {"precision": precision_score(want, got), "recall": recall_score(want, got), "f1": f1_score(want, got)}
    tune_recipe.report(a, "tag", n=len(held), **figures, **trained, eval_seconds=time.perf_counter() - begin)


if __name__ == "__main__":
    main()
