"""The network of an inspector detector in PyTorch: a ViT encoder of a window and a linear head over its patches."""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import peer_muon
from peer_autoencoder import Block
from peer_objective import linear, norm

PREFIX = "base_model.model."  # of names in an adapter


class Network(nn.Module):
    """w are weights by our names, c is config.json of the start."""

    def __init__(self, w, c):
        super().__init__()
        self.patch, name = c["patch_size"], "vit.embeddings."
        stages = [f"{name}patch_embeddings.stem.{i}" for i in range(len(c.get("stem_channels", [])))]
        self.stem = nn.ParameterList(w[f"{s}.{k}"].clone() for s in stages for k in ("weight", "bias"))
        self.project = linear(w, name + "patch_embeddings.projection")
        self.cls, self.position = nn.Parameter(w[name + "cls_token"]), nn.Parameter(w[name + "position_embeddings"])
        self.blocks = nn.Sequential(*(Block(w, f"vit.encoder.layer.{i}.", c["num_attention_heads"], c["layer_norm_eps"]) for i in range(c["num_hidden_layers"])))
        self.norm, self.head = norm(w, "vit.layernorm", c["layer_norm_eps"]), linear(w, "classifier")

    def forward(self, pixels):  # [B, C, H, W] -> logits [B, N, 1+K]
        for kernel, bias in zip(self.stem[::2], self.stem[1::2]):
            pixels = F.gelu(F.conv2d(pixels, kernel, bias, stride=2, padding=1))
        x = pixels.flatten(2) if len(self.stem) else F.unfold(pixels, self.patch, stride=self.patch)
        x = self.project(x.transpose(1, 2)) + self.position[1:]
        x = torch.cat([(self.cls + self.position[0]).expand(len(x), 1, -1), x], 1)
        return self.head(self.norm(self.blocks(x))[:, 1:])

    def groups(self, decay, hidden):
        """What AdamW lets decay, matrices and positions, and what not; of matrices none that are hidden."""
        all = peer_muon.rest(self.parameters(), hidden)
        return [{"params": [p for p in all if p.dim() > 1], "weight_decay": decay}, {"params": [p for p in all if p.dim() < 2], "weight_decay": 0.0}]


def config(folder):
    """The sizes of the start, which must be what Network and peer_windows make of them."""
    c = {}
    for name in ("config.json", "preprocessor_config.json"):
        with open(os.path.join(folder, "start", name)) as f:
            c |= json.load(f)
    halves = [0.5] * c["num_channels"]
    for name, want in {"hidden_act": "gelu", "position_embedding_type": "absolute", "qkv_bias": True, "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,
                       "image_mean": halves, "image_std": halves, "rescale_factor": 1 / 255}.items():
        if c[name] != want:
            sys.exit(f"{folder}: start: {name}: got {c[name]}, want {want}")
    return c


def flat(w):
    """Weights with the shapes that the network has: the class token [D], positions [1+N, D], the projection [D, C P P], a stem's kernels [C', C, 3, 3]."""
    name = "vit.embeddings."
    w = dict(w)
    w[name + "cls_token"] = w[name + "cls_token"].flatten()
    w[name + "position_embeddings"] = w[name + "position_embeddings"].flatten(0, -2)
    w[name + "patch_embeddings.projection.weight"] = w[name + "patch_embeddings.projection.weight"].flatten(1)
    return {k: v.reshape(len(v), -1, 3, 3) if ".stem." in k and k.endswith("weight") else v for k, v in w.items()}


def start(folder, kinds, random):
    """Weights to start from: those of the start as they are where it was trained, else drawn as ours are; the head is always drawn."""
    w = flat(load_file(os.path.join(folder, "start", "model.safetensors")))
    d = w["vit.layernorm.bias"].numel()
    drawn = {"classifier.weight": torch.empty(1 + kinds, d), "classifier.bias": torch.empty(1 + kinds)}
    if random:
        drawn |= w
    for name, v in drawn.items():
        if "norm" in name.split(".")[-2]:
            v.fill_(name.endswith("weight"))
        elif name.endswith("bias"):
            v.zero_()
        elif ".stem." in name:
            std = (2 / v[0].numel()) ** 0.5
            nn.init.trunc_normal_(v, std=std, a=-2 * std, b=2 * std)
        else:
            nn.init.trunc_normal_(v, std=0.02, a=-0.04, b=0.04)
    return w | drawn


def adapter(folder):
    """The weights of an adapter that stores all of its encoder."""
    w = load_file(os.path.join(folder, "adapter_model.safetensors"))
    return flat({name.removeprefix(PREFIX): v for name, v in w.items()})
