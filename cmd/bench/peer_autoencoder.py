"""One training step of a masked autoencoder in PyTorch, for `fm bench train --objective autoencoder`: fused attention, clipping by foreach, fused AdamW or Muon beside it.

    peer_autoencoder.py THREADS DIR

DIR holds layout.json (sizes, patches and which of them the encoder sees) and weights.safetensors (the other side's weights, by its names). Like the
other side it projects only what the encoder sees, and predicts only what is hidden. The first line says the loss at these weights.
"""
import json
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file

import peer_lines
import peer_muon
from peer_objective import linear, norm


class Block(nn.Module):
    """A pre-norm block."""

    def __init__(self, w, name, heads, eps):
        super().__init__()
        d = w[name + "layernorm_before.weight"].shape[0]
        self.heads, self.qkv = heads, nn.Linear(d, 3 * d)
        with torch.no_grad():
            for part in ("weight", "bias"):
                getattr(self.qkv, part).copy_(torch.cat([w[f"{name}attention.attention.{x}.{part}"] for x in ("query", "key", "value")]))
        self.out = linear(w, name + "attention.output.dense")
        self.up, self.down = linear(w, name + "intermediate.dense"), linear(w, name + "output.dense")
        self.norm1, self.norm2 = norm(w, name + "layernorm_before", eps), norm(w, name + "layernorm_after", eps)

    def forward(self, x):  # [B, T, D]
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Autoencoder(nn.Module):
    def __init__(self, w, c):
        super().__init__()
        self.project = linear(w, "vit.embeddings.patch_embeddings.projection")
        self.cls, self.mask = nn.Parameter(w["vit.embeddings.cls_token"]), nn.Parameter(w["decoder.mask_token"])
        self.register_buffer("position", w["vit.embeddings.position_embeddings"])
        self.register_buffer("decoder_position", w["decoder.decoder_pos_embed"])
        self.blocks = nn.Sequential(*(Block(w, f"vit.encoder.layer.{i}.", c["heads"], c["eps"]) for i in range(c["layers"])))
        self.norm, self.embed = norm(w, "vit.layernorm", c["eps"]), linear(w, "decoder.decoder_embed")
        self.decoder = nn.Sequential(*(Block(w, f"decoder.decoder_layers.{i}.", c["decoder_heads"], c["eps"]) for i in range(c["decoder_layers"])))
        self.decoder_norm, self.pred = norm(w, "decoder.decoder_norm", c["eps"]), linear(w, "decoder.decoder_pred")

    def forward(self, b):
        n, k = b.keep.shape
        x = self.project(b.seen) + self.position[1:][b.keep]
        x = torch.cat([(self.cls + self.position[0]).expand(n, 1, -1), x], 1)
        x = self.embed(self.norm(self.blocks(x)))
        y = torch.cat([self.mask.expand(n, b.hidden.shape[1], -1), x[:, 1:]], 1).gather(1, b.restore[:, :, None].expand(-1, -1, x.shape[2]))
        y = torch.cat([x[:, :1], y], 1) + self.decoder_position
        y = self.decoder_norm(self.decoder(y))[:, 1:].gather(1, b.hidden[:, :, None].expand(-1, -1, x.shape[2]))
        return F.mse_loss(self.pred(y), b.targets)


class Batch:
    def __init__(self, c, size):
        n, channels = c["batch"], c["channels"]
        self.keep = torch.tensor(c["keep"]).view(n, -1)
        patches = torch.tensor(c["patches"]).view(n, -1, size)
        shown = torch.zeros(patches.shape[:2], dtype=torch.bool).scatter_(1, self.keep, True)
        self.hidden = (~shown).nonzero()[:, 1].view(n, -1)
        self.restore = torch.cat([self.hidden, self.keep], 1).argsort(1)
        self.seen = patches[shown].view(n, -1, patches.shape[2])
        wanted = patches[~shown].view(n, -1, channels, patches.shape[2] // channels)
        wanted = (wanted - wanted.mean((2, 3), keepdim=True)) / (wanted.var((2, 3), keepdim=True) + 1e-6).sqrt()
        self.targets = wanted.transpose(2, 3).flatten(2)  # a patch's values in the order row, column, channel


def main(threads, folder):
    torch.set_num_threads(threads)
    with open(os.path.join(folder, "layout.json")) as f:
        c = json.load(f)
    w = load_file(os.path.join(folder, "weights.safetensors"))
    model, batch = Autoencoder(w, c), Batch(c, w["decoder.decoder_pred.bias"].numel())
    params = list(model.parameters())
    hidden = peer_muon.hidden([*model.blocks, *model.decoder]) if c["optimizer"] == "muon" else []
    optimizers = [torch.optim.AdamW(peer_muon.rest(params, hidden), lr=c["lr"], betas=c["betas"], weight_decay=c["weight_decay"], fused=True)]
    if hidden:
        optimizers.append(peer_muon.muon(hidden, c["lr"], c["weight_decay"]))
    with torch.no_grad():
        loss = model(batch).item()

    def work():
        loss = model(batch)
        model.zero_grad(set_to_none=not hidden)
        loss.backward()
        nn.utils.clip_grad_norm_(params, c["clip"], foreach=True)
        for o in optimizers:
            o.step()
        return loss.item()

    peer_lines.serve({"peer": "PyTorch " + torch.__version__ + ", eager", "loss": loss}, {"train step": {f"eager, fused attention, {c['optimizer']}": lambda: work}})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
