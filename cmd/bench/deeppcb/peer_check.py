"""The proof that network and rules are ours: with the weights of a detector of ours, chances and boxes are its own."""
import json
import os

import torch

import peer_network
from peer_boxes import Detector
from peer_windows import Picture

CHANCE, SCORE, AUROC = 2e-5, 2e-5, 1e-6  # allowed: rounding, of scores as a share where they are above 1


def read(path):
    with open(path) as f:
        return json.load(f)


def check(e, folder, shape, adapter, inspect):
    """What is wrong, None for nothing. adapter is the detector's folder, inspect that of peer_torch."""
    passport, ours, said = read(os.path.join(adapter, "fmkit.json")), read(adapter + ".json"), read(os.path.join(folder, "chances.json"))
    if not passport["digest"] == ours["digest"] == said["digest"]:
        return f"{adapter}: digests: got {passport['digest']}, {ours['digest']} of the result and {said['digest']} of the chances, want one detector"
    kinds, settings = passport["labels"], passport["settings"]
    d = Detector(peer_network.Network(peer_network.adapter(adapter), shape), shape, kinds, settings)
    worst = windows = 0
    for one in said["all"]:
        p, at = Picture(folder, e["pictures"][one["picture"]], kinds, settings["pad"]), [(q["X"], q["Y"]) for q in one["at"]]
        if p.places and at != d.corners(p):
            return f"{p.id}: windows at {d.corners(p)}, want {at}"
        got = d.logits(p, at).softmax(-1)
        worst = max(worst, (got - torch.tensor(one["chances"]).view_as(got)).abs().max().item())
        windows += len(at)
    print(f"chances of {windows} windows of {len(said['all'])} pictures: off by at most {worst:.1e}")
    test = [Picture(folder, p, kinds, settings["pad"]) for p in e["pictures"] if p["group"] == ours["group"]]
    boxes, auroc = inspect(d, test)
    if boxes["Truth"] != ours["boxes"]["Truth"] or boxes["Group"] != ours["boxes"]["Group"]:
        return f"{adapter}.json: other true boxes than the pictures have"
    key = lambda b: (b["Image"], b["Class"], *(float(b["Box"][k]) for k in ("xmin", "ymin", "xmax", "ymax")))
    got, want = ({key(b): b["Score"] for b in all["Found"]} for all in (boxes, ours["boxes"]))
    missing, more = sorted(want.keys() - got.keys()), sorted(got.keys() - want.keys())
    off = max((abs(got[k] - v) / max(1, v) for k, v in want.items() if k in got), default=0)
    print(f"boxes of {len(test)} pictures: {len(want)}, of which {len(missing)} are not found and {len(more)} others are; scores are off by at most {off:.1e}")
    print(f"pixel AUROC: {auroc:.8f}, ours {ours['pixel_AUROC']:.8f}")
    if worst > CHANCE or missing or more or off > SCORE or abs(auroc - ours["pixel_AUROC"]) > AUROC:
        return f"{adapter}: the network or the rules differ: {missing[:3]} not found, {more[:3]} others"
    return None
