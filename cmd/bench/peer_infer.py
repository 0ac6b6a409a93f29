"""Inference in PyTorch, for `fm bench infer`, in float32.

    peer_infer.py --threads N [--compile] [--base DIR --ids DIR] NAME...

NAME is B<batch> T<length>. With a base it reads the tokens that the folder of ids holds; without one it is an encoder of MiniLM-L6's shape with
random weights: 6 layers, 384 wide, 12 heads, hidden 1536, vocabulary 30522. Each is timed as transformers has it (a base only), as a plain module with
fused attention, and as nn.TransformerEncoder, whose fast path fuses a whole layer; the fastest one is the peer. With --compile the plain module goes
through torch.compile, also with frozen weights, which it then packs.
"""
import argparse
import re

import torch
import torch.nn as nn

import peer_lines
from peer_model import Embedding, Encoder

V, D, H, HIDDEN, LAYERS, LENGTH = 30522, 384, 12, 1536, 6, 512


def fast(plain):
    """The plain module as nn.TransformerEncoder."""
    first = plain.layers[0]
    d, f = first.up.in_features, first.up.out_features
    layer = nn.TransformerEncoderLayer(d, first.h, f, dropout=0.0, activation="gelu", layer_norm_eps=first.norm1.eps, batch_first=True)
    model = nn.Sequential(Embedding(1, d, 1), nn.TransformerEncoder(layer, len(plain.layers)))
    model[0] = plain.embedding
    with torch.no_grad():
        for t, p in zip(model[1].layers, plain.layers):
            t.self_attn.in_proj_weight.copy_(p.qkv.weight)
            t.self_attn.in_proj_bias.copy_(p.qkv.bias)
            for to, of in ((t.self_attn.out_proj, p.out), (t.linear1, p.up), (t.linear2, p.down), (t.norm1, p.norm1), (t.norm2, p.norm2)):
                to.load_state_dict(of.state_dict())
    return model.eval()


class Models:
    """What can be timed, each made when it is."""

    def __init__(self, base):
        if base:
            import peer_bert

            self.bert = peer_bert.load(base)
            self.plain = peer_bert.plain(self.bert)
        else:
            self.bert, self.plain = None, Encoder(V, D, H, HIDDEN, LAYERS, LENGTH).eval()

    def eager(self):
        ways = {"transformers, sdpa": lambda: lambda ids: self.bert(ids, return_dict=False)[0]} if self.bert else {}
        if self.plain:
            ways |= {"fused attention": lambda: self.plain, "nn.TransformerEncoder": lambda: fast(self.plain)}
        return ways

    def compiled(self):
        return {"torch.compile": lambda: self.compile(False), "torch.compile, freezing": lambda: self.compile(True)}

    def compile(self, freezing):
        import torch._inductor.config as inductor

        torch._dynamo.reset()
        model, first = torch.compile(self.plain or (lambda ids: self.bert(ids, return_dict=False)[0]), dynamic=False), [True]

        def call(ids):
            if not first:
                return model(ids)
            first.clear()
            with inductor.patch(freezing=freezing):
                return model(ids)

        return call


def main(a):
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    models = Models(a.base)

    def work(make, name):
        b, t = map(int, re.fullmatch(r"B(\d+) T(\d+)", name).groups())
        if a.base:
            import peer_bert

            ids = torch.from_numpy(peer_bert.tokens(a.ids, name, b, t))
        else:
            ids = torch.randint(0, V, (b, t))
        model = make()

        def once():
            with torch.inference_mode():
                return model(ids)

        return once

    ways = models.compiled() if a.compile else models.eager()
    peer = "PyTorch " + torch.__version__ + (", torch.compile" if a.compile else ", eager")
    peer_lines.serve({"peer": peer}, {name: {way: lambda m=make, n=name: work(m, n) for way, make in ways.items()} for name in a.names})


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--compile", action="store_true")
    p.add_argument("--base")
    p.add_argument("--ids")
    p.add_argument("names", nargs="+")
    main(p.parse_args())
