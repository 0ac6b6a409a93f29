"""Boxes that a network finds in a picture, by the rules of adapters/inspector: with a template round what it proposes, without one everywhere."""
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from peer_cuts import turned
from peer_windows import middle, values

BATCH = 16  # windows at once


class Detector:
    """A network with the settings of a detector."""

    def __init__(self, network, shape, kinds, settings):
        self.network, self.kinds, self.settings = network, kinds, settings
        self.side, self.patch, self.channels = shape["image_size"], shape["patch_size"], shape["num_channels"]
        self.grid = self.side // self.patch

    @torch.no_grad()
    def logits(self, p, at):
        """Those [n, G, G, 1+K] of the windows of a picture whose corners are at: their mean over the ways in which the settings turn a window."""
        all = [torch.empty(0, self.grid, self.grid, 1 + len(self.kinds))]
        for i in range(0, len(at), BATCH):
            windows, ways = [p.window(x, y, self.side, 256)[0] for x, y in at[i : i + BATCH]], max(1, self.settings.get("turns", 0))
            all.append(sum(self.turned(windows, way) for way in range(ways)) / ways)
        return torch.cat(all)

    def turned(self, windows, way):
        """Logits of windows seen in a way of peer_windows.turned, put where the patches lie before."""
        z = self.network(torch.from_numpy(values(np.stack([turned(w, way) for w in windows]), self.channels))).unflatten(1, (self.grid, self.grid))
        z = z.transpose(1, 2) if way & 4 else z
        return z.flip([d for d, bit in ((2, 1), (1, 2)) if way & bit])

    def find(self, p):
        """Boxes (kind, [xmin, ymin, xmax, ymax], score), the surest first, and the map of chances of a defect [H, W]."""
        boxes, out = (self.judge if self.settings.get("template") else self.search)(p)
        return sorted(boxes, key=lambda b: -b[2]), out

    def corners(self, p):
        """Of the windows round the proposed places."""
        return [(x - self.side // 2, y - self.side // 2) for x, y in (middle(q) for q in p.places)]

    def judge(self, p):
        h, w = p.marks.shape
        out, boxes, at = np.zeros((h, w), np.float32), [], self.corners(p)
        chances = self.logits(p, at).softmax(-1)
        for (x, y), q, c in zip(at, p.places, chances):
            kind, score = self.verdict(c, [v - o for v, o in zip(self.core(q, w, h), (x, y, x, y))])
            x0, y0, x1, y1 = (int(v) for v in q)
            boxes.append((kind, list(q), score * (float(p.pixels[y0:y1, x0:x1, 2].max()) / 255)))
            local = smooth(1 - c[..., 0], self.side, self.side)
            x0, y0, x1, y1 = max(0, x), max(0, y), min(w, x + self.side), min(h, y + self.side)
            np.maximum(out[y0:y1, x0:x1], local[y0 - y : y1 - y, x0 - x : x1 - x], out=out[y0:y1, x0:x1])
        return boxes, out

    def core(self, q, w, h):
        """A proposed box without its pad, but for the sides where the picture has cut that."""
        pad = self.settings["template"]["pad"]
        return [q[0] + pad * (q[0] > 0), q[1] + pad * (q[1] > 0), q[2] - pad * (q[2] < w), q[3] - pad * (q[3] < h)]

    def verdict(self, chances, b):
        """The kind with the greatest sum of chances [R, C, 1+K] over the patches that a box touches, and their mean chance of a defect."""
        rows, cols, k = chances.shape
        x0, y0 = max(0, int(b[0] / self.patch)), max(0, int(b[1] / self.patch))
        x1, y1 = min(cols, int(np.ceil(b[2] / self.patch))), min(rows, int(np.ceil(b[3] / self.patch)))
        touched = chances[y0 : max(y0, y1), x0 : max(x0, x1)].reshape(-1, k).double()
        sums = touched.sum(0)
        return self.kinds[int(sums[1:].argmax())], 1 - float(sums[0]) / max(1, len(touched))

    def search(self, p):
        s, (h, w) = self.settings, p.marks.shape
        chances = self.everywhere(p)
        rows, cols, _ = chances.shape
        out = smooth(1 - chances[..., 0], rows * self.patch, cols * self.patch)[:h, :w]
        boxes = []
        for (x0, y0, x1, y1), total, most in regions(out, s["level"], s["join"], s["min_area"]):
            kind, _ = self.verdict(chances, (x0, y0, x1, y1))
            boxes.append((kind, [float(v) for v in (max(0, x0 - s["pad"]), max(0, y0 - s["pad"]), min(w, x1 + s["pad"]), min(h, y1 + s["pad"]))], most if s.get("highest") else total))
        return boxes, out

    def everywhere(self, p):
        """The chances [R, C, 1+K] of every patch, from the mean of its logits in the windows that it is in: it weighs the more the farther it lies from the border."""
        h, w = p.marks.shape
        rows, cols, g = -(-h // self.patch), -(-w // self.patch), self.grid
        starts = lambda n: list(range(0, n - g, min(self.settings["step"], g))) + [max(0, n - g)]
        at = [(x, y) for y in starts(rows) for x in starts(cols)]
        ramp = torch.minimum(torch.arange(1, g + 1), torch.arange(g, 0, -1)).float()
        weight = (ramp[:, None] * ramp)[..., None]
        sums, total = torch.zeros(max(rows, g), max(cols, g), 1 + len(self.kinds)), torch.zeros(max(rows, g), max(cols, g), 1)
        for (x, y), z in zip(at, self.logits(p, [(x * self.patch, y * self.patch) for x, y in at])):
            sums[y : y + g, x : x + g] += weight * z
            total[y : y + g, x : x + g] += weight
        return (sums / total)[:rows, :cols].softmax(-1)


def smooth(scores, h, w):
    """A map [h, w] of scores [R, C]."""
    return F.interpolate(scores[None, None], (h, w), mode="bilinear", align_corners=False)[0, 0].numpy()


def regions(values, level, join, area):
    """Boxes, sums and highest values of the 8-connected regions above a level, those with at most 2 join pixels between them being one, the highest first."""
    mask = values > np.float32(level)
    wide = ndimage.binary_dilation(mask, np.ones((2 * join + 1,) * 2)) if join else mask
    labels = ndimage.label(wide, np.ones((3, 3)))[0] * mask
    all = []
    for i, (rows, cols) in enumerate(ndimage.find_objects(labels), 1):
        own = values[rows, cols][labels[rows, cols] == i].astype(np.float64)
        if len(own) >= area:
            all.append((-own.max(), -len(own), (cols.start, rows.start, cols.stop, rows.stop), own.sum().item(), own.max().item()))
    return [a[2:] for a in sorted(all, key=lambda a: a[:2])]
