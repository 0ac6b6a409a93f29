"""Golden values for shared/backbone: losses, gradients and AdamW steps of a small masked-language model in PyTorch.

    python encoder.py ../../../shared/backbone/testdata/encoder.safetensors

The model is written out below in float64; where Hugging Face's BertForMaskedLM can be configured to the same model (post-norm) the
script checks that both give the same loss and the same gradients. The file holds, in float32, the weights as "weight/<name>", and for
each case its gradients as "<case>/<name>" and the losses of 20 AdamW steps on one batch as "<case>/losses"; the metadata
holds the configuration and the batches as JSON.
"""

import json
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

D, HEADS, HIDDEN, LAYERS, VOCAB, POSITIONS, TYPES, EPS = 16, 2, 32, 2, 31, 12, 2, 1e-12
STEPS, LR, DECAY = 20, 1e-3, 0.01
B, T = 3, 9
CASES = {
    "post-norm": dict(norm="post"),
    "pre-norm": dict(norm="pre"),
    "padding": dict(norm="post", lengths=[9, 4, 6]),
    "causal": dict(norm="post", causal=True),
    "token-types": dict(norm="post", types=True),
    "together": dict(norm="pre", lengths=[9, 4, 6], causal=True, types=True),
}


def weights(gen):
    """Seeded weights by their Hugging Face names, large enough for every gradient to matter."""
    shapes = {
        "bert.embeddings.word_embeddings.weight": (VOCAB, D),
        "bert.embeddings.position_embeddings.weight": (POSITIONS, D),
        "bert.embeddings.token_type_embeddings.weight": (TYPES, D),
        "bert.embeddings.LayerNorm.weight": (D,),
        "bert.embeddings.LayerNorm.bias": (D,),
    }
    for i in range(LAYERS):
        p = f"bert.encoder.layer.{i}."
        dense = {"attention.self.query": (D, D), "attention.self.key": (D, D), "attention.self.value": (D, D)}
        dense |= {"attention.output.dense": (D, D), "intermediate.dense": (HIDDEN, D), "output.dense": (D, HIDDEN)}
        for name, shape in dense.items():
            shapes[p + name + ".weight"] = shape
            shapes[p + name + ".bias"] = shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[p + name + ".weight"] = (D,)
            shapes[p + name + ".bias"] = (D,)
    shapes["bert.encoder.LayerNorm.weight"] = (D,)
    shapes["bert.encoder.LayerNorm.bias"] = (D,)
    shapes["cls.predictions.transform.dense.weight"] = (D, D)
    shapes["cls.predictions.transform.dense.bias"] = (D,)
    shapes["cls.predictions.transform.LayerNorm.weight"] = (D,)
    shapes["cls.predictions.transform.LayerNorm.bias"] = (D,)
    shapes["cls.predictions.bias"] = (VOCAB,)
    out = {}
    for name, shape in shapes.items():
        w = 0.2 * torch.randn(shape, generator=gen, dtype=torch.float64)
        if name.endswith("LayerNorm.weight"):
            w += 1
        out[name] = w.float().double()  # what float32 can hold
    return out


def norm(x, w, name):
    return F.layer_norm(x, (D,), w[name + ".weight"], w[name + ".bias"], EPS)


def linear(x, w, name):
    return F.linear(x, w[name + ".weight"], w[name + ".bias"])


def attention(x, w, p, seen):
    q, k, v = (linear(x, w, p + "self." + n).view(B, T, HEADS, D // HEADS).transpose(1, 2) for n in ("query", "key", "value"))
    scores = q @ k.transpose(2, 3) / (D // HEADS) ** 0.5
    scores = scores.masked_fill(~seen[:, None], float("-inf"))
    return linear((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D), w, p + "output.dense")


def feed_forward(x, w, p):
    return linear(F.gelu(linear(x, w, p + "intermediate.dense")), w, p + "output.dense")


def loss(w, case, batch):
    e = "bert.embeddings."
    x = w[e + "word_embeddings.weight"][batch["ids"]] + w[e + "position_embeddings.weight"][:T]
    x = norm(x + w[e + "token_type_embeddings.weight"][batch["types"]], w, e + "LayerNorm")
    seen = (torch.arange(T)[None] < batch["lengths"][:, None])[:, None].expand(B, T, T)
    if case.get("causal"):
        seen = seen & torch.ones(T, T, dtype=torch.bool).tril()
    for i in range(LAYERS):
        p = f"bert.encoder.layer.{i}."
        a, f = p + "attention.output.LayerNorm", p + "output.LayerNorm"
        if case["norm"] == "post":
            x = norm(x + attention(x, w, p + "attention.", seen), w, a)
            x = norm(x + feed_forward(x, w, p), w, f)
        else:
            x = x + attention(norm(x, w, a), w, p + "attention.", seen)
            x = x + feed_forward(norm(x, w, f), w, p)
    if case["norm"] == "pre":
        x = norm(x, w, "bert.encoder.LayerNorm")
    h = x.reshape(B * T, D)[batch["positions"]]
    h = norm(F.gelu(linear(h, w, "cls.predictions.transform.dense")), w, "cls.predictions.transform.LayerNorm")
    logits = h @ w["bert.embeddings.word_embeddings.weight"].T + w["cls.predictions.bias"]
    return F.cross_entropy(logits, batch["targets"])


def check_transformers(w, case, batch, want, grads):
    """The same loss and gradients from Hugging Face's own model."""
    c = BertConfig(
        vocab_size=VOCAB, hidden_size=D, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=HIDDEN, hidden_act="gelu",
        max_position_embeddings=POSITIONS, type_vocab_size=TYPES, layer_norm_eps=EPS, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
        is_decoder=bool(case.get("causal")), attn_implementation="eager",
    )
    m = BertForMaskedLM(c).double()
    state = {n: v.detach() for n, v in w.items() if not n.startswith("bert.encoder.LayerNorm")}
    missing = m.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys, missing
    m.tie_weights()
    mask = (torch.arange(T)[None] < batch["lengths"][:, None]).long()
    labels = torch.full((B * T,), -100)
    labels[batch["positions"]] = batch["targets"]
    got = m(batch["ids"], attention_mask=mask, token_type_ids=batch["types"], labels=labels.view(B, T)).loss
    assert abs(got.item() - want) < 1e-9, (got.item(), want)
    got.backward()
    for name, p in m.named_parameters():
        if name in grads:
            assert (p.grad - grads[name]).abs().max() < 1e-9, name


def main(path):
    gen = torch.Generator().manual_seed(20)
    start = weights(gen)
    out = {"weight/" + n: v.float() for n, v in start.items()}
    meta = dict(hidden=D, heads=HEADS, intermediate=HIDDEN, layers=LAYERS, vocab=VOCAB, positions=POSITIONS, types=TYPES, eps=EPS, lr=LR,
                decay=DECAY, B=B, T=T, cases={}, torch=torch.__version__)
    for name, case in CASES.items():
        lengths = torch.tensor(case.get("lengths", [T] * B))
        ids = torch.randint(1, VOCAB, (B, T), generator=gen)  # Hugging Face gives id 0, padding, no gradient
        types = torch.zeros(B, T, dtype=torch.long)
        if case.get("types"):
            types = torch.randint(0, TYPES, (B, T), generator=gen)
        valid = [b * T + t for b in range(B) for t in range(T) if t < lengths[b]]
        positions = torch.tensor(valid)[torch.randperm(len(valid), generator=gen)[:6]].sort().values
        targets = torch.randint(0, VOCAB, (6,), generator=gen)
        batch = dict(ids=ids, types=types, lengths=lengths, positions=positions, targets=targets)
        w = {n: v.clone().requires_grad_() for n, v in start.items() if case["norm"] == "pre" or not n.startswith("bert.encoder.LayerNorm")}
        decay = [v for v in w.values() if v.dim() > 1]
        rest = [v for v in w.values() if v.dim() == 1]
        opt = torch.optim.AdamW([dict(params=decay, weight_decay=DECAY), dict(params=rest, weight_decay=0.0)], lr=LR)
        losses = []
        for step in range(STEPS):
            opt.zero_grad()
            value = loss(w, case, batch)
            value.backward()
            losses.append(value.item())
            if step == 0:
                grads = {n: v.grad.clone() for n, v in w.items()}
                for n, g in grads.items():
                    out[f"{name}/{n}"] = g.float()
                if case["norm"] == "post":
                    check_transformers(w, case, batch, losses[0], grads)
            opt.step()
        out[f"{name}/losses"] = torch.tensor(losses, dtype=torch.float32)
        meta["cases"][name] = dict(norm=case["norm"], causal=bool(case.get("causal")), **{k: v.flatten().tolist() for k, v in batch.items()})
    save_file(out, path, metadata={"golden": json.dumps(meta)})


if __name__ == "__main__":
    main(sys.argv[1])
