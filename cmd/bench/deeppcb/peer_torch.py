"""An inspector detector trained in PyTorch: the same network, windows, loss, optimizer (AdamW or Muon), schedule and rules of boxes, the same pictures and proposed places.

    peer_torch.py --pictures PICTURES --check RESULTS/GROUP
    peer_torch.py --pictures PICTURES --out PEER [--fold GROUP] [--steps N] [--folds 0] [--seed S]

PICTURES is what deeppcb --export wrote. Every fold leaves GROUP.json, which deeppcb --table reads, and isn't done again. Random numbers are PyTorch's and numpy's own. With
--folds 0 (default: as exported) a group is held back from training, as the other side does then, and its boxes set the threshold; else all groups are learnt from, and there
is no threshold. --check gives the network the weights of a detector of ours, and compares chances and boxes.
"""
import argparse
import json
import math
import os
import sys

import numpy as np
import torch

sys.dont_write_bytecode = True  # of what follows: nothing is left in the source tree
import peer_check
import peer_network
import peer_muon  # beside peer_autoencoder, which peer_network finds
from peer_boxes import Detector
from peer_windows import Picture, batches, load


def recipe(e, a):
    """The recipe of an export with what the arguments change."""
    c = e["config"]
    t = c["train"]
    if a.steps:
        t["warmup"] = math.floor(t["warmup"] / t["steps"] * a.steps + 0.5)
        t["steps"] = a.steps
    if a.seed is not None:
        t["seed"] = a.seed
    if a.folds is not None:
        c["folds"] = a.folds
    for got, want in [(c["method"], "full"), (t["schedule"], "cosine"), (t["accumulate"], 1), (t.get("average", 0), 0)]:
        if got != want:
            sys.exit(f"{a.pictures}: recipe: got {got}, want {want}")
    return c


def rate(t, step):
    """The learning rate of a step, from 0."""
    if step < t["warmup"]:
        return t["lr"] * (step + 1) / t["warmup"]
    return t["min_lr"] + (t["lr"] - t["min_lr"]) * 0.5 * (1 + math.cos(math.pi * (step - t["warmup"]) / max(1, t["steps"] - t["warmup"])))


def patch_loss(logits, targets, weight):
    """The weighted cross-entropy of logits [B, N, 1+K] with soft targets of that shape."""
    w = targets[..., 0] + weight * (1 - targets[..., 0])
    return -(w * (targets * logits.log_softmax(-1)).sum(-1)).sum() / w.sum()


def optimizers(network, t):
    """AdamW, or Muon of the blocks' matrices and AdamW of the rest."""
    hidden, decay = peer_muon.hidden(network.blocks) if t.get("optimizer") == "muon" else [], t["weight_decay"]
    adamw = torch.optim.AdamW(network.groups(decay, hidden), betas=(t["beta1"], t["beta2"]), eps=t["eps"], fused=True)
    return [adamw] + ([peer_muon.muon(hidden, t["lr"], decay)] if hidden else [])


def train(network, source, c):
    t = c["train"]
    both = optimizers(network, t)
    losses = []
    for step in range(t["steps"]):
        pixels, targets = (torch.from_numpy(x) for x in next(source))
        for g in (g for o in both for g in o.param_groups):
            g["lr"] = rate(t, step)
        loss = patch_loss(network(pixels), targets, c["weight"])
        network.zero_grad(set_to_none=False)  # Muon sees parts of gradients by where they lie
        loss.backward()
        if t["clip_norm"]:
            torch.nn.utils.clip_grad_norm_(network.parameters(), t["clip_norm"], foreach=True)
        for o in both:
            o.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            sys.exit(f"step {step + 1}: loss is {losses[-1]}")
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}/{t['steps']}  loss {np.mean(losses[-100:]):.4f}", file=sys.stderr)
    return losses


def inspect(detector, pictures, each=lambda out: None):
    """The true and the found boxes of pictures as the table reads them, and the AUROC of their pixels. each gets the maps."""
    box = lambda v: dict(zip(("xmin", "ymin", "xmax", "ymax"), v))
    truth, found, good, bad = [], [], [], []
    for i, p in enumerate(pictures):
        truth += [{"Image": i, "Class": b["label"], "Box": box((b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]))} for b in p.boxes]
        boxes, out = detector.find(p)
        each(out)
        found += [{"Image": i, "Class": kind, "Box": box(b), "Score": score} for kind, b, score in boxes]
        good.append(out[p.marks == 0])
        bad.append(out[p.marks > 0])
    good, bad = np.sort(np.concatenate(good)), np.concatenate(bad)
    below = (np.searchsorted(good, bad) + np.searchsorted(good, bad, "right")) / 2
    return {"Images": len(pictures), "Truth": truth, "Found": found, "Group": [p.group for p in pictures]}, below.mean().item() / len(good)


def fold(e, c, f, folder, shape):
    """The result of a fold."""
    held = f["held"] if c["folds"] == 0 else []
    about = [e["pictures"][i] for i in f["train"] if i not in held]
    kinds, pad = sorted({b["label"] for p in about for b in p["boxes"]}), c["detector"]["pad"]
    learn = [Picture(folder, p, kinds, pad) for p in about]
    torch.manual_seed(c["train"]["seed"])
    network = peer_network.Network(peer_network.start(folder, len(kinds), not e["base"]), shape)
    source = batches(learn, shape["image_size"], shape["patch_size"], 1 + len(kinds), shape["num_channels"], c, np.random.default_rng(c["train"]["seed"]))
    train(network, source, c)
    detector = Detector(network, shape, kinds, c["detector"])
    look = lambda places: inspect(detector, [Picture(folder, e["pictures"][i], kinds, pad) for i in places])
    boxes, auroc = look(f["test"])
    r = {"group": f["group"], "config": c, "preset": e["preset"], "image": e["image"], "patch": e["patch"], "trained": len(learn), "threshold": None,
         "pixel_AUROC": auroc, "digest": "", "boxes": boxes, "stem": shape.get("stem_channels"), "peer": "PyTorch " + torch.__version__}
    return r | {"held": look(held)[0]} if held else r


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--pictures", required=True)
    a.add_argument("--check", help="folder of a detector of ours, beside its result")
    a.add_argument("--out", help="folder of results")
    a.add_argument("--fold", help="the one to do; default: all")
    a.add_argument("--steps", type=int)
    a.add_argument("--folds", type=int)
    a.add_argument("--seed", type=int)
    a.add_argument("--threads", type=int, default=1)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    e, shape = load(a.pictures), peer_network.config(a.pictures)
    if a.check:
        sys.exit(peer_check.check(e, a.pictures, shape, a.check.rstrip("/"), inspect))
    if not a.out:
        sys.exit("--out or --check is wanted")
    c = recipe(e, a)
    os.makedirs(a.out, exist_ok=True)
    for f in e["folds"]:
        path = os.path.join(a.out, f["name"] + ".json")
        if a.fold not in (None, f["name"]):
            continue
        if os.path.exists(path):
            with open(path) as file:
                if json.load(file)["config"] != c:
                    sys.exit(f"{path}: it is of another recipe: want another folder for this one")
            continue
        r = fold(e, c, f, a.pictures, shape)
        with open(path + ".part", "w") as file:
            json.dump(r, file)
        os.replace(path + ".part", path)


if __name__ == "__main__":
    main()
