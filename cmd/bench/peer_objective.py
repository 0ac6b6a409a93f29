"""One training step of a pretraining objective in PyTorch, for `fm bench train --objective`: fused attention, clipping by foreach, fused AdamW.

    peer_objective.py THREADS DIR

DIR holds layout.json (sizes and the micro-batch, all of whose texts have the same length) and weights.safetensors (the other side's weights, by its
names). The first line says the loss at these weights, where the generator of replaced-token detection proposes what the layout says.
"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

import peer_lines
from peer_model import Embedding, Layer


def put(module, w, name):
    module.load_state_dict({k: w[f"{name}.{k}"] for k in module.state_dict()})


def linear(w, name):
    e, d = w[name + ".weight"].shape
    to = nn.Linear(d, e)
    put(to, w, name)
    return to


def norm(w, name, eps):
    to = nn.LayerNorm(w[name + ".weight"].shape[0], eps=eps)
    put(to, w, name)
    return to


def layers(w, prefix, n, heads, eps, causal=False):
    all = nn.ModuleList()
    for i in range(n):
        name = f"{prefix}encoder.layer.{i}."
        f, d = w[name + "intermediate.dense.weight"].shape
        to = Layer(d, heads, f, eps, causal)
        with torch.no_grad():
            for part in ("weight", "bias"):
                getattr(to.qkv, part).copy_(torch.cat([w[f"{name}attention.self.{x}.{part}"] for x in ("query", "key", "value")]))
        put(to.out, w, name + "attention.output.dense")
        put(to.norm1, w, name + "attention.output.LayerNorm")
        put(to.up, w, name + "intermediate.dense")
        put(to.down, w, name + "output.dense")
        put(to.norm2, w, name + "output.LayerNorm")
        all.append(to)
    return all


class Encoder(nn.Module):
    def __init__(self, w, prefix, n, heads, eps, causal=False):
        super().__init__()
        name = prefix + "embeddings."
        (vocab, d), length = w[name + "word_embeddings.weight"].shape, w[name + "position_embeddings.weight"].shape[0]
        self.embedding = Embedding(vocab, d, length, eps)
        put(self.embedding.word, w, name + "word_embeddings")
        put(self.embedding.position, w, name + "position_embeddings")
        put(self.embedding.kind, w, name + "token_type_embeddings")
        put(self.embedding.norm, w, name + "LayerNorm")
        self.layers = layers(w, prefix, n, heads, eps, causal)

    def forward(self, ids):  # [B, T] -> [B, T, D]
        return run(self.layers, self.embedding(ids))


def run(all, x):
    for layer in all:
        x = layer(x)
    return x


class Head(nn.Module):
    """A language-model head over the word embeddings."""

    def __init__(self, w, name, eps):
        super().__init__()
        self.dense, self.norm = linear(w, name + ".transform.dense"), norm(w, name + ".transform.LayerNorm", eps)
        self.bias = nn.Parameter(w[name + ".bias"].clone())

    def forward(self, x, positions, word):  # [B, T, D] -> logits [P, V]
        x = x.flatten(0, 1)
        if len(positions) < len(x):
            x = x[positions]
        return F.linear(self.norm(F.gelu(self.dense(x))), word, self.bias)


class Predicted(nn.Module):
    """Masked and causal language modelling."""

    def __init__(self, w, c):
        super().__init__()
        self.encoder = Encoder(w, "bert.", c["layers"], c["heads"], c["eps"], c["objective"] == "causal")
        self.head = Head(w, "cls.predictions", c["eps"])

    def forward(self, b, first=False):
        return F.cross_entropy(self.head(self.encoder(b.ids), b.positions, self.encoder.embedding.word.weight), b.targets)


class Replaced(nn.Module):
    """Replaced-token detection."""

    def __init__(self, w, c):
        super().__init__()
        self.encoder = Encoder(w, "bert.", c["layers"], c["heads"], c["eps"])
        self.project = linear(w, "generator.embeddings_project")
        self.layers = layers(w, "generator.", c["layers"], c["generator_heads"], c["eps"])
        self.head = Head(w, "generator.predictions", c["eps"])
        self.dense, self.says = linear(w, "discriminator_predictions.dense"), linear(w, "discriminator_predictions.dense_prediction")
        self.weight = c["weight"]

    def forward(self, b, first=False):
        x = run(self.layers, self.project(self.encoder.embedding(b.ids)))
        logits = self.head(x, b.positions, self.encoder.embedding.word.weight)
        loss = F.cross_entropy(logits, b.targets)
        with torch.no_grad():
            proposed = b.proposed if first else draw(logits)
            ids, labels = b.ids.flatten().clone(), torch.zeros(b.ids.numel())
            ids[b.positions] = proposed
            labels[b.positions] = (proposed != b.targets).float()
        z = self.says(F.gelu(self.dense(self.encoder(ids.view_as(b.ids))))).flatten()
        return loss + self.weight * F.binary_cross_entropy_with_logits(z, labels)


def draw(logits):  # [P, V] -> [P], one token of each row's softmax
    sums = logits.softmax(-1).cumsum(-1)
    return torch.searchsorted(sums, torch.rand(len(sums), 1) * sums[:, -1:]).squeeze(1).clamp_(max=logits.shape[1] - 1)


class Contrastive(nn.Module):
    """Symmetric in-batch cross-entropy over cosines."""

    def __init__(self, w, c):
        super().__init__()
        self.encoder, self.temperature = Encoder(w, "bert.", c["layers"], c["heads"], c["eps"]), c["temperature"]

    def forward(self, b, first=False):
        first, second = F.normalize(self.encoder(b.ids).mean(1), dim=1).chunk(2)
        cosines, labels = first @ second.T / self.temperature, torch.arange(len(first))
        return (F.cross_entropy(cosines, labels) + F.cross_entropy(cosines.T, labels)) / 2


class Distilled(nn.Module):
    """1 - cosine to what the teacher says, after a projection."""

    def __init__(self, w, c):
        super().__init__()
        self.encoder, self.project = Encoder(w, "bert.", c["layers"], c["heads"], c["eps"]), linear(w, "cls.teacher")
        self.teacher = [Encoder(w, "teacher.bert.", c["teacher_layers"], c["teacher_heads"], c["teacher_eps"]).eval()]  # not a part of what is trained

    def forward(self, b, first=False):
        with torch.inference_mode():
            wanted = F.normalize(self.teacher[0](b.ids).mean(1), dim=1)
        return 1 - F.cosine_similarity(self.project(self.encoder(b.ids).mean(1)), wanted.clone(), dim=1).mean()


class Batch:
    def __init__(self, c):
        self.ids = torch.tensor(c["ids"]).view(c["batch"], c["length"])
        self.positions, self.targets, self.proposed = (torch.tensor(c[k] or [], dtype=torch.long) for k in ("positions", "targets", "proposed"))


OBJECTIVES = {"masked": Predicted, "causal": Predicted, "replaced": Replaced, "contrastive": Contrastive, "distilled": Distilled}


def main(threads, folder):
    torch.set_num_threads(threads)
    with open(os.path.join(folder, "layout.json")) as f:
        c = json.load(f)
    model = OBJECTIVES[c["objective"]](load_file(os.path.join(folder, "weights.safetensors")), c)
    batch, params = Batch(c), list(model.parameters())
    optimizer = torch.optim.AdamW(params, lr=c["lr"], weight_decay=c["weight_decay"], fused=True)
    with torch.no_grad():
        loss = model(batch, True).item()

    def work():
        loss = model(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(params, c["clip"], foreach=True)
        optimizer.step()
        return loss.item()

    name = "PyTorch " + torch.__version__ + ", eager"
    peer_lines.serve({"peer": name, "loss": loss}, {"train step": {"eager, fused attention, fused AdamW": lambda: work}})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
