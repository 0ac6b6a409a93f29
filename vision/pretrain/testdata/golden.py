"""Writes golden.json: random weights of a small decoder of a masked autoencoder, its loss on random input, and every gradient, by float64 autograd."""

import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
WIDTH, INNER, HEADS, EPS = 8, 32, 2, 1e-5
ENCODER, GRID, PATCH, CHANNELS = 8, 3, 2, 3
KEEP = [[0, 4, 7], [1, 2, 8]]


def weights(g):
    def draw(*shape, shift=0.0):
        return (torch.randn(*shape, generator=g, dtype=torch.float64) * 0.3 + shift).float().double()

    w = {}

    def linear(name, into, out):
        w[name + ".weight"], w[name + ".bias"] = draw(out, into), draw(out)

    linear("decoder.decoder_embed", ENCODER, WIDTH)
    linear("decoder.decoder_pred", WIDTH, PATCH * PATCH * CHANNELS)
    w["decoder.mask_token"] = draw(1, 1, WIDTH)
    p = "decoder.decoder_layers.0."
    for name in ("query", "key", "value"):
        linear(p + "attention.attention." + name, WIDTH, WIDTH)
    linear(p + "attention.output.dense", WIDTH, WIDTH)
    linear(p + "intermediate.dense", WIDTH, INNER)
    linear(p + "output.dense", INNER, WIDTH)
    for name in (p + "layernorm_before", p + "layernorm_after", "decoder.decoder_norm"):
        w[name + ".weight"], w[name + ".bias"] = draw(WIDTH, shift=1.0), draw(WIDTH)
    return w


def positions():
    """Sines and cosines of columns, then of rows, a zero row for the class token."""
    f = 1 / 10000 ** (torch.arange(WIDTH // 4, dtype=torch.float64) / (WIDTH / 4))
    rows = []
    for r in range(GRID):
        for c in range(GRID):
            rows.append(torch.cat([torch.sin(c * f), torch.cos(c * f), torch.sin(r * f), torch.cos(r * f)]))
    return torch.cat([torch.zeros(1, WIDTH, dtype=torch.float64), torch.stack(rows)])


def loss(w, x, pixels, normalised):
    n, patches = x.shape[0], GRID * GRID

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), w[name + ".weight"], w[name + ".bias"], EPS)

    def heads(x):
        return x.view(n, -1, HEADS, WIDTH // HEADS).transpose(1, 2)

    e = linear(x, "decoder.decoder_embed")
    mask = torch.ones(n, patches, dtype=torch.float64)
    rows = []
    for i in range(n):
        row = [e[i, 0]]
        for p in range(patches):
            if p in KEEP[i]:
                mask[i, p] = 0
                row.append(e[i, 1 + KEEP[i].index(p)])
            else:
                row.append(w["decoder.mask_token"][0, 0])
        rows.append(torch.stack(row))
    h = torch.stack(rows) + positions()
    p = "decoder.decoder_layers.0."
    a = norm(h, p + "layernorm_before")
    q, k, v = (heads(linear(a, p + "attention.attention." + name)) for name in ("query", "key", "value"))
    a = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5, -1) @ v
    h = h + linear(a.transpose(1, 2).reshape(n, -1, WIDTH), p + "attention.output.dense")
    h = h + linear(F.gelu(linear(norm(h, p + "layernorm_after"), p + "intermediate.dense")), p + "output.dense")
    pred = linear(norm(h, "decoder.decoder_norm"), "decoder.decoder_pred")[:, 1:]
    target = pixels.reshape(n, CHANNELS, GRID, PATCH, GRID, PATCH).permute(0, 2, 4, 3, 5, 1).reshape(n, patches, -1)
    if normalised:
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
    return (((pred - target) ** 2).mean(-1) * mask).sum() / mask.sum()


def rounded(x):
    return [float(f"{v:.9g}") for v in x.flatten().tolist()]


def main():
    g = torch.Generator().manual_seed(1)
    w = weights(g)
    x = torch.randn(2, 4, ENCODER, generator=g).double()
    pixels = torch.randn(2, CHANNELS, GRID * PATCH, GRID * PATCH, generator=g).double()
    golden = {"keep": KEEP, "x": rounded(x), "pixels": rounded(pixels), "weights": {k: rounded(v) for k, v in w.items()}, "cases": []}
    for normalised in (True, False):
        for v in [x, *w.values()]:
            v.grad = None
            v.requires_grad_()
        y = loss(w, x, pixels, normalised)
        y.backward()
        golden["cases"].append({
            "norm_pixels": normalised, "loss": y.item(), "x": rounded(x.grad), "gradients": {k: rounded(v.grad) for k, v in w.items()},
        })
    (HERE / "golden.json").write_text(json.dumps(golden) + "\n")


main()
