"""One training step of a model of trajectories in PyTorch, for `fm bench train --objective trajectory`: fused attention, clipping by foreach, fused AdamW.

    peer_trajectory.py THREADS DIR

DIR holds layout.json (sizes, windows, which of their tokens are hidden and what is wanted there) and weights.safetensors (the other side's weights, by
its names). Like the other side it reads only the hidden tokens. The first line says the loss at these weights.
"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

import peer_lines
from peer_objective import linear, norm


def rotary(t, k):
    angle = torch.arange(t, dtype=torch.float64)[:, None] * 10000.0 ** (-torch.arange(k // 2, dtype=torch.float64) / (k // 2))
    return torch.cat([angle.cos()] * 2, -1).float(), torch.cat([-angle.sin(), angle.sin()], -1).float()


class Block(nn.Module):
    """A pre-norm block with rotary positions."""

    def __init__(self, w, name, heads, eps, t):
        super().__init__()
        d = w[name + "output.dense.weight"].shape[0]
        self.heads, self.qkv = heads, nn.Linear(d, 3 * d)
        with torch.no_grad():
            for part in ("weight", "bias"):
                getattr(self.qkv, part).copy_(torch.cat([w[f"{name}attention.self.{x}.{part}"] for x in ("query", "key", "value")]))
        self.out = linear(w, name + "attention.output.dense")
        self.up, self.down = linear(w, name + "intermediate.dense"), linear(w, name + "output.dense")
        self.norm1, self.norm2 = norm(w, name + "attention.output.LayerNorm", eps), norm(w, name + "output.LayerNorm", eps)
        cos, sin = rotary(t, d // heads)
        self.register_buffer("cos", cos)
        self.register_buffer("sin", sin)

    def turn(self, x):
        a, b = x.chunk(2, -1)
        return x * self.cos + torch.cat([b, a], -1) * self.sin

    def forward(self, x):  # [B, T, D]
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(self.turn(q), self.turn(k), v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Trajectories(nn.Module):
    def __init__(self, w, c):
        super().__init__()
        p = next(name for name in w if name.endswith("embed_return.weight")).removesuffix("embed_return.weight")
        self.kinds = nn.Parameter(w["embed_type.weight"])
        self.embed = nn.ModuleList(linear(w, p + "embed_" + x) for x in ("return", "state", "action"))
        self.predict = nn.ModuleList(linear(w, p + "predict_" + x) for x in ("return", "state", "action"))
        self.embed_norm, self.norm = norm(w, "embed_ln", c["eps"]), norm(w, "encoder.LayerNorm", c["eps"])
        self.blocks = nn.Sequential(*(Block(w, f"encoder.layer.{i}.", c["heads"], c["eps"], 3 * c["context"]) for i in range(c["layers"])))
        self.weights = c["weights"]

    def forward(self, b):
        x = self.kinds[b.kinds]  # [B T, D]
        x = x.index_add(0, b.shown_rows, torch.cat([f(v) for f, v in zip(self.embed, b.shown)]))
        x = self.norm(self.blocks(self.embed_norm(x).view(b.size, -1, x.shape[1]))).flatten(0, 1)
        r, o, a = (f(x[rows]) for f, rows in zip(self.predict, b.rows))
        w = self.weights
        return w[0] * F.mse_loss(r, b.returns) + w[1] * F.mse_loss(o, b.observations) + w[2] * F.cross_entropy(a, b.labels)


class Batch:
    def __init__(self, c, actions):
        self.size, k = c["batch"], c["context"]
        hidden = torch.tensor(c["hidden"])
        kind = torch.arange(3).repeat(self.size * k)
        self.kinds = kind + 3 * hidden
        inputs = (
            torch.tensor(c["returns"]).view(-1, 1), torch.tensor(c["observations"]).view(self.size * k, -1),
            F.one_hot(torch.tensor(c["actions"]).long(), actions).float(),
        )
        shown = [((kind == i) & ~hidden).nonzero()[:, 0] for i in range(3)]
        self.shown, self.shown_rows = [x[rows // 3] for x, rows in zip(inputs, shown)], torch.cat(shown)
        self.rows = [torch.tensor(rows) for rows in c["rows"]]
        self.returns = torch.tensor(c["wanted_returns"]).view(-1, 1)
        self.observations = torch.tensor(c["wanted_observations"]).view(len(self.rows[1]), -1)
        self.labels = torch.tensor(c["labels"])


def main(threads, folder):
    torch.set_num_threads(threads)
    with open(os.path.join(folder, "layout.json")) as f:
        c = json.load(f)
    w = load_file(os.path.join(folder, "weights.safetensors"))
    model = Trajectories(w, c)
    batch = Batch(c, model.predict[2].out_features)
    params = list(model.parameters())
    optimizer = torch.optim.AdamW(params, lr=c["lr"], betas=c["betas"], weight_decay=c["weight_decay"], fused=True)
    with torch.no_grad():
        loss = model(batch).item()

    def work():
        loss = model(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(params, c["clip"], foreach=True)
        optimizer.step()
        return loss.item()

    peer_lines.serve({"peer": "PyTorch " + torch.__version__ + ", eager", "loss": loss}, {"train step": {"eager, fused attention, fused AdamW": lambda: work}})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
