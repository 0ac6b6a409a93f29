"""The proof that network and rules are ours: with the weights of a detector of ours, chances and boxes are its own."""
import json
import os

import torch

import peer_network
from peer_boxes import Detector
from peer_windows import Picture

CHANCE, SCORE, AUROC = 2e-5, 2e-5, 1e-6  # allowed: rounding, of scores as a share where they are above 1
LEVEL = 1e-6  # a pixel of the map this near to the level of regions may belong to one here and not there


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
    test = [Picture(folder, e["pictures"][i], kinds, settings["pad"]) for f in e["folds"] if f["name"] == os.path.basename(adapter) for i in f["test"]]
    maps = []
    boxes, auroc = inspect(d, test, maps.append)
    if boxes["Truth"] != ours["boxes"]["Truth"] or boxes["Group"] != ours["boxes"]["Group"]:
        return f"{adapter}.json: other true boxes than the pictures have"
    key = lambda b: (b["Image"], b["Class"], *(int(b["Box"][k]) for k in ("xmin", "ymin", "xmax", "ymax")))
    got, want = ({key(b): b["Score"] for b in all["Found"] or []} for all in (boxes, ours["boxes"]))
    if not want:
        return f"{adapter}.json: got no box, want some to compare: a detector that is trained longer, or with a lower --level"
    missing, more = sorted(want.keys() - got.keys()), sorted(got.keys() - want.keys())
    level, off, close = 0 if settings.get("template") else settings["level"], 0, 0
    for k, v in want.items():
        i, _, x0, y0, x1, y1 = k
        near = int((abs(maps[i][y0:y1, x0:x1] - level) < LEVEL).sum()) if level else 0
        close += near
        off = max(off, (abs(got.get(k, v) - v) - near * level) / max(1, v))
    print(f"boxes of {len(test)} pictures: {len(want)}, of which {len(missing)} are not found and {len(more)} others are; scores are off by at most {off:.1e}, but for {close} pixels at the level")
    print(f"pixel AUROC: {auroc:.8f}, ours {ours['pixel_AUROC']:.8f}")
    if worst > CHANCE or missing or more or off > SCORE or abs(auroc - ours["pixel_AUROC"]) > AUROC:
        return f"{adapter}: the network or the rules differ: {missing[:3]} not found, {more[:3]} others"
    return None
