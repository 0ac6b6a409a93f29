"""Inference in PyTorch, for `fm bench infer`: an encoder of MiniLM-L6's shape in float32.

    peer_infer.py THREADS [compile] NAME...

6 layers, 384 wide, 12 heads, hidden 1536, vocabulary 30522. NAME is B<batch> T<length>. Each is timed as a plain module with fused attention
and as nn.TransformerEncoder, whose fast path fuses a whole layer; the faster one is the peer.
"""
import re
import sys

import torch
import torch.nn as nn

import peer_lines
from peer_model import Embedding, Encoder

V, D, H, HIDDEN, LAYERS, LENGTH = 30522, 384, 12, 1536, 6, 512


def main(threads, compiled, names):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    plain = Encoder(V, D, H, HIDDEN, LAYERS, LENGTH).eval()
    layer = nn.TransformerEncoderLayer(D, H, HIDDEN, dropout=0.0, activation="gelu", layer_norm_eps=1e-12, batch_first=True)
    fast = nn.Sequential(Embedding(V, D, LENGTH), nn.TransformerEncoder(layer, LAYERS)).eval()
    models = {"fused attention": plain, "nn.TransformerEncoder": fast}
    if compiled:
        models = {"torch.compile": torch.compile(plain)}

    def make(model, b, t):
        ids = torch.randint(0, V, (b, t))

        def work():
            with torch.inference_mode():
                model(ids)

        return work

    def ways(name):
        b, t = map(int, re.fullmatch(r"B(\d+) T(\d+)", name).groups())
        return {way: lambda m=m: make(m, b, t) for way, m in models.items()}

    peer = "PyTorch " + torch.__version__ + (", torch.compile" if compiled else ", eager")
    peer_lines.serve({"peer": peer}, {name: ways(name) for name in names})


if __name__ == "__main__":
    compiled = sys.argv[2] == "compile"
    main(int(sys.argv[1]), compiled, sys.argv[2 + compiled :])
