"""A BERT folder for the peers that read one, in transformers' form and in that of peer_model, with the same weights."""
import os

import numpy as np
import torch
from transformers import AutoModel
from transformers.utils import logging

from peer_model import Encoder

logging.set_verbosity_error()


def load(base):
    """transformers' model of the folder, without a pooler."""
    return AutoModel.from_pretrained(base, attn_implementation="sdpa", dtype=torch.float32, add_pooling_layer=False).eval()


def plain(bert):
    """The same model as peer_model.Encoder, or None where that can't be it."""
    c = bert.config
    if c.hidden_act != "gelu" or c.is_decoder:
        return None
    e = bert.embeddings
    to = Encoder(c.vocab_size, c.hidden_size, c.num_attention_heads, c.intermediate_size, c.num_hidden_layers, c.max_position_embeddings, c.layer_norm_eps)
    copies = [(to.embedding.word, e.word_embeddings), (to.embedding.position, e.position_embeddings)]
    copies += [(to.embedding.kind, e.token_type_embeddings), (to.embedding.norm, e.LayerNorm)]
    for t, f in zip(to.layers, bert.encoder.layer):
        copies += [(t.out, f.attention.output.dense), (t.norm1, f.attention.output.LayerNorm)]
        copies += [(t.up, f.intermediate.dense), (t.down, f.output.dense), (t.norm2, f.output.LayerNorm)]
        a = f.attention.self
        with torch.no_grad():
            t.qkv.weight.copy_(torch.cat([a.query.weight, a.key.weight, a.value.weight]))
            t.qkv.bias.copy_(torch.cat([a.query.bias, a.key.bias, a.value.bias]))
    for t, f in copies:
        t.load_state_dict(f.state_dict())
    return to.eval()


def tokens(folder, name, b, t):
    """The ids [B, T] of the shape, as the other side wrote them."""
    return np.fromfile(os.path.join(folder, name + ".ids"), "<i4").astype(np.int64).reshape(b, t)
