"""An inspector's folders as an ONNX graph with fixed dimensions, for peer_inspect.py.

The graph goes from the levels of a picture [S, S, 3] to the whitened vectors [N, D] of its patches, or on to score and map. All that doesn't depend on the picture is
folded before: the processor's scale and shift into the projection of patches, the states of an empty window and whitening's mean into one shift, the
upsampling and the blur of the map into a matrix on each side, and the nearest vectors of every vector of the bank into a table.
"""
import json
import os

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors.numpy import load_file

FORMS = ("Attention", "MultiHeadAttention", "attention written out")
MS = "com.microsoft"


def read(*path):
    with open(os.path.join(*path)) as f:
        return json.load(f)


class Graph:
    """Nodes and constants, by names that count up."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, x, dtype=np.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(x, dtype), name))
        return name

    def shape(self, *x):
        return self.constant(x, np.int64)

    def op(self, kind, *inputs, outputs=1, domain="", **attributes):
        """With several outputs, those that are empty strings aren't wanted."""
        wanted = [f"n{len(self.nodes)}"] if outputs == 1 else [name and f"n{len(self.nodes)}{name}" for name in outputs]
        self.nodes.append(helper.make_node(kind, inputs, wanted, domain=domain, **attributes))
        return wanted[0] if outputs == 1 else [name for name in wanted if name]

    def model(self, inputs, outputs):
        graph = helper.make_graph(self.nodes, "inspector", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MS, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


class Inspector:
    def __init__(self, base, adapter):
        self.config, self.settings = c, s = read(base, "config.json"), read(adapter, "fmkit.json")["settings"]
        p = read(base, "preprocessor_config.json")
        self.w = load_file(os.path.join(base, "model.safetensors"))
        a = {name.removeprefix("base_model.model."): x for name, x in load_file(os.path.join(adapter, "adapter_model.safetensors")).items()}
        self.side, self.layers, self.filter = c["image_size"], s["view"]["layers"], Image.Resampling(p["resample"])
        self.grid = self.side // c["patch_size"]
        if not (s["width"] == s["height"] == self.side and s["view"]["cell"] == s["neighbourhood"] == 1 and s["whiten"] > 0 and s["whole"]):
            raise ValueError(f"inspector: got settings {s}, want one window, vectors of single patches, whitened, and pictures judged on the whole")
        if c["hidden_act"] != "gelu" or c["num_channels"] != 3 or s["view"]["standardize"]:
            raise ValueError("model: want GELU and RGB pictures that aren't standardized")
        self.scale = (p["rescale_factor"] / np.array(p["image_std"])).astype(np.float64)
        self.shift = -np.array(p["image_mean"]) / np.array(p["image_std"])
        self.bank, self.threshold = a["memory_bank"], float(a["thresholds"][0])
        self.whiten = a["whitening.matrix"].T
        self.whole_mean, self.whole_scale, self.standards = a["whole.mean"], a["whole.scale"], a["standards"]
        self.half = (-0.5 * np.square(self.bank.astype(np.float64)).sum(1)).astype(np.float32)
        self.bank_t = np.ascontiguousarray(self.bank.T)
        self.table = self.nearest(min(s["neighbours"], len(self.bank)))
        self.up = upsampling(self.grid, self.side, s["blur"])
        self.offset = self.shifted(a["whitening.mean"])

    def nearest(self, k):
        """Of every vector of the bank the k nearest ones, itself first. None for fewer than 2: then nothing is weighed."""
        if k < 2:
            return None
        near = self.bank @ self.bank_t + self.half
        np.fill_diagonal(near, np.inf)
        return np.argsort(-near, 1, kind="stable")[:, :k]

    def shifted(self, mean):
        """What whitening adds to the product of its matrix and the states: [N, D]."""
        import onnxruntime as ort

        shift, self.offset = self.shift, np.float32(0)
        self.shift = np.zeros(3)  # an empty window is 0 after the processor, whatever level that would be
        states = ort.InferenceSession(self.graph(FORMS[2], False), providers=["CPUExecutionProvider"]).run(None, {"picture": np.zeros((self.side, self.side, 3), np.uint8)})[0]
        self.shift = shift
        return -(states.astype(np.float64) + mean.astype(np.float64) @ self.whiten).astype(np.float32)

    def graph(self, form, whole):
        """With whole the outputs are map and score, else the whitened vectors."""
        g = Graph()
        c = self.config
        d, heads, t, n = c["hidden_size"], c["num_attention_heads"], 1 + self.grid**2, self.grid**2
        x, add, states = self.embed(g, "picture"), None, {}
        for layer in range(max(self.layers)):
            states[layer], x, add = Block(g, self.w, layer, form, heads, c["layer_norm_eps"])(x, add)
        states[max(self.layers)] = g.op("Add", g.op("Add", *add), x) if add else x
        states = [states[layer] for layer in self.layers]
        x = g.op("Concat", *states, axis=2) if len(states) > 1 else states[0]
        x = g.op("Reshape", g.op("Slice", x, g.shape(1), g.shape(t), g.shape(1)), g.shape(n, len(states) * d))
        y = g.op("Add", g.op("MatMul", x, g.constant(self.whiten)), g.constant(np.broadcast_to(self.offset, (n, len(states) * d))))
        shapes = {"vectors": (n, len(states) * d)}
        if whole:
            shapes = {"map": (self.side, self.side), "score": (1,)}
            outputs = self.rest(g, y)
        else:
            outputs = [y]
        for name, value in zip(shapes, outputs):
            g.nodes.append(helper.make_node("Identity", [value], [name]))
        return g.model(
            [helper.make_tensor_value_info("picture", TensorProto.UINT8, (self.side, self.side, 3))],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        )

    def embed(self, g, picture):  # [S, S, 3] -> [1, T, D]
        c, k, p, name = self.config, self.grid, self.config["patch_size"], "vit.embeddings."
        w = self.w[name + "patch_embeddings.projection.weight"].astype(np.float64).transpose(2, 3, 1, 0)  # [P, P, C, D]
        position = self.w[name + "position_embeddings"][0].astype(np.float64)
        bias = self.w[name + "patch_embeddings.projection.bias"] + np.einsum("ijcd,c->d", w, self.shift)
        w = (w * self.scale[:, None]).reshape(-1, c["hidden_size"])
        x = g.op("Transpose", g.op("Reshape", picture, g.shape(k, p, k, p, 3)), perm=[0, 2, 1, 3, 4])
        x = g.op("Cast", g.op("Reshape", x, g.shape(k * k, p * p * 3)), to=TensorProto.FLOAT)
        x = g.op("Add", g.op("MatMul", x, g.constant(w)), g.constant(position[1:] + bias))
        x = g.op("Concat", g.constant(self.w[name + "cls_token"][0] + position[:1]), x, axis=0)
        return g.op("Reshape", x, g.shape(1, 1 + k * k, c["hidden_size"]))

    def rest(self, g, x):
        """Map [H, W] and score [1] of whitened vectors x [N, D]."""
        n, d = self.grid**2, self.bank.shape[1]
        one, squares = g.shape(1), g.op("Mul", x, x)
        near = g.op("Gemm", x, g.constant(self.bank_t), g.constant(self.half))
        most = g.op("ReduceMax", near, axes=[1], keepdims=1)
        apart = g.op("Sub", g.op("ReduceSum", squares, one, keepdims=1), g.op("Add", most, most))
        distance = g.op("Sqrt", g.op("Max", apart, g.constant([0])))  # [N, 1]
        values = g.op("MatMul", g.constant(self.up), g.op("Reshape", distance, g.shape(self.grid, self.grid)))
        values = g.op("MatMul", values, g.constant(self.up.T))

        worst = g.op("ArgMax", g.op("Reshape", distance, g.shape(n)), axis=0, keepdims=1)
        patch = g.op("Reshape", g.op("Gather", distance, worst, axis=0), one)
        if self.table is not None:
            at = g.op("Reshape", g.op("ArgMax", g.op("Gather", near, worst, axis=0), axis=1, keepdims=0), one)
            rows = g.op("Reshape", g.op("Gather", g.constant(self.table, np.int64), at, axis=0), g.shape(self.table.shape[1]))
            off = g.op("Sub", g.op("Gather", g.constant(self.bank), rows, axis=0), g.op("Gather", x, worst, axis=0))
            chances = g.op("Softmax", g.op("Sqrt", g.op("ReduceSum", g.op("Mul", off, off), one, keepdims=0)), axis=0)
            patch = g.op("Mul", patch, g.op("Sub", g.constant([1]), g.op("Slice", chances, g.shape(0), one)))

        zero = g.shape(0)
        means = g.op("ReduceMean", x, axes=[0], keepdims=0)
        squares = g.op("Log", g.op("Add", g.op("ReduceMean", squares, axes=[0], keepdims=0), g.constant([1e-6])))
        off = g.op("Mul", g.op("Sub", g.op("Concat", means, squares, axis=0), g.constant(self.whole_mean)), g.constant(self.whole_scale))
        whole = g.op("Reshape", g.op("Sqrt", g.op("Div", g.op("ReduceSum", g.op("Mul", off, off), zero, keepdims=1), g.constant([2 * d]))), one)
        both = [
            g.op("Mul", g.op("Sub", v, g.constant(self.standards[i : i + 1])), g.constant(self.standards[i + 2 : i + 3])) for i, v in enumerate((patch, whole))
        ]
        return values, g.op("Max", *both)

    def verdict(self, x, values):
        """The same in numpy: it sets the map and returns the score."""
        near = x @ self.bank_t
        near += self.half
        squares = x * x
        distance = np.sqrt(np.maximum(0, squares.sum(1) - 2 * near.max(1)))
        worst = int(distance.argmax())
        patch = distance[worst]
        if self.table is not None:
            off = self.bank[self.table[near[worst].argmax()]] - x[worst]
            off = np.sqrt(np.einsum("kd,kd->k", off, off))
            patch *= 1 - 1 / np.exp(off - off[0]).sum()
        moments = np.concatenate([x.mean(0), np.log(squares.mean(0) + np.float32(1e-6))])
        off = (moments - self.whole_mean) * self.whole_scale
        whole = np.sqrt(off @ off / len(off))
        np.matmul(self.up @ distance.reshape(self.grid, self.grid), self.up.T, out=values)
        s = self.standards
        return float(max((patch - s[0]) * s[2], (whole - s[1]) * s[3]))


class Block:
    """A pre-norm block. Where a bias and a sum are still to be added to the state before it, add holds (product, bias)."""

    def __init__(self, g, w, layer, form, heads, eps):
        self.g, self.form, self.heads, self.eps = g, form, heads, eps
        self.name, self.w = f"vit.encoder.layer.{layer}.", w

    def linear(self, name):
        return np.ascontiguousarray(self.w[f"{self.name}{name}.weight"].T), self.w[f"{self.name}{name}.bias"]

    def norm(self, x, add, name):
        """The norm of the state, and the state."""
        g, gamma, beta = self.g, self.g.constant(self.w[f"{self.name}{name}.weight"]), self.g.constant(self.w[f"{self.name}{name}.bias"])
        if add is None:
            return g.op("LayerNormalization", x, gamma, beta, axis=-1, epsilon=self.eps), x
        return g.op("SkipLayerNormalization", add[0], x, gamma, beta, add[1], outputs=("normed", "", "", "sum"), domain=MS, epsilon=self.eps)

    def __call__(self, x, add):
        """The state before the block; and that after it, as x and add."""
        g = self.g
        normed, before = self.norm(x, add, "layernorm_before")
        w, bias = self.linear("attention.output.dense")
        normed, x = self.norm(before, (g.op("MatMul", self.attention(normed), g.constant(w)), g.constant(bias)), "layernorm_after")
        w, bias = self.linear("intermediate.dense")
        y = g.op("BiasGelu", g.op("MatMul", normed, g.constant(w)), g.constant(bias), domain=MS)
        w, bias = self.linear("output.dense")
        return before, x, (g.op("MatMul", y, g.constant(w)), g.constant(bias))

    def attention(self, x):  # [1, T, D] -> [1, T, D]
        g = self.g
        (q, bq), (k, bk), (v, bv) = (self.linear("attention.attention." + name) for name in ("query", "key", "value"))
        d = q.shape[0]
        if self.form == "MultiHeadAttention":
            parts = [g.op("MatMul", x, g.constant(w)) for w in (q, k, v)]
            return g.op("MultiHeadAttention", *parts, g.constant(np.concatenate([bq, bk, bv])), domain=MS, num_heads=self.heads)
        root = np.sqrt(d / self.heads)
        if self.form == "Attention":
            w, bias = np.concatenate([q, k, v], 1), np.concatenate([bq, bk, bv])
            return g.op("Attention", x, g.constant(w), g.constant(bias), domain=MS, num_heads=self.heads)
        w, bias = np.concatenate([q / root, k, v], 1), np.concatenate([bq / root, bk, bv])
        y = g.op("Add", g.op("MatMul", x, g.constant(w)), g.constant(bias))
        parts = g.op("Split", y, g.shape(d, d, d), outputs=("q", "k", "v"), axis=2)
        q, k, v = (
            g.op("Transpose", g.op("Reshape", part, g.shape(1, -1, self.heads, d // self.heads)), perm=perm)
            for part, perm in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
        )
        y = g.op("MatMul", g.op("Softmax", g.op("MatMul", q, k), axis=-1), v)
        return g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.shape(1, -1, d))


def upsampling(cells, n, sigma):
    """The matrix [n, cells] that brings a line of cells to n pixels, bilinear, and blurs it by a Gaussian out to four standard deviations, mirrored at the ends."""
    at = np.maximum(0, (2 * np.arange(n) + 1) * cells / (2 * n) - 0.5)
    low = np.minimum(at.astype(int), cells - 1)
    rough, rows = np.zeros((n, cells)), np.arange(n)
    np.add.at(rough, (rows, low), 1 - (at - low))
    np.add.at(rough, (rows, np.minimum(low + 1, cells - 1)), at - low)
    radius = int(4 * sigma + 0.5)
    if radius == 0:
        return rough.astype(np.float32)
    steps = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    weights /= weights.sum()
    blurred = np.zeros_like(rough)
    for step, weight in zip(steps, weights):
        i = (rows + step) % (2 * n)
        blurred += weight * rough[np.minimum(i, 2 * n - 1 - i)]
    return blurred.astype(np.float32)
