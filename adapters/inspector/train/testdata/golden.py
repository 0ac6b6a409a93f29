"""Writes patchloss.json: a linear head over patches and its weighted cross-entropy with soft targets, with all gradients, by PyTorch in float64.

    python adapters/inspector/train/testdata/golden.py
"""

import json
import pathlib

import torch

torch.manual_seed(1)
b, n, d, k, weight = 2, 3, 5, 4, 3.0
x = torch.randn(b, 1 + n, d, dtype=torch.float64).float().double().requires_grad_()
w = torch.randn(k, d, dtype=torch.float64).float().double().requires_grad_()
bias = torch.randn(k, dtype=torch.float64).float().double().requires_grad_()
t = torch.randint(0, 5, (b, n, k)).double() + 1e-9
t[0, 0] = torch.tensor([1.0, 0, 0, 0])
t[0, 1] = torch.tensor([0.0, 0, 1, 0])
t = (t / t.sum(-1, keepdim=True)).float().double()
logits = torch.nn.functional.linear(x[:, 1:], w, bias)
of = t[..., 0] + weight * (1 - t[..., 0])
loss = (of * torch.nn.functional.cross_entropy(logits.flatten(0, 1), t.flatten(0, 1), reduction="none").view(b, n)).sum() / of.sum()
loss.backward()
out = {"x": x, "w": w, "bias": bias, "targets": t, "loss": loss, "dx": x.grad, "dw": w.grad, "dbias": bias.grad}
out = {name: [float(f"{v:.9g}") for v in value.detach().flatten().tolist()] for name, value in out.items()}
pathlib.Path(__file__).with_name("patchloss.json").write_text(json.dumps({"shape": [b, n, d, k], "weight": weight} | out) + "\n")
