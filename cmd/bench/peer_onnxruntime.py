"""Inference in ONNX Runtime, for `fm bench infer`, in float32 on the CPU.

    peer_onnxruntime.py --threads N --models DIR --base DIR --ids DIR NAME...

DIR of models is what peer_export.py made. Every model there is timed with its dimensions open and fixed to those of NAME, with outputs that are new in each
run and bound to one buffer; the fastest is the peer. Optimisation is at its highest level, and memory comes from the arena.
"""
import argparse
import os
import re

import numpy as np
import onnxruntime as ort

import peer_lines

FILES = {"as exported": "model.onnx", "fused": "fused.onnx", "fused, MultiHeadAttention": "fused-mha.onnx"}


def session(path, threads, fixed):
    o = ort.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    o.enable_cpu_mem_arena, o.enable_mem_pattern = True, True
    o.log_severity_level = 3
    for axis, n in fixed.items():
        o.add_free_dimension_override_by_name(axis, n)
    return ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])


def fresh(s, ids):
    feed = {"ids": ids}
    return lambda: s.run(None, feed)[0]


def bound(s, ids):
    y = s.run(None, {"ids": ids})[0]
    io = s.io_binding()
    x = ort.OrtValue.ortvalue_from_numpy(ids)
    io.bind_ortvalue_input("ids", x)
    io.bind_output("hidden", "cpu", 0, np.float32, y.shape, y.ctypes.data)

    def work(keep=(x, ids)):
        s.run_with_iobinding(io)
        return y

    return work


def main(a):
    def make(file, fixed, bind, name):
        b, t = map(int, re.fullmatch(r"B(\d+) T(\d+)", name).groups())
        ids = np.fromfile(os.path.join(a.ids, name + ".ids"), "<i4").astype(np.int64).reshape(b, t)
        s = session(os.path.join(a.models, file), a.threads, {"batch": b, "sequence": t} if fixed else {})
        return (bound if bind else fresh)(s, ids)

    def ways(name):
        all = {}
        for model, file in FILES.items():
            if os.path.exists(os.path.join(a.models, file)):
                for fixed in (False, True):
                    for bind in (False, True):
                        way = model + (", fixed shape" if fixed else "") + (", IO binding" if bind else "")
                        all[way] = lambda args=(file, fixed, bind, name): make(*args)
        return all

    peer_lines.serve({"peer": "onnxruntime " + ort.__version__}, {name: ways(name) for name in a.names})


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--models", required=True)
    p.add_argument("--base")
    p.add_argument("--ids", required=True)
    p.add_argument("names", nargs="+")
    main(p.parse_args())
