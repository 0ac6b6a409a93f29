"""Writes a small random ViT in plain torch: vit/ with its configuration and weights, and golden.json with what it makes of random pictures.

stem/ and stem.json are the same for a ViT whose projection stands behind a stem of convolutions, each followed by GELU.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
LAYERS, WIDTH, HEADS, INNER, PATCH, IMAGE, CHANNELS, EPS = 2, 16, 2, 24, 4, 12, 3, 1e-12
GRID, STEM = IMAGE // PATCH, [6, 10]


def draw(g, *shape, scale=0.3, shift=0.0):
    return (torch.randn(*shape, generator=g) * scale + shift).float().contiguous()


def stem(g, w):
    """Puts a stem before the projection of w."""
    p, before = "vit.embeddings.patch_embeddings.", CHANNELS
    for i, out in enumerate(STEM):
        w[f"{p}stem.{i}.weight"], w[f"{p}stem.{i}.bias"], before = draw(g, out, before, 3, 3), draw(g, out), out
    w[p + "projection.weight"] = draw(g, WIDTH, before, 1, 1)


def weights(g):
    w = {
        "vit.embeddings.cls_token": draw(g, 1, 1, WIDTH),
        "vit.embeddings.position_embeddings": draw(g, 1, 1 + GRID * GRID, WIDTH),
        "vit.embeddings.patch_embeddings.projection.weight": draw(g, WIDTH, CHANNELS, PATCH, PATCH, scale=0.1),
        "vit.embeddings.patch_embeddings.projection.bias": draw(g, WIDTH),
        "vit.layernorm.weight": draw(g, WIDTH, shift=1.0),
        "vit.layernorm.bias": draw(g, WIDTH),
        "classifier.weight": draw(g, 3, WIDTH),
        "classifier.bias": draw(g, 3),
    }
    for i in range(LAYERS):
        p = f"vit.encoder.layer.{i}."
        for name in ("attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense"):
            w[p + name + ".weight"] = draw(g, WIDTH, WIDTH)
            w[p + name + ".bias"] = draw(g, WIDTH)
        w[p + "intermediate.dense.weight"] = draw(g, INNER, WIDTH)
        w[p + "intermediate.dense.bias"] = draw(g, INNER)
        w[p + "output.dense.weight"] = draw(g, WIDTH, INNER)
        w[p + "output.dense.bias"] = draw(g, WIDTH)
        for name in ("layernorm_before", "layernorm_after"):
            w[p + name + ".weight"] = draw(g, WIDTH, shift=1.0)
            w[p + name + ".bias"] = draw(g, WIDTH)
    return w


def forward(w, pixels):
    """The hidden states: of the embeddings, after each block, and after the final norm."""
    w = {k: v.double() for k, v in w.items()}
    x = pixels.double()
    n = x.shape[0]

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), w[name + ".weight"], w[name + ".bias"], EPS)

    def heads(x):
        return x.view(n, -1, HEADS, WIDTH // HEADS).transpose(1, 2)

    p, stages = "vit.embeddings.patch_embeddings.", 0
    while f"{p}stem.{stages}.weight" in w:
        x = F.gelu(F.conv2d(x, w[f"{p}stem.{stages}.weight"], w[f"{p}stem.{stages}.bias"], stride=2, padding=1))
        stages += 1
    p += "projection"
    x = F.conv2d(x, w[p + ".weight"], w[p + ".bias"], stride=1 if stages else PATCH).flatten(2).transpose(1, 2)
    x = torch.cat([w["vit.embeddings.cls_token"].expand(n, -1, -1), x], 1) + w["vit.embeddings.position_embeddings"]
    states = [x]
    for i in range(LAYERS):
        p = f"vit.encoder.layer.{i}."
        h = norm(x, p + "layernorm_before")
        q, k, v = (heads(linear(h, p + "attention.attention." + name)) for name in ("query", "key", "value"))
        h = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5, -1) @ v
        x = x + linear(h.transpose(1, 2).reshape(n, -1, WIDTH), p + "attention.output.dense")
        h = F.gelu(linear(norm(x, p + "layernorm_after"), p + "intermediate.dense"))
        x = x + linear(h, p + "output.dense")
        states.append(x)
    states.append(norm(x, "vit.layernorm"))
    return states


def write(name, w, **keys):
    """A model folder."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    save_file(w, folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["ViTForImageClassification"], "model_type": "vit", "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu", "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0, "initializer_range": 0.02, "layer_norm_eps": EPS, "image_size": IMAGE, "patch_size": PATCH,
        "num_channels": CHANNELS, "qkv_bias": True, "encoder_stride": 16,
    } | keys
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    processor = {
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "image_processor_type": "ViTImageProcessor", "resample": 2, "rescale_factor": 1 / 255, "size": {"height": IMAGE, "width": IMAGE},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")


def main():
    g = torch.Generator().manual_seed(1)
    w = weights(g)
    pixels = draw(g, 2, CHANNELS, IMAGE, IMAGE, scale=1.0)
    write("vit", w)
    grid = w["vit.embeddings.position_embeddings"][:, 1:].view(1, GRID, GRID, WIDTH).permute(0, 3, 1, 2).double()
    other = F.interpolate(grid, size=(5, 2), mode="bicubic", align_corners=False).permute(0, 2, 3, 1)
    states = lambda w: [[round(v, 8) for v in s.flatten().tolist()] for s in forward(w, pixels)]
    golden = {"pixels": pixels.flatten().tolist(), "states": states(w), "positions_5x2": [round(v, 8) for v in other.flatten().tolist()]}
    (HERE / "golden.json").write_text(json.dumps(golden) + "\n")
    stem(g, w)
    write("stem", w, stem_channels=STEM)
    (HERE / "stem.json").write_text(json.dumps({"pixels": golden["pixels"], "states": states(w)}) + "\n")


main()
