"""Inspections of pictures with Pillow and ONNX Runtime, for `fm bench inspect`, in float32 on the CPU.

    peer_inspect.py THREADS DIR NAME=FOLDER...

DIR holds the other side's model (base) and its fitted inspector (adapter); every FOLDER has picture files, item i being the i-th by name. The files are in memory
before any is inspected. The result of an item is its map [H, W], its score, and 1 for a defect or else 0.

Pillow decodes and resizes. (Its draft mode, which has libjpeg decode to a smaller size, gives other pixels: scores then differ, so it isn't the same work.) What
doesn't depend on the picture is computed at the start: see peer_inspectgraph.py. The session's dimensions are fixed, its optimisation is at the highest
level, its input and outputs are bound to arrays. Each form of attention is tried, with what follows the encoder in the graph and in numpy.
"""
import gc
import io
import os
import sys

import numpy as np
import onnxruntime as ort
import PIL
from PIL import Image

import peer_inspectgraph
import peer_lines


class Bound:
    """A session whose input and outputs are arrays that stay. The outputs are memory, as far as it is given."""

    def __init__(self, model, threads, memory):
        o = ort.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
        o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        o.log_severity_level = 3
        self.session = ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        x = self.session.get_inputs()[0]
        self.x, self.y = np.zeros(x.shape, np.uint8), list(memory)
        self.binding.bind_input(x.name, "cpu", 0, np.uint8, x.shape, self.x.ctypes.data)
        for i, out in enumerate(self.session.get_outputs()):
            if i == len(self.y):
                self.y.append(np.zeros(out.shape, np.float32))
            self.binding.bind_output(out.name, "cpu", 0, np.float32, out.shape, self.y[i].ctypes.data)

    def run(self, picture):
        np.copyto(self.x, picture)
        self.session.run_with_iobinding(self.binding)
        return self.y


def inspections(inspector, form, in_graph, threads, files):
    size, kind = (inspector.side, inspector.side), inspector.filter
    result = np.zeros(inspector.side**2 + 2, np.float32)
    values = result[:-2].reshape(size)
    bound = Bound(inspector.graph(form, in_graph), threads, [values] if in_graph else [])
    gc.collect()
    gc.freeze()

    def work(item=0):
        m = Image.open(io.BytesIO(files[item]))
        if m.mode != "RGB":
            m = m.convert("RGB")
        if m.size != size:
            m = m.resize(size, kind)
        y = bound.run(np.asarray(m))
        score = y[1].item() if in_graph else inspector.verdict(y[0], values)
        result[-2], result[-1] = score, score > inspector.threshold
        return result

    return work


def main(threads, folder, cases):
    inspector = peer_inspectgraph.Inspector(os.path.join(folder, "base"), os.path.join(folder, "adapter"))
    ways = {}
    for case in cases:
        name, pictures = case.split("=", 1)
        files = []
        for file in sorted(os.listdir(pictures)):
            with open(os.path.join(pictures, file), "rb") as f:
                files.append(f.read())
        ways[name] = {
            f"{form}, the rest in {'the graph' if in_graph else 'numpy'}": lambda a=(inspector, form, in_graph, threads, files): inspections(*a)
            for form in peer_inspectgraph.FORMS
            for in_graph in (True, False)
        }
    peer_lines.serve({"peer": f"onnxruntime {ort.__version__}, Pillow {PIL.__version__}, numpy {np.__version__}"}, ways)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
