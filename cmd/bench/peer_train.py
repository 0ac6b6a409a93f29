"""One training step in PyTorch, for `fm bench train`: masked language model, fused attention, fused AdamW.

    peer_train.py THREADS [compile]

4 layers, 256 wide, 4 heads, hidden 1024, vocabulary 8192, 32 sequences of 128 tokens, 614 of them predicted. With compile the model goes
through torch.compile, which needs a C++ compiler.
"""
import sys

import torch
import torch.nn.functional as F

import peer_lines
from peer_model import MaskedLM

B, T, V, D, H, HIDDEN, LAYERS, MASKED = 32, 128, 8192, 256, 4, 1024, 4, 614


def step(compiled):
    torch.manual_seed(1)
    model = MaskedLM(V, D, H, HIDDEN, LAYERS, T)
    call = torch.compile(model) if compiled else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    ids = torch.randint(0, V, (B, T))
    positions = torch.randperm(B * T)[:MASKED].sort().values
    targets = ids.flatten()[positions]

    def work():
        loss = F.cross_entropy(call(ids, positions), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    return work


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    compiled = sys.argv[2:] == ["compile"]
    name = "PyTorch " + torch.__version__ + (", torch.compile" if compiled else ", eager")
    way = "compile" if compiled else "eager, fused attention, fused AdamW"
    peer_lines.serve({"peer": name}, {"train step": {way: lambda: step(compiled)}})
