"""Golden values for shared/graph's Muon.

    python muon.py > shared/graph/testdata/muon.json

Needs torch 2.9 or newer. The reference is Muon in float64; PyTorch's own, whose Newton-Schulz iteration is in bfloat16, must come close to it.
"""

import json
import math

import torch

STEPS, LR, DECAY, SCALE = 6, 0.02, 0.1, 0.5
A, B, C = 3.4445, -4.7750, 2.0315


def gradient(step, rows, cols):
    g = [math.sin((step + i) * (i + 3) * 0.37) for i in range(rows * cols)]
    return torch.tensor(g, dtype=torch.float64).float().double().reshape(rows, cols)


def start(rows, cols):
    return torch.tensor([((i * 5) % 7 - 3) / 4 for i in range(rows * cols)], dtype=torch.float64).reshape(rows, cols)


def orthogonal(x):
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / max(float(x.norm()), 1e-7)
    for _ in range(5):
        g = x @ x.T
        x = A * x + (B * g + C * g @ g) @ x
    return x.T if tall else x


def muon(rows, cols):
    w, m = start(rows, cols), torch.zeros(rows, cols, dtype=torch.float64)
    for step in range(1, STEPS + 1):
        g = SCALE * gradient(step, rows, cols)
        m = 0.95 * m + 0.05 * g
        w = w * (1 - LR * DECAY) - LR * 0.2 * math.sqrt(max(rows, cols)) * orthogonal(0.05 * g + 0.95 * m)
    return w


def pytorch(rows, cols):
    w = torch.nn.Parameter(start(rows, cols).float())
    opt = torch.optim.Muon([w], lr=LR, weight_decay=DECAY, momentum=0.95, nesterov=True, adjust_lr_fn="match_rms_adamw")
    for step in range(1, STEPS + 1):
        w.grad = (SCALE * gradient(step, rows, cols)).float()
        opt.step()
    return w.detach().double()


cases = []
for rows, cols in [(1, 1), (1, 5), (4, 4), (3, 7), (7, 3), (16, 33), (33, 16)]:
    w, other = muon(rows, cols), pytorch(rows, cols)
    moved = (w - start(rows, cols)).norm()
    assert (w - other).norm() < 0.05 * moved, (rows, cols, (w - other).norm() / moved)
    cases.append({"rows": rows, "cols": cols, "values": [round(v, 8) for v in w.flatten().tolist()]})
print(json.dumps({"steps": STEPS, "lr": LR, "decay": DECAY, "scale": SCALE, "cases": cases}))
