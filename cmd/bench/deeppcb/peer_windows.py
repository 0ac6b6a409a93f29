"""Pictures that deeppcb --export wrote, and windows of them to learn from, drawn by the rules of adapters/inspector/train."""
import json
import os

import numpy as np
from PIL import Image

from peer_cuts import cut_out, luma, paste, turned

SPREAD = 8  # how far a window's middle lies off a proposed place at most, each way, pixels


class Picture:
    def __init__(self, folder, about, kinds, pad):
        with Image.open(os.path.join(folder, about["file"])) as m:
            self.pixels = np.asarray(m.convert("RGB"))  # [H, W, 3]
        self.id, self.group, self.kinds, self.pad = about["id"], about["group"], kinds, pad
        self.boxes, self.places = about["boxes"], [tuple(p[k] for k in ("xmin", "ymin", "xmax", "ymax")) for p in about["places"]]
        self.middles = [middle(p) for p in self.places]
        self.marks = self.mark()
        self.cuts = []
        if about.get("stack"):
            with Image.open(os.path.join(folder, about["stack"])) as m:
                self.cuts = cut_out(np.asarray(m.convert("RGB")), self.boxes, self.marks)

    def mark(self):
        """The number of each pixel's kind [H, W], 0 for good: boxes less a pad but for their middle, the largest first."""
        marks = np.zeros(self.pixels.shape[:2], np.uint8)
        for b in sorted(self.boxes, key=lambda b: -b["width"] * b["height"]):
            x, y = min(self.pad, (b["width"] - 1) // 2), min(self.pad, (b["height"] - 1) // 2)
            marks[b["y"] + y : b["y"] + b["height"] - y, b["x"] + x : b["x"] + b["width"] - x] = 1 + self.kinds.index(b["label"])
        return marks

    def window(self, x, y, side, zoom):
        """Pixels [S, S, 3] and marks [S, S] of the window whose corner is (x, y) and whose pixels stand for zoom/256 of the picture's. Past the edges the last pixels go on,
        and nothing is marked."""
        h, w = self.marks.shape
        rows, cols = ((c << 8) + (zoom - 256) // 2 + zoom * np.arange(side) for c in (y, x))
        near = lambda v: (v + 128) >> 8
        inside = ((near(rows) >= 0) & (near(rows) < h))[:, None] & ((near(cols) >= 0) & (near(cols) < w))
        marks = self.marks[np.ix_(near(rows).clip(0, h - 1), near(cols).clip(0, w - 1))] * inside
        at = lambda i, j: self.pixels[np.ix_(((rows >> 8) + i).clip(0, h - 1), ((cols >> 8) + j).clip(0, w - 1))].astype(np.int32)
        if zoom == 256:
            return at(0, 0), marks
        u, v = (cols & 255)[:, None], (rows & 255)[:, None, None]
        upper, lower = (at(i, 0) * (256 - u) + at(i, 1) * u for i in (0, 1))
        return (upper * (256 - v) + lower * v + (1 << 15)) >> 16, marks


def middle(p):
    return int(p[0] + p[2]) // 2, int(p[1] + p[3]) // 2


def load(folder):
    with open(os.path.join(folder, "export.json")) as f:
        return json.load(f)


def values(windows, channels):
    """The network's input [B, C, S, S] of windows [B, S, S, 3]: -1 to 1, of one channel the luma of Pillow's mode L."""
    if channels == 1:
        windows = luma(windows)[..., None]
    v = (windows * (1 / 255.0)).astype(np.float32)
    return np.ascontiguousarray(((v - np.float32(0.5)) / np.float32(0.5)).transpose(0, 3, 1, 2))


def opposites(kinds, pairs):
    """What each mark is in a negative."""
    all = np.arange(1 + len(kinds), dtype=np.uint8)
    for a, b in pairs.items():
        i, j = 1 + kinds.index(a), 1 + kinds.index(b)
        all[i], all[j] = j, i
    return all


def draw(p, side, c, cuts, rng):
    """A window of a picture by the recipe c: pixels and marks."""
    turn, most = 0 if c.get("upright") else rng.integers(8), int(256 * c["gain"])
    gain, place = 256 + rng.integers(-most, most + 1), rng.random()
    most, size = int(256 * c.get("zoom", 0)), side  # of the window, pixels
    zoom = 256 + int(rng.integers(-most, most + 1))
    side = size * zoom >> 8  # of the picture's pixels
    h, w = p.marks.shape
    if p.middles and place >= c["focus"]:
        x, y = p.middles[rng.integers(len(p.middles))]
        dx, dy = rng.integers(-SPREAD, SPREAD + 1, 2)
        pixels, marks = p.window(x - side // 2 + dx, y - side // 2 + dy, size, zoom)
    else:
        if p.boxes and place < c["focus"]:
            b = p.boxes[rng.integers(len(p.boxes))]
            x = (2 * b["x"] + b["width"]) // 2 - rng.integers(side)
            y = (2 * b["y"] + b["height"]) // 2 - rng.integers(side)
        else:
            x, y = rng.integers(max(1, w - side + 1)), rng.integers(max(1, h - side + 1))
        pixels, marks = p.window(max(0, min(x, w - side)), max(0, min(y, h - side)), size, zoom)
    if cuts and rng.random() < c.get("paste", 0):
        paste(pixels, marks, cuts, c.get("upright"), rng)
    if c.get("negative") and rng.integers(2):
        pixels, marks = 255 - pixels, opposites(p.kinds, c.get("opposite", {}))[marks]
    return turned(np.minimum(255, (pixels * gain + 128) >> 8), turn), turned(marks, turn)


def cover(marks, patch, k):
    """The share of each patch's pixels that bear each mark: [B, N, K] of marks [B, S, S]."""
    b, side, _ = marks.shape
    n = side // patch
    marks = marks.reshape(b, n, patch, n, patch).transpose(0, 1, 3, 2, 4).reshape(b, n * n, patch * patch)
    return (marks[..., None] == np.arange(k)).mean(2, dtype=np.float32)


def batches(pictures, side, patch, k, channels, c, rng):
    """Inputs and targets, without end: every picture once an epoch, each epoch in another order, a batch going on into the next one."""
    order, cuts = [], [cut for p in pictures for cut in p.cuts]
    while True:
        while len(order) < c["batch"]:
            order += list(rng.permutation(len(pictures)))
        drawn = [draw(pictures[i], side, c, cuts, rng) for i in order[: c["batch"]]]
        order = order[c["batch"] :]
        yield values(np.stack([d[0] for d in drawn]), channels), cover(np.stack([d[1] for d in drawn]), patch, k)
