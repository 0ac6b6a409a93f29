"""Muon of the matrices of fused blocks in PyTorch, and AdamW of all other parameters."""
import torch
import torch.nn as nn


def hidden(blocks):
    """The blocks' matrices, with queries, keys and values each by itself, as parts of where they and their gradients lie: gradients must be zeroed, not dropped."""
    all = []
    for b in blocks:
        for w, parts in (b.qkv.weight, 3), (b.out.weight, 1), (b.up.weight, 1), (b.down.weight, 1):
            w.grad = torch.zeros_like(w)
            for value, grad in zip(w.data.chunk(parts), w.grad.chunk(parts)):
                all.append(nn.Parameter(value))
                all[-1].grad = grad
    return all


def rest(params, matrices):
    """Those of params that hold none of the matrices."""
    own = {p.data_ptr() for p in matrices}
    return [p for p in params if p.data_ptr() not in own]


def muon(matrices, lr, decay):
    return torch.optim.Muon(matrices, lr=lr, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
