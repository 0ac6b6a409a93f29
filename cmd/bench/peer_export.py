"""Writes a BERT folder as ONNX in float32, for the peers of `fm bench infer` that read it.

    peer_export.py BASE OUT

OUT gets model.onnx, from ids [batch, sequence] to the last layer's vectors, and what onnxruntime's transformer optimizer makes of it: fused.onnx, with
each attention one operator, and fused-mha.onnx, with its projections apart. The answer is one JSON object: for each file the operators that were fused,
or why it isn't there.

The module is BERT as the optimizer's patterns know it: of transformers' own export it fuses no attention.
"""
import json
import math
import os
import sys
import warnings

import torch
import torch.nn as nn

import peer_bert


class Plain(nn.Module):
    """BERT with its attention written out, on rows without padding."""

    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, ids):  # [B, T] -> [B, T, D]
        e = self.bert.embeddings
        positions = torch.arange(ids.shape[1]).unsqueeze(0)
        x = e.LayerNorm(e.word_embeddings(ids) + e.position_embeddings(positions) + e.token_type_embeddings.weight[0])
        for layer in self.bert.encoder.layer:
            x = self.layer(layer, x)
        return x

    def layer(self, l, x):
        h = self.bert.config.num_attention_heads
        k = x.shape[-1] // h

        def heads(linear):  # -> [B, H, T, K]
            y = linear(x)
            return y.view(y.shape[0], y.shape[1], h, k).transpose(1, 2)

        q, key, v = map(heads, (l.attention.self.query, l.attention.self.key, l.attention.self.value))
        a = torch.softmax(q @ key.transpose(-1, -2) / math.sqrt(k), -1) @ v
        o = l.attention.output
        x = o.LayerNorm(o.dense(a.transpose(1, 2).reshape(x.shape)) + x)
        return l.output.LayerNorm(l.output.dense(l.intermediate.intermediate_act_fn(l.intermediate.dense(x))) + x)


def export(bert, path):
    ids = torch.randint(0, bert.config.vocab_size, (2, min(16, bert.config.max_position_embeddings)))
    model = Plain(bert).eval()
    with torch.inference_mode():
        most = (model(ids) - bert(ids, return_dict=False)[0]).abs().max().item()
    if not most < 1e-4:
        sys.exit(f"{path}: the written-out model differs from transformers' by {most}")
    axes = {0: "batch", 1: "sequence"}
    with torch.no_grad():
        torch.onnx.export(
            model, (ids,), path, input_names=["ids"], output_names=["hidden"], dynamic_axes={"ids": axes, "hidden": axes}, opset_version=17, dynamo=False
        )


def fuse(bert, source, path, apart):
    """apart: MultiHeadAttention after three projections instead of Attention over one."""
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    options = FusionOptions("bert")
    options.use_multi_head_attention = apart
    c = bert.config
    model = optimizer.optimize_model(
        source, model_type="bert", num_heads=c.num_attention_heads, hidden_size=c.hidden_size, optimization_options=options, opt_level=0
    )
    model.save_model_to_file(path)
    return {op: n for op, n in model.get_fused_operator_statistics().items() if n}


def main(base, out):
    answer, sys.stdout = sys.stdout, sys.stderr
    warnings.simplefilter("ignore")
    bert = peer_bert.load(base)
    source = os.path.join(out, "model.onnx")
    export(bert, source)
    made = {"model.onnx": {}}
    for name, apart in (("fused.onnx", False), ("fused-mha.onnx", True)):
        path = os.path.join(out, name)
        if os.path.exists(path):
            os.remove(path)
        try:
            made[name] = fuse(bert, source, path, apart)
        except Exception as e:  # the peers do without
            made[name] = {"error": f"{type(e).__name__}: {e}"[:200]}
    print(json.dumps(made), file=answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
