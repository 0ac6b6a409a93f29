"""Golden values for the import of Hugging Face checkpoints: small random models of five families and what transformers computes with them.

    python families.py ../../../text/testdata/families [case ...]    # all cases, or those named
    python families.py --names ../../../text/testdata/families       # prints every tensor of every case

Needs torch 2.15, transformers 5.24, safetensors. A case is a folder:

    config.json, model.safetensors    as save_pretrained writes them, or rewritten to an older form that the hub still has
    golden.safetensors                all float32: input_ids [B,T], lengths [B], token_type_ids [B,T] where the family has them,
                                      last_hidden_state [B,T,D], pooler_output [B,D] where the model has a pooler, and the head's output:
                                      logits [B,L], [B,T,L], [B,T,V] or [B,T] (replaced-token detection), start_logits and
                                      end_logits [B,T], seq_relationship_logits [B,2]

cases.json beside the folders lists them with their class and what is special. Rows are padded on the right; what belongs to padding is zero.

The models run in float64 and the results are rounded once, so the same bytes come out of every run; the script also runs each model in float32
and checks that it agrees, and that the folder, read again by from_pretrained, gives the same bits. Weights are drawn by case and
tensor name, so a new case changes no other.
"""

import json
import pathlib
import shutil
import sys
import zlib


import torch
import transformers
from safetensors.torch import load_file, save_file

LENGTHS = [24, 17, 5]
LONG = [32, 21, 5]  # past the local window of ModernBERT on both sides
VOCAB = 48
LABELS = ["negative", "neutral", "positive"]
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
CLOSE = 2e-5  # float32 against float64, relative to the largest value

BERT = dict(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20, max_position_embeddings=32,
            type_vocab_size=2, pad_token_id=0)
ROBERTA = dict(BERT, max_position_embeddings=26, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)
DISTILBERT = dict(vocab_size=VOCAB, dim=16, n_layers=2, n_heads=2, hidden_dim=20, max_position_embeddings=32, pad_token_id=0)
ELECTRA = dict(BERT, embedding_size=8)
MODERNBERT = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=20, num_hidden_layers=4, num_attention_heads=2, max_position_embeddings=64,
                  local_attention=8, pad_token_id=3, bos_token_id=1, cls_token_id=1, eos_token_id=2, sep_token_id=2, rope_parameters=dict(
                      full_attention=dict(rope_type="default", rope_theta=5000.0), sliding_attention=dict(rope_type="default", rope_theta=100.0)))
FAMILIES = {"bert": ("Bert", BERT), "roberta": ("Roberta", ROBERTA), "distilbert": ("DistilBert", DISTILBERT), "electra": ("Electra", ELECTRA),
            "modernbert": ("ModernBert", MODERNBERT)}
HEADS = {"base": "Model", "masked-lm": "ForMaskedLM", "question-answering": "ForQuestionAnswering",
         "sequence-classification": "ForSequenceClassification", "token-classification": "ForTokenClassification", "pre-training": "ForPreTraining"}


# Older forms. Each takes the tensors by name and the config as saved, and returns both as a file of the hub has them.


def bert_hub(tensors, config):
    """bert-base-uncased: TensorFlow's names of the norms, the tied decoder written out, the pooler and the next-sentence head kept."""
    gen = torch.Generator().manual_seed(1)
    tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].clone()
    for name, shape in {"bert.pooler.dense.weight": (16, 16), "bert.pooler.dense.bias": (16,), "cls.seq_relationship.weight": (2, 16),
                        "cls.seq_relationship.bias": (2,)}.items():
        tensors[name] = torch.randn(shape, generator=gen)
    old = lambda n: n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    keep = "architectures attention_probs_dropout_prob hidden_act hidden_dropout_prob hidden_size initializer_range intermediate_size".split()
    keep += "layer_norm_eps max_position_embeddings model_type num_attention_heads num_hidden_layers pad_token_id type_vocab_size vocab_size".split()
    config = {k: config[k] for k in keep}
    config |= dict(gradient_checkpointing=False, position_embedding_type="absolute", transformers_version="4.6.0.dev0", use_cache=True)
    return {old(n): v for n, v in tensors.items()}, config


def position_ids(tensors, config):
    return tensors | {"embeddings.position_ids": torch.arange(32)[None]}, config | dict(transformers_version="4.8.2")


def roberta_hub(tensors, config):
    """roberta-base: the tied decoder and the buffer written out, and a pooler that the head does not use."""
    gen = torch.Generator().manual_seed(2)
    tensors["lm_head.decoder.weight"] = tensors["roberta.embeddings.word_embeddings.weight"].clone()
    tensors["roberta.embeddings.position_ids"] = torch.arange(26)[None]
    tensors["roberta.pooler.dense.weight"] = torch.randn((16, 16), generator=gen)
    tensors["roberta.pooler.dense.bias"] = torch.randn((16,), generator=gen)
    for k in ("dtype", "tie_word_embeddings", "classifier_dropout", "is_decoder", "add_cross_attention", "use_cache"):
        config.pop(k, None)
    return tensors, config


def distilbert_hub(tensors, config):
    """distilbert-base-uncased: the tied projector written out, tie_weights_."""
    tensors["vocab_projector.weight"] = tensors["distilbert.embeddings.word_embeddings.weight"].clone()
    config.pop("tie_word_embeddings")
    config.pop("dtype")
    return tensors, config | dict(tie_weights_=True, transformers_version="4.10.0.dev0")


def electra_hub(tensors, config):
    """google/electra-small-generator: the tied head written out, the buffer too."""
    tensors["generator_lm_head.weight"] = tensors["electra.embeddings.word_embeddings.weight"].clone()
    tensors["electra.embeddings.position_ids"] = torch.arange(32)[None]
    config.pop("tie_word_embeddings")
    config.pop("dtype")
    return tensors, config | dict(position_embedding_type="absolute")


def modernbert_v4(tensors, config):
    """answerdotai/ModernBERT-base: two thetas and a period instead of rope_parameters and layer_types."""
    for k in ("rope_parameters", "layer_types", "dtype", "is_decoder", "sparse_prediction", "sparse_pred_ignore_index"):
        config.pop(k, None)
    return tensors, config | dict(
        global_attn_every_n_layers=3, global_rope_theta=5000.0, local_rope_theta=100.0, gradient_checkpointing=False, layer_norm_eps=1e-5,
        position_embedding_type="absolute", torch_dtype="float32", transformers_version="4.47.0.dev0")


def case(family, head, note="", rewrite=None, dtype="float32", **config):
    prefix, base = FAMILIES[family]
    return dict(cls=prefix + HEADS[head], note=note, rewrite=rewrite, dtype=dtype, lengths=LONG if family == "modernbert" else LENGTHS, config=base | config)


def few(family):
    """Fewer layers, for the heads and variants that need no more; ModernBERT keeps one layer of each kind."""
    return {"distilbert": dict(n_layers=1), "modernbert": dict(num_hidden_layers=2)}.get(family, dict(num_hidden_layers=1))


def cases():
    out = {}
    for f in FAMILIES:
        for h in HEADS:
            if h != "pre-training" or f in ("bert", "electra"):
                out[f"{f}-{h}"] = case(f, h, **({} if h in ("base", "masked-lm") else few(f)))
    out["bert-gelu-new"] = case("bert", "masked-lm", "hidden_act gelu_new, in the head too", hidden_act="gelu_new", **few("bert"))
    out["bert-relu"] = case("bert", "base", "hidden_act relu, layer_norm_eps 0.1", hidden_act="relu", layer_norm_eps=0.1, **few("bert"))
    out["bert-untied"] = case("bert", "masked-lm", "tie_word_embeddings false: the decoder has a weight and a bias of its own, cls.predictions.bias is not used",
                              tie_word_embeddings=False, **few("bert"))
    out["bert-hub"] = case("bert", "masked-lm", bert_hub.__doc__, bert_hub, **few("bert"))
    out["bert-position-ids"] = case("bert", "base", "files of transformers before 4.31 hold the buffer 0, 1, 2, ... as int64", position_ids, **few("bert"))
    out["bert-float16"] = case("bert", "masked-lm", "weights in F16", dtype="float16")
    out["modernbert-bfloat16"] = case("modernbert", "masked-lm", "weights in BF16", dtype="bfloat16")
    out["roberta-hub"] = case("roberta", "masked-lm", roberta_hub.__doc__ + " hidden_act relu, while the head's is always gelu; layer_norm_eps 0.02",
                              roberta_hub, hidden_act="relu", layer_norm_eps=0.02, **few("roberta"))
    out["distilbert-sinusoidal"] = case("distilbert", "base", "sinusoidal_pos_embds true", sinusoidal_pos_embds=True, **few("distilbert"))
    out["distilbert-relu"] = case("distilbert", "masked-lm", "activation relu, in the head too", activation="relu", **few("distilbert"))
    out["distilbert-hub"] = case("distilbert", "masked-lm", distilbert_hub.__doc__, distilbert_hub, **few("distilbert"))
    out["electra-wide"] = case("electra", "pre-training", "embedding_size is hidden_size: no projection; hidden_act relu, in the head too",
                               embedding_size=16, hidden_act="relu", **few("electra"))
    out["electra-hub"] = case("electra", "masked-lm", electra_hub.__doc__ + " hidden_act relu, while the head's is always gelu; layer_norm_eps 0.02",
                              electra_hub, hidden_act="relu", layer_norm_eps=0.02, **few("electra"))
    out["electra-relu"] = case("electra", "sequence-classification", "hidden_act relu, while the head's is always gelu", hidden_act="relu", **few("electra"))
    out["modernbert-mean"] = case("modernbert", "sequence-classification", "classifier_pooling mean", classifier_pooling="mean", **few("modernbert"))
    out["modernbert-v4"] = case("modernbert", "masked-lm", modernbert_v4.__doc__, modernbert_v4)
    out["modernbert-biases"] = case("modernbert", "masked-lm", "every bias there is, classifier_activation relu, norm_eps 0.02", norm_bias=True,
                                    attention_bias=True, mlp_bias=True, classifier_bias=True, classifier_activation="relu", norm_eps=0.02)
    return out


def build(name, c, attention="eager"):
    """The model of a case with weights drawn by name, float32 values that the case's dtype can hold."""
    cls = getattr(transformers, c["cls"])
    config = dict(c["config"])
    if "SequenceClassification" in c["cls"] or "TokenClassification" in c["cls"]:
        labels = LABELS if "Sequence" in c["cls"] else TAGS
        config |= dict(id2label=dict(enumerate(labels)), label2id={l: i for i, l in enumerate(labels)})
    m = cls(cls.config_class(**config, attn_implementation=attention)).eval()
    for n, p in m.named_parameters():
        if not p.requires_grad or c["config"].get("sinusoidal_pos_embds") and "position_embeddings" in n:
            continue
        gen = torch.Generator().manual_seed(zlib.crc32(f"{name}/{n}".encode()))
        v = 0.3 * torch.randn(p.shape, generator=gen)
        if p.dim() == 1 and n.endswith("weight"):
            v += 1  # a norm
        p.data = v.to(getattr(torch, c["dtype"])).float()
    m.tie_weights()
    return m


def inputs(name, c):
    gen = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    lengths, pad = torch.tensor(c["lengths"]), c["config"]["pad_token_id"]
    mask = torch.arange(lengths.max())[None] < lengths[:, None]
    ids = torch.randint(4, VOCAB, mask.shape, generator=gen)
    x = dict(input_ids=ids.where(mask, torch.tensor(pad)), attention_mask=mask.long())
    if c["config"].get("type_vocab_size"):
        types = torch.arange(mask.shape[1])[None] >= (lengths // 2)[:, None]
        x["token_type_ids"] = (types & mask & (c["config"]["type_vocab_size"] > 1)).long()
    return x


@torch.no_grad()
def outputs(m, x):
    """What the model says, by name; padding is zeroed."""
    o = m(**x, output_hidden_states=True)
    mask = x["attention_mask"].bool()
    T = mask.shape[1]
    base = getattr(m, m.base_model_prefix, m)
    out = {"last_hidden_state": base(**x).last_hidden_state}
    for k in ("pooler_output", "logits", "start_logits", "end_logits", "prediction_logits", "seq_relationship_logits"):
        if o.get(k) is not None:
            out[{"prediction_logits": "logits"}.get(k, k)] = o[k]
    for k, v in out.items():
        if v.dim() > 1 and v.shape[1] == T:
            out[k] = v.masked_fill(~mask.view(mask.shape + (1,) * (v.dim() - 2)), 0)
    return out


def write(root, name, c):
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    m = build(name, c)
    m.to(getattr(torch, c["dtype"])).save_pretrained(folder)
    if c["rewrite"]:
        tensors, config = c["rewrite"](load_file(folder / "model.safetensors"), json.loads((folder / "config.json").read_text()))
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    m = build(name, c)
    x = inputs(name, c)
    single = outputs(m, x)
    cls = getattr(transformers, c["cls"])
    again, info = cls.from_pretrained(folder, dtype="float32", attn_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["mismatched_keys"], (name, info)
    assert c["rewrite"] or not info["unexpected_keys"], (name, info)
    for k, v in outputs(again.eval(), x).items():
        assert torch.equal(v, single[k]), (name, k)
    exact = {k: v.float() for k, v in outputs(build(name, c, "sdpa").double(), x).items()}  # ModernBERT's eager softmax is float32 always
    for k, v in exact.items():
        worst = ((v - single[k]).abs().max() / v.abs().max()).item()
        assert worst < CLOSE, (name, k, worst)
        print(f"{name:34} {k:24} {str(list(v.shape)):14} largest {v.abs().max():7.3f}  float32 off by {worst:.1e}")
    mask = x.pop("attention_mask")
    out = {k: v.float() for k, v in x.items()} | exact | {"lengths": mask.sum(1).float()}
    save_file({k: v.contiguous() for k, v in out.items()}, folder / "golden.safetensors", metadata={
        "golden": json.dumps(dict(architecture=c["cls"], torch=torch.__version__, transformers=transformers.__version__))})


def names(root):
    for folder in sorted(root.iterdir()):
        if folder.is_dir():
            print(folder.name, json.loads((folder / "config.json").read_text())["architectures"])
            for file in ("model", "golden"):
                for n, v in sorted(load_file(folder / f"{file}.safetensors").items()):
                    print(f"    {'golden ' if file == 'golden' else ''}{n} {str(v.dtype)[6:]} {list(v.shape)}")


def main(args):
    if args[0] == "--names":
        return names(pathlib.Path(args[1]))
    root = pathlib.Path(args[0])
    root.mkdir(parents=True, exist_ok=True)
    all_cases = cases()
    for name in args[1:] or all_cases:
        write(root, name, all_cases[name])
    listed = [dict(name=n, architecture=c["cls"], dtype=c["dtype"], note=c["note"]) for n, c in all_cases.items()]
    (root / "cases.json").write_text(json.dumps(listed, indent=1) + "\n")


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    main(sys.argv[1:])
