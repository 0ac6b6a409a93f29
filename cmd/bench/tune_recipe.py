"""The recipe that `fm adapt` tunes a BERT folder by, in PyTorch on the CPU: what tune_qa.py, tune_classify.py and tune_tag.py share.

AdamW (0.9, 0.999, 1e-8) decays matrices by 0.01 and leaves biases and norms alone; the rate rises over the first tenth of the steps and falls linearly to what
a step after the last would reach, 0; the gradient's norm is at most 1; dropout is the base's. Batches are rows of like length, so that padding costs
little. Random numbers are PyTorch's own: the two sides agree in distribution, not in bits.
"""
import argparse
import json
import math
import os
import platform
import sys
import time

from peer_lines import peak

BUCKET = 8  # grid of lengths within which rows count as equally long
STD = 0.02  # of a head's weights, cut off at two deviations; its bias is 0


def parser(batch, lr):
    p = argparse.ArgumentParser()
    p.add_argument("--base", required=True, help="BERT folder")
    p.add_argument("--train", required=True, help="file to train on")
    p.add_argument("--eval", required=True, help="file to score on")
    p.add_argument("--epochs", type=float, default=3)
    p.add_argument("--lr", type=float, default=lr, help="peak rate")
    p.add_argument("--batch", type=int, default=batch, help="rows a step")
    p.add_argument("--length", type=int, default=0, help="most tokens of a row; 0: the model's positions")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--limit", type=int, default=0, help="examples of each file; 0: all")
    p.add_argument("--attention", default="sdpa", choices=["sdpa", "eager"], help="transformers' implementation")
    return p


def parse(p):
    a = p.parse_args()
    a.began = time.perf_counter()
    return a


def arguments(batch, lr):
    return parse(parser(batch, lr))


def best_environment(threads):
    """Starts this script anew with what the libraries read when they load: threads, and glibc told to keep large blocks."""
    want = {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
    want |= {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "17179869184", "MALLOC_TOP_PAD_": "268435456", "HF_HUB_OFFLINE": "1"}
    if any(os.environ.get(k) != v for k, v in want.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | want)


def setup(a):
    """Threads and seed, and the tokenizer without cutting or padding."""
    import tokenizers
    import torch
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(a.base, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def special(tokenizer):
    ids = [tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]", "[PAD]")]
    if None in ids:
        sys.exit("the tokenizer has no [CLS], [SEP] or [PAD]")
    return ids


def init_head(linear):
    import torch

    with torch.no_grad():
        torch.nn.init.trunc_normal_(linear.weight, std=STD, a=-2 * STD, b=2 * STD)
        linear.bias.zero_()


def buckets(lengths, batch):
    """One epoch: rows sorted by length, equals shuffled, cut into batches (the short one has the shortest rows), the batches shuffled."""
    import torch

    order = sorted(torch.randperm(len(lengths)).tolist(), key=lambda i: -(-lengths[i] // BUCKET))
    first = len(order) % batch
    batches = [order[:first]] if first else []
    batches += [order[at : at + batch] for at in range(first, len(order), batch)]
    return [batches[i] for i in torch.randperm(len(batches)).tolist()]


def pad(rows, pad_id):
    """rows of (ids, types) as the model takes them, padded to the longest; no mask where there is no padding."""
    import torch

    lengths = torch.tensor([len(ids) for ids, _ in rows])
    t = int(lengths.max())
    ids, types = torch.full((len(rows), t), pad_id), torch.zeros(len(rows), t, dtype=torch.long)
    for i, (x, k) in enumerate(rows):
        ids[i, : len(x)], types[i, : len(k)] = torch.tensor(x), torch.tensor(k)
    inside = torch.arange(t) < lengths[:, None]  # [B, T]
    inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": None if bool(inside.all()) else inside.long()}
    return inputs, inside


def rate(step, steps, warmup, lr):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 - min(step - warmup, steps - warmup) / max(steps - warmup, 1))


def optimizer(params, lr):
    import torch

    groups = [
        {"params": [p for p in params if p.dim() > 1], "weight_decay": 0.01},
        {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.999), eps=1e-8, fused=True)


def train(model, rows, pad_id, loss_of, a):
    """loss_of(inputs, inside, numbers of the rows) is the mean loss of a batch."""
    import torch

    params = list(model.parameters())
    opt = optimizer(params, a.lr)
    lengths = [len(ids) for ids, _ in rows]
    per_epoch = -(-len(rows) // a.batch)
    steps = max(1, math.ceil(a.epochs * per_epoch))
    warmup = math.floor(0.1 * steps + 0.5)
    model.train()
    mean, begin = None, time.perf_counter()
    for step in range(steps):
        if step % per_epoch == 0:
            epoch = buckets(lengths, a.batch)
        chosen = epoch[step % per_epoch]
        loss = loss_of(*pad([rows[i] for i in chosen], pad_id), chosen)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        for g in opt.param_groups:
            g["lr"] = rate(step, steps, warmup, a.lr)
        opt.step()
        value = loss.item()
        mean = value if mean is None else mean + (value - mean) * max(1 / (step + 1), 0.02)
        if (step + 1) % 50 == 0 or step + 1 == steps:
            print(f"step {step + 1}/{steps}  loss {mean:.4f}  {(time.perf_counter() - begin) / (step + 1):.3f} s a step", file=sys.stderr)
    return {"steps": steps, "loss": mean, "train_seconds": time.perf_counter() - begin}


def batches_by_length(rows, batch):
    """Numbers of rows, shortest first."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    return [order[at : at + batch] for at in range(0, len(order), batch)]


def report(a, task, **figures):
    """One JSON object: the figures, the time of the whole process without its imports, and what they were made with."""
    import tokenizers
    import torch
    import transformers

    out = {"task": task, **figures, "seconds": time.perf_counter() - a.began, "peak_bytes": peak(), "threads": a.threads}
    out["recipe"] = {k: getattr(a, k) for k in ("base", "train", "eval", "epochs", "lr", "batch", "length", "seed", "limit", "attention")}
    out["versions"] = {m.__name__: m.__version__ for m in (torch, transformers, tokenizers)} | {"python": platform.python_version()}
    print(json.dumps(out))
