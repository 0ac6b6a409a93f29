"""Loads a model folder that fmkit saved with transformers, saves it again and compares every tensor bit for bit.

    python roundtrip.py FOLDER [--reference FOLDER]

Needs torch 2.15, transformers 5.24, safetensors; sentence-transformers 6.2 for a folder with modules.json. It fails, with exit code 1 and a line for
each fault on standard error, when

  - the class that config.json names under architectures does not load, or reports a missing, unexpected or mismatched key;
  - the file that transformers saves differs from the folder's in a name, a type, a shape or a bit;
  - with --reference, the model of that folder, the one that fmkit had imported, has another tensor or another output in any bit.

The last line of standard output is one JSON object for the Go side to compare with: a fixed input (input_ids, lengths, token_type_ids where the
family has them), the outputs by the names of families.py, computed in float64 and rounded to float32, and for a folder with modules.json its embeddings of
SENTENCES. "changed" and "dropped" tell what transformers' own config.json says differently, for information.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import families  # first: it takes this folder off the path, see there

import torch
import transformers
from safetensors import safe_open

SENTENCES = ["A first sentence.", "The second one, which is somewhat longer than the first!", "", "naïve café"]
AUTO = {"Model": "AutoModel", "ForMaskedLM": "AutoModelForMaskedLM", "ForSequenceClassification": "AutoModelForSequenceClassification",
        "ForQuestionAnswering": "AutoModelForQuestionAnswering", "ForTokenClassification": "AutoModelForTokenClassification",
        "ForPreTraining": "AutoModelForPreTraining"}


def load(folder, faults, **kw):
    """The model of the class that config.json names, which the matching automatic class must choose."""
    names = json.loads((folder / "config.json").read_text()).get("architectures") or []
    if len(names) != 1:
        raise SystemExit(f"{folder}: architectures {names}, want one")
    suffix = next((s for s in sorted(AUTO, key=len, reverse=True) if names[0].endswith(s)), None)
    if suffix is None:
        raise SystemExit(f"{folder}: architecture {names[0]} is none of {list(AUTO)}")
    m, info = getattr(transformers, AUTO[suffix]).from_pretrained(folder, output_loading_info=True, attn_implementation="sdpa", **kw)
    if type(m).__name__ != names[0]:
        faults.append(f"{folder}: loaded a {type(m).__name__}, config.json says {names[0]}")
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        faults += [f"{folder}: {kind[:-5]} key {k}" for k in sorted(info[kind], key=str)]
    return m.eval()


def tensors(file):
    with safe_open(file, "pt") as f:
        return {k: f.get_tensor(k) for k in f.keys()}


def bare(tensors, m):
    """The tensors of an encoder without a head by their names in it: a file may name them as a class with a head does, and transformers loads both."""
    if not type(m).__name__.endswith("Model"):
        return tensors
    return {k.removeprefix(m.base_model_prefix + "."): x for k, x in tensors.items()}


def compare(ours, theirs, what, faults):
    """Names, types, shapes and bits of two sets of tensors."""
    for k in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(k), theirs.get(k)
        if a is None or b is None:
            faults.append(f"{what}: {k} is only in {'ours' if b is None else 'theirs'}")
        elif a.dtype != b.dtype or a.shape != b.shape:
            faults.append(f"{what}: {k} is {a.dtype} {list(a.shape)} in ours, {b.dtype} {list(b.shape)} in theirs")
        else:
            bits = [x.contiguous().flatten().view(torch.uint8) for x in (a, b)]
            if not torch.equal(*bits):
                faults.append(f"{what}: {k} differs, by at most {(a.double() - b.double()).abs().max().item():g}")


def fixed(config):
    """Two rows, the second one padded; ids spread over the vocabulary and never the padding id."""
    lengths, T = [12, 7], 12
    pad = config.pad_token_id if config.pad_token_id is not None else 0
    rows = [[(5 + 7 * t + 31 * b * (t + 1)) % config.vocab_size for t in range(T)] for b in range(2)]
    rows = [[(i + 1) % config.vocab_size if i == pad else i for i in row] for row in rows]
    mask = torch.arange(T)[None] < torch.tensor(lengths)[:, None]
    x = dict(input_ids=torch.tensor(rows).where(mask, torch.tensor(pad)), attention_mask=mask.long())
    types = getattr(config, "type_vocab_size", 0)
    if types:
        x["token_type_ids"] = ((torch.arange(T)[None] >= 5) & mask & (types > 1)).long()
    return x, lengths


def sentence_transformer(folder, faults):
    from sentence_transformers import SentenceTransformer
    m = SentenceTransformer(str(folder), device="cpu")
    with tempfile.TemporaryDirectory() as tmp:
        m.save(tmp)
        compare(tensors(folder / "model.safetensors"), tensors(pathlib.Path(tmp) / "model.safetensors"), "sentence-transformers", faults)
    return m.float().encode(SENTENCES, batch_size=1).tolist()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("--reference", type=pathlib.Path)
    args = p.parse_args()
    faults = []
    m = load(args.folder, faults, dtype="auto")
    with tempfile.TemporaryDirectory() as tmp:
        m.save_pretrained(tmp)
        compare(bare(tensors(args.folder / "model.safetensors"), m), tensors(pathlib.Path(tmp) / "model.safetensors"), "saved again", faults)
        config, again = (json.loads((pathlib.Path(f) / "config.json").read_text()) for f in (args.folder, tmp))
    x, lengths = fixed(m.config)
    out = families.outputs(m.double(), x)
    if args.reference:
        r = load(args.reference, [], dtype="float32")  # float16 widened is the same model
        compare(load(args.folder, [], dtype="float32").state_dict(), r.state_dict(), "reference", faults)
        compare(out, families.outputs(r.double(), x), "reference's output", faults)
    report = dict(architecture=type(m).__name__, transformers=transformers.__version__, lengths=lengths)
    report |= {k: v.tolist() for k, v in x.items() if k != "attention_mask"}
    report["outputs"] = {k: v.float().tolist() for k, v in out.items()}
    if (args.folder / "modules.json").exists():
        report |= dict(sentences=SENTENCES, embeddings=sentence_transformer(args.folder, faults))
    report["changed"] = {k: [v, again[k]] for k, v in config.items() if k in again and again[k] != v and k != "transformers_version"}
    report["dropped"] = sorted(config.keys() - again.keys())
    report["ok"] = not faults
    for fault in faults:
        print(fault, file=sys.stderr)
    print(json.dumps(report))
    return 1 if faults else 0


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    sys.exit(main())
