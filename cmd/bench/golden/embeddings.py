"""Golden embeddings of a real sentence-transformers folder over many sentences, for a test that is given the folder and not committed.

    python embeddings.py sentences DATA > sentences.txt     # 1,000 lines from the real data sets, always the same
    python embeddings.py encode MODEL sentences.txt OUT     # any text file, one sentence a line

Needs torch 2.15, transformers 5.24, sentence-transformers 6.2, safetensors. DATA is the folder of FMKIT_DATA. OUT gets

    ids.jsonl            a line for each sentence: {"text": ..., "ids": [...]}, the ids with special tokens, cut at the model's own length
    golden.safetensors   all float32, N sentences, D values, R the sum of all lengths:
        lengths [N]                 tokens of each sentence
        last_hidden_state [R,D]     the encoder's output, the rows of one sentence after those of the one before
        sentence_embeddings [N,D]   pooled and normalised as modules.json says
        sentence_transformers [N,D] what SentenceTransformer.encode gives in float32, with its own batches of 32
    golden.json          the model's digest, versions, the longest length, how many sentences were cut, and how far float32 is from the rest

last_hidden_state and sentence_embeddings run one sentence at a time in float64 and are rounded once; the distance of sentence_transformers
from sentence_embeddings in golden.json is thus what float32 costs the reference, and a bar below it asks for more than it keeps.
"""

import csv
import hashlib
import json
import pathlib
import sys


import numpy as np
import torch
import transformers
from safetensors.torch import save_file


def spread(lines, n):
    """n of the lines, evenly spread."""
    lines = [" ".join(l.split()) for l in lines]
    lines = [l for l in lines if l]
    return [lines[i * len(lines) // n] for i in range(n)]


def sentences(data):
    """Requests, questions, sentences and abstracts of papers, lines of books, and passages past every length that models cut at."""
    with open(data / "cls-banking77/train.csv", encoding="utf-8", newline="") as f:
        yield from spread([r["text"] for r in csv.DictReader(f)], 200)
    clinc = json.loads((data / "cls-clinc150/data_full.train-val.json").read_text(encoding="utf-8"))
    yield from spread([text for text, _ in clinc["train"]], 200)
    snips = []
    for path in sorted((data / "slots-snips").glob("*.json")):
        for rows in json.loads(path.read_text(encoding="utf-8", errors="replace")).values():
            snips += ["".join(part["text"] for part in r["data"]) for r in rows]
    yield from spread(snips, 150)
    papers = [json.loads(l)["source"] for l in open(data / "sum-scitldr/train.jsonl", encoding="utf-8")]
    yield from spread([s for p in papers for s in p], 200)
    yield from spread([" ".join(p) for p in papers], 50)
    books = sorted((data / "text").glob("*.txt"))
    lines = [p.read_text(encoding="utf-8").split("\n") for p in books]
    yield from (s for l in lines for s in spread(l, 150 // len(books)))
    whole = [l for l in lines[[p.name for p in books].index("standardebooks-gibbon-decline-and-fall.txt")] if l.strip()]
    yield from spread([" ".join(whole[i : i + 3]) for i in range(0, len(whole) - 3, 3)], 50)


@torch.no_grad()
def encode(folder, file, out):
    from sentence_transformers import SentenceTransformer, __version__
    m = SentenceTransformer(str(folder), device="cpu").eval().float()
    texts = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    peer = torch.from_numpy(m.encode(texts, batch_size=32, convert_to_numpy=True))
    m.double()
    ids, hidden, pooled = [], [], []
    for text in texts:
        x = m.preprocess([text])
        y = m(x)
        ids.append(x["input_ids"][0].tolist())
        hidden.append(y["token_embeddings"][0].float())
        pooled.append(y["sentence_embedding"][0].float())
    pooled = torch.stack(pooled)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "ids.jsonl", "w", encoding="utf-8") as f:
        for text, row in zip(texts, ids):
            f.write(json.dumps({"text": text, "ids": row}, ensure_ascii=False) + "\n")
    save_file({"lengths": torch.tensor([float(len(i)) for i in ids]), "last_hidden_state": torch.cat(hidden), "sentence_embeddings": pooled,
               "sentence_transformers": peer}, out / "golden.safetensors")
    cosine = torch.nn.functional.cosine_similarity(peer.double(), pooled.double())
    report = {
        "model": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "modules": [type(x).__name__ for x in m], "max_seq_length": m.max_seq_length, "sentences": len(texts), "tokens": sum(map(len, ids)),
        "cut": sum(len(m.tokenizer(t, truncation=False)["input_ids"]) > len(i) for t, i in zip(texts, ids)),
        "lengths": np.percentile([len(i) for i in ids], [0, 50, 90, 100]).tolist(),
        "float32_off": {"largest": (peer - pooled).abs().max().item(), "cosine": 1 - cosine.min().item()},
        "torch": torch.__version__, "transformers": transformers.__version__, "sentence_transformers": __version__,
    }
    (out / "golden.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


def main(args):
    if args[0] == "sentences":
        lines = list(sentences(pathlib.Path(args[1])))
        assert len(lines) == 1000, len(lines)
        sys.stdout.reconfigure(encoding="utf-8")
        print("\n".join(lines))
    else:
        encode(*map(pathlib.Path, args[1:4]))


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    main(sys.argv[1:])
