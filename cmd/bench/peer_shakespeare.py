"""nanoGPT's small recipe for Shakespeare's characters (Karpathy, 2022: 4 layers, 4 heads, 128 wide, context 64, batch 12) in PyTorch.

    fm pretrain text --data $FMKIT_DATA/text/tinyshakespeare.txt --config cmd/bench/recipes/shakespeare.json --out RUN --json
    python cmd/bench/peer_shakespeare.py RUN/data [--steps 2000] [--threads 2] [--seed 1337]

It reads the two token files that the first command leaves in RUN/data, so both sides train on the same nine tenths of the text and are scored on
the same windows of the other tenth: the text is cut at line ends into pieces of about 2,500 bytes, and one of every ten, drawn by the recipe's seed, is
held back. As there, a window is [CLS] and 63 characters, and every vector predicts the next of 64. The last line of standard output
is one JSON object: {"steps", "eval_loss", "eval_accuracy", "seconds", "parameters", "peer"}, the seconds of training without those of scoring.

The model is nanoGPT's: pre-norm, no biases, tied embeddings, fused attention, fused AdamW.
"""
import argparse
import glob
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

VOCAB, CLS = 261, 2
LAYERS, HEADS, D, T, BATCH = 4, 4, 128, 64, 12
RATE, FINAL, WARMUP, CLIP, DECAY, BETAS = 1e-3, 1e-4, 100, 1.0, 0.1, (0.9, 0.99)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(D, bias=False), nn.LayerNorm(D, bias=False)
        self.qkv, self.out = nn.Linear(D, 3 * D, bias=False), nn.Linear(D, D, bias=False)
        self.up, self.down = nn.Linear(D, 4 * D, bias=False), nn.Linear(4 * D, D, bias=False)

    def forward(self, x):  # [B, T, D]
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)  # 3 of [B, H, T, K]
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, D))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.word, self.position = nn.Embedding(VOCAB, D), nn.Embedding(T, D)
        self.blocks, self.norm = nn.ModuleList(Block() for _ in range(LAYERS)), nn.LayerNorm(D, bias=False)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                last = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * LAYERS) if last else 0.02)

    def forward(self, ids):  # [B, T] -> logits [B*T, V]; the output embedding is the input one
        x = self.word(ids) + self.position.weight
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.word.weight).flatten(0, 1)


def tokens(pattern):
    """The tokens of the one file that the pattern names: a header of 64 bytes, with the tokens' width at 12 and their number at 16."""
    (path,) = glob.glob(pattern)
    raw = np.fromfile(path, "u1")
    width, n = int(raw[12:16].view("<u4")[0]), int(raw[16:24].view("<u8")[0])
    return torch.from_numpy(raw[64 : 64 + width * n].view(f"<u{width}").astype(np.int64))


def windows(text, starts):
    """Inputs and targets, both [B, T], of the windows that begin at starts."""
    targets = torch.stack([text[s : s + T] for s in starts])
    return F.pad(targets[:, :-1], (1, 0), value=CLS), targets


def rate(step, steps):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    return FINAL + (RATE - FINAL) * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / max(1, steps - WARMUP)))


def train(model, text, steps):
    matrices, others = [p for p in model.parameters() if p.dim() > 1], [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=BETAS, fused=True)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        ids, targets = windows(text, torch.randint(len(text) - T + 1, (BATCH,)).tolist())
        loss = F.cross_entropy(model(ids), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP, foreach=True)
        optimizer.step()


def evaluate(model, text):
    total = correct = n = 0
    with torch.inference_mode():
        for starts in torch.arange(0, len(text) - T + 1, T).split(64):
            ids, targets = windows(text, starts.tolist())
            logits, targets = model(ids), targets.flatten()
            total += F.cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            n += len(targets)
    return total / n, correct / n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--steps", type=int, default=2000)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seed", type=int, default=1337)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    model = GPT()
    text, held = (tokens(os.path.join(o.data, "tokens-*." + part)) for part in ("train", "held"))
    begin = time.perf_counter()
    train(model, text, o.steps)
    seconds = time.perf_counter() - begin
    loss, accuracy = evaluate(model, held)
    print(json.dumps({
        "steps": o.steps, "eval_loss": loss, "eval_accuracy": accuracy, "seconds": seconds,
        "parameters": sum(p.numel() for p in model.parameters()), "peer": "PyTorch " + torch.__version__,
    }))


if __name__ == "__main__":
    main()
