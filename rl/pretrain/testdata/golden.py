"""Writes golden.json: random weights of a small model of trajectories, windows of three environments (a vector with discrete actions, a vector with
action vectors, pictures), and for some questions the loss and every gradient, by float64 autograd in plain torch.

    python golden.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
D, INNER, HEADS, EPS, K, E = 8, 12, 2, 1e-5, 3, 16
WEIGHTS = {"returns": 0.5, "observations": 1.0, "actions": 2.0}
ENVIRONMENTS = [
    {"id": "Cart-v1", "observation": [3], "actions": 3, "start": 1, "mean": [1, 0, -1], "std": [1, 2, 0.5], "return_scale": 10},
    {"id": "Arm-v0", "observation": [2], "low": [-2, 0], "high": [2, 10]},
    {"id": "Camera-v0", "observation": [4, 2, 3], "patch": 2, "actions": 2},
]


def rounded(x):
    return [float(f"{v:.9g}") for v in x.flatten().tolist()]


def sizes(e):
    """Numbers of an observation, inputs of its projection, targets, inputs of an action."""
    o = torch.tensor(e["observation"]).prod().item()
    a = e.get("actions") or len(e["low"])
    if "patch" not in e:
        return o, o, o, a
    n = (e["observation"][0] // e["patch"]) * (e["observation"][1] // e["patch"])
    return o, n * E, n * e["observation"][2], a


def weights(g):
    def draw(*shape, shift=0.0):
        return (torch.randn(*shape, generator=g, dtype=torch.float64) * 0.3 + shift).float().double()

    w = {"embed_type.weight": draw(6, D)}

    def linear(name, into, out):
        w[name + ".weight"], w[name + ".bias"] = draw(out, into), draw(out)

    p = "encoder.layer.0."
    for name in ("query", "key", "value"):
        linear(p + "attention.self." + name, D, D)
    linear(p + "attention.output.dense", D, D)
    linear(p + "intermediate.dense", D, INNER)
    linear(p + "output.dense", INNER, D)
    for name in ("embed_ln", p + "attention.output.LayerNorm", p + "output.LayerNorm", "encoder.LayerNorm"):
        w[name + ".weight"], w[name + ".bias"] = draw(D, shift=1.0), draw(D)
    for e in ENVIRONMENTS:
        p = "environments." + e["id"] + "."
        _, inputs, targets, a = sizes(e)
        linear(p + "embed_return", 1, D)
        if "patch" in e:
            linear(p + "embed_patch", e["observation"][2] * e["patch"] ** 2, E)
        linear(p + "embed_state", inputs, D)
        linear(p + "embed_action", a, D)
        linear(p + "predict_return", D, 1)
        linear(p + "predict_state", D, targets)
        linear(p + "predict_action", D, a)
    return w


def window(e, b, g):
    o, _, _, a = sizes(e)
    x = torch.randn(b, K, o, generator=g).double()
    if "patch" in e:
        x = torch.randint(0, 256, (b, K, o), generator=g).double()
    if "actions" in e:
        act = torch.randint(0, e["actions"], (b, K, 1), generator=g).double() + e.get("start", 0)
    else:
        low, high = torch.tensor(e["low"]).double(), torch.tensor(e["high"]).double()
        act = (torch.rand(b, K, a, generator=g).double() * (high - low) + low).float().double()
    return (torch.randn(b, K, generator=g) * 5).double(), x, act


def standardised(e, returns, x, act):
    """What the model has of returns, observations and actions, and its targets of observations."""
    r = returns[..., None] / e.get("return_scale", 1)
    if "patch" in e:
        h, w, c = e["observation"]
        p = e["patch"]
        x = x.view(*x.shape[:2], h // p, p, w // p, p, c) / 127.5 - 1
        targets = x.mean((3, 5)).flatten(2)
        x = x.permute(0, 1, 2, 4, 6, 3, 5).reshape(*x.shape[:2], -1, c * p * p)
    else:
        if "mean" in e:
            x = (x - torch.tensor(e["mean"]).double()) / torch.tensor(e["std"]).double()
        targets = x
    if "actions" in e:
        act = F.one_hot(act[..., 0].long() - e.get("start", 0), e["actions"]).double()
    else:
        low, high = torch.tensor(e["low"]).double(), torch.tensor(e["high"]).double()
        act = (2 * act - low - high) / (high - low)
    return r, x, act, targets


def rotate(x, positions):
    half = x.shape[-1] // 2
    f = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = positions[:, None] * f
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


def loss(w, e, case, returns, x, act):
    p = "environments." + e["id"] + "."
    r, x, a, targets = standardised(e, returns, x, act)
    b, t = r.shape[0], 3 * K

    def linear(v, name):
        return F.linear(v, w[name + ".weight"], w[name + ".bias"])

    def norm(v, name):
        return F.layer_norm(v, (D,), w[name + ".weight"], w[name + ".bias"], EPS)

    if "patch" in e:
        x = F.gelu(linear(x, p + "embed_patch")).flatten(2)
    tokens = torch.stack([linear(r, p + "embed_return"), linear(x, p + "embed_state"), linear(a, p + "embed_action")], 2).view(b, t, D)
    hidden = torch.tensor(case["hidden"]).view(b, t, 1)
    kind = torch.arange(t) % 3
    h = torch.where(hidden, w["embed_type.weight"][kind + 3], tokens + w["embed_type.weight"][kind])
    h = norm(h, "embed_ln")

    places = torch.arange(t)
    seen = (places[None, :] < torch.tensor(case["lengths"])[:, None])[:, None, None, :]
    if case["causal"]:
        seen = seen & (places[None, :] <= places[:, None])
    q = "encoder.layer.0."
    n = norm(h, q + "attention.output.LayerNorm")
    qh, kh, vh = (linear(n, q + "attention.self." + name).view(b, t, HEADS, D // HEADS).transpose(1, 2) for name in ("query", "key", "value"))
    qh, kh = rotate(qh, places.double()), rotate(kh, places.double())
    s = (qh @ kh.transpose(-1, -2) / (D // HEADS) ** 0.5).masked_fill(~seen, -1e30)
    h = h + linear((torch.softmax(s, -1) @ vh).transpose(1, 2).reshape(b, t, D), q + "attention.output.dense")
    h = h + linear(F.gelu(linear(norm(h, q + "output.LayerNorm"), q + "intermediate.dense")), q + "output.dense")
    h = norm(h, "encoder.LayerNorm").view(b * t, D)

    total = 0.0
    wanted = {"returns": (r, "predict_return"), "observations": (targets, "predict_state"), "actions": (a, "predict_action")}
    for name, (want, head) in wanted.items():
        if not case[name]:
            continue
        at = torch.tensor([i for i, _ in case[name]])
        step = torch.tensor([i for _, i in case[name]])
        got, want = linear(h[at], p + head), want.reshape(b * K, -1)[step]
        if name == "actions" and "actions" in e:
            part = F.cross_entropy(got, want.argmax(1))
        else:
            part = F.mse_loss(got, want)
        total = total + WEIGHTS[name] * part
    return total


def masked(b, hidden, lengths):
    """Hides tokens and predicts each of them."""
    case = {"causal": False, "lengths": lengths, "hidden": [i in hidden for i in range(b * 3 * K)]}
    for kind, name in enumerate(("returns", "observations", "actions")):
        case[name] = [[i, i // 3] for i in hidden if i % 3 == kind]
    return case


def causal(b):
    steps = [i * K + s for i in range(b) for s in range(K)]
    after = [s for s in steps if s % K < K - 1]
    return {
        "causal": True, "lengths": [3 * K] * b, "hidden": [False] * (b * 3 * K), "actions": [[3 * s + 1, s] for s in steps],
        "observations": [[3 * s + 2, s + 1] for s in after], "returns": [[3 * s + 2, s + 1] for s in after],
    }


def main():
    g = torch.Generator().manual_seed(1)
    w = weights(g)
    b = 2
    windows = [window(e, b, g) for e in ENVIRONMENTS]
    golden = {
        "environments": ENVIRONMENTS, "weights": {k: rounded(v) for k, v in w.items()},
        "windows": [{"returns": rounded(r), "observations": rounded(x), "actions": rounded(a)} for r, x, a in windows], "cases": [],
    }
    masks = [masked(b, [0, 2, 4, 9, 10, 14], [9, 6]), masked(b, [1, 5, 8, 12, 16, 17], [9, 9]), masked(b, [1, 3, 13, 14], [6, 9])]
    for i, case in [(0, masks[0]), (1, masks[1]), (2, masks[2]), (0, causal(b)), (1, causal(b))]:
        for v in w.values():
            v.grad = None
            v.requires_grad_()
        y = loss(w, ENVIRONMENTS[i], case, *windows[i])
        y.backward()
        golden["cases"].append(dict(case, environment=i, loss=y.item(), gradients={k: rounded(v.grad) for k, v in w.items() if v.grad is not None}))
    (HERE / "golden.json").write_text(json.dumps(golden) + "\n")


main()
