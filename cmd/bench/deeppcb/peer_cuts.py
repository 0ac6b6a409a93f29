"""Defects that are pasted into windows of other pictures, by the rules of adapters/inspector/train (cut.go and paste.go)."""
import numpy as np
from scipy import ndimage

PLAIN, FAINT, REACH, LEAST = 64, 32, 3, 8
MOST, TRIES, VISIBLE = 2, 16, 0.6


def luma(pixels):
    """That of Pillow's mode L, of pixels [..., 3]."""
    r, g, b = np.moveaxis(pixels.astype(np.int32), -1, 0)
    return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16


def turned(m, way):
    """A window [S, S, ...] in one of eight ways: bit 0 mirrors left and right, bit 1 top and bottom, and bit 2 swaps rows and columns after that."""
    m = m[::-1] if way & 2 else m
    m = m[:, ::-1] if way & 1 else m
    return m.swapaxes(0, 1) if way & 4 else m


def square(b):
    """Corners of the square round the middle of a box that is as wide as its longer side."""
    side = max(b["width"], b["height"])
    x, y = int((2 * b["x"] + b["width"] - side) / 2), int((2 * b["y"] + b["height"] - side) / 2)
    return x, y, x + side, y + side


def cut_out(stack, boxes, marks):
    """What the defects of a picture add to its template, where they stand alone: difference, brightness before, marks, and pixels that differ plainly. The stack
    [H, W, 3] is of picture, template and difference."""
    test, template, depth = np.moveaxis(stack.astype(np.int32), -1, 0)
    near = ndimage.binary_dilation(depth >= FAINT, np.ones((2 * REACH + 1, 2 * REACH + 1)))
    touch = lambda r, b: r[0] < b["x"] + b["width"] and b["x"] < r[2] and r[1] < b["y"] + b["height"] and b["y"] < r[3]
    cuts = []
    for b in boxes:
        r = square(b)
        if min(r[:2]) < 0 or r[2] > test.shape[1] or r[3] > test.shape[0] or any(other is not b and touch(r, other) for other in boxes):
            continue
        at = np.s_[r[1] : r[3], r[0] : r[2]]
        delta = (test[at] - template[at]) * near[at]
        if (plain := (abs(delta) >= PLAIN).sum()) >= LEAST:
            cuts.append((delta, template[at], marks[at], plain))
    return cuts


def paste(pixels, marks, cuts, upright, rng):
    """Lays up to MOST cuts into a window, each where it looks most like where the cut is from."""
    side = len(marks)
    for _ in range(1 + rng.integers(MOST)):
        *parts, plain = cuts[rng.integers(len(cuts))]
        way = 0 if upright else rng.integers(8)
        delta, before, kinds = (turned(m, way) for m in parts)
        n = len(delta)
        if n > side:
            continue
        gray, places = luma(pixels), [np.s_[y : y + n, x : x + n] for x, y in rng.integers(side - n + 1, size=(TRIES, 2))]
        places = [at for at in places if not marks[at].any()]
        if not places:
            continue
        at = min(places, key=lambda at: abs(gray[at] - before).sum())
        if (abs((gray[at] + delta).clip(0, 255) - gray[at]) >= PLAIN).sum() >= VISIBLE * plain:
            pixels[at] = (pixels[at] + delta[..., None]).clip(0, 255)
            marks[at] = np.where(kinds, kinds, marks[at])
