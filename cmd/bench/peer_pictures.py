"""Pictures in Pillow, for `fm bench pictures`, on one thread.

    peer_pictures.py NAME=FILE:WIDTH:HEIGHT:FILTER...

NAME that begins with "resize" decodes the file once and times the resizing alone; any other one decodes it every time. The result is the levels of the
small picture, [H, W, 3].
"""
import io
import sys

import numpy as np
import PIL
from PIL import Image

import peer_lines


def work(name, path, width, height, kind):
    with open(path, "rb") as f:
        raw = f.read()
    size, kind = (int(width), int(height)), getattr(Image.Resampling, kind)
    decoded = Image.open(io.BytesIO(raw)).convert("RGB")

    def resize():
        return np.asarray(decoded.resize(size, kind))

    def both():
        return np.asarray(Image.open(io.BytesIO(raw)).convert("RGB").resize(size, kind))

    return resize if name.startswith("resize") else both


if __name__ == "__main__":
    ways = {}
    for arg in sys.argv[1:]:
        name, rest = arg.split("=", 1)
        path, width, height, kind = rest.rsplit(":", 3)
        ways[name] = {"pillow": lambda a=(name, path, width, height, kind): work(*a)}
    peer_lines.serve({"peer": "Pillow " + PIL.__version__}, ways)
