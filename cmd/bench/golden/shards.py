"""Golden weight files for shared/checkpoint: one small random BERT, saved whole and in shards by transformers.

    python shards.py ../../../shared/checkpoint/testdata/shards [HIDDEN LAYERS SHARD_SIZE]

For each of F32, F16 and BF16 the folder gets <type>/whole/model.safetensors and <type>/shards with the index and its shards.
"""

import pathlib
import shutil
import sys

import torch
from transformers import BertConfig, BertModel

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def main(out, hidden=8, layers=1, shard_size="1KB"):
    torch.manual_seed(30)
    c = BertConfig(
        vocab_size=2 * hidden, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=2 * hidden,
        max_position_embeddings=hidden,
    )
    model = BertModel(c)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_()  # biases and norms too, so that no two tensors are alike
    for name, dtype in TYPES.items():
        m = BertModel(c)
        m.load_state_dict(model.state_dict())
        m.to(dtype)
        for kind, size in ("whole", "50GB"), ("shards", shard_size):
            folder = pathlib.Path(out, name, kind)
            shutil.rmtree(folder, ignore_errors=True)
            m.save_pretrained(folder, max_shard_size=size)
            (folder / "config.json").unlink()


if __name__ == "__main__":
    out, *rest = sys.argv[1:]
    main(out, *(int(a) for a in rest[:2]), *rest[2:])
