"""Writes shared/kernels/testdata/rows.json: what PyTorch computes for the row and elementwise kernels.

    python3 cmd/bench/golden/rows.py

Inputs and results are float32, the gradients come from autograd. Made with torch 2 on one CPU thread.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_num_threads(1)


def numbers(t):
    return [float(f"{v:.9g}") for v in t.detach().reshape(-1).tolist()]


def layer_norm():
    n, d, eps = 4, 48, 1e-5
    x = (torch.randn(n, d) * 2 + 1).requires_grad_()
    gamma, beta, dy = torch.randn(d).requires_grad_(), torch.randn(d).requires_grad_(), torch.randn(n, d)
    y = F.layer_norm(x, (d,), gamma, beta, eps)
    y.backward(dy)
    return dict(n=n, d=d, eps=eps, x=numbers(x), gamma=numbers(gamma), beta=numbers(beta), dy=numbers(dy), y=numbers(y),
                dx=numbers(x.grad), dgamma=numbers(gamma.grad), dbeta=numbers(beta.grad))


def activation(f):
    x = torch.linspace(-9, 9, 121).requires_grad_()
    y = f(x)
    y.sum().backward()
    return dict(x=numbers(x), y=numbers(y), dx=numbers(x.grad))


def softmax():
    n, c = 3, 37
    x, dy = (torch.randn(n, c) * 3).requires_grad_(), torch.randn(n, c)
    y = F.softmax(x, dim=-1)
    y.backward(dy)
    return dict(n=n, c=c, x=numbers(x), dy=numbers(dy), y=numbers(y), dx=numbers(x.grad))


def cross_entropy():
    n, c, scale = 5, 41, 0.25
    x = (torch.randn(n, c) * 3).requires_grad_()
    targets = torch.tensor([0, 40, -100, 7, 19])
    loss = F.cross_entropy(x, targets, reduction="none")
    (scale * loss.sum()).backward()
    return dict(n=n, c=c, scale=scale, x=numbers(x), targets=targets.tolist(), loss=numbers(loss), dx=numbers(x.grad))


def adamw():
    steps, n = 20, 24
    options = dict(lr=3e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05)
    p = torch.randn(n)
    start = numbers(p)
    p.requires_grad_()
    optimiser = torch.optim.AdamW([p], **options)
    gradients = torch.randn(steps, n) * torch.logspace(-4, 2, n)
    after = []
    for g in gradients:
        p.grad = g.clone()
        optimiser.step()
        after.append(numbers(p))
    state = optimiser.state[p]
    return dict(steps=steps, n=n, lr=options["lr"], beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.05, p=start,
                gradients=numbers(gradients), after=sum(after, []), m=numbers(state["exp_avg"]), v=numbers(state["exp_avg_sq"]))


golden = {
    "torch": torch.__version__,
    "layer_norm": layer_norm(),
    "gelu": activation(F.gelu),
    "gelu_tanh": activation(lambda x: F.gelu(x, approximate="tanh")),
    "silu": activation(F.silu),
    "tanh": activation(torch.tanh),
    "softmax": softmax(),
    "cross_entropy": cross_entropy(),
    "adamw": adamw(),
}
path = pathlib.Path(__file__).resolve().parents[3] / "shared/kernels/testdata/rows.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden, separators=(",", ":")).replace('},"', '},\n"') + "\n")
