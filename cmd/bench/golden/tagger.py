"""A small random BertForTokenClassification, and what transformers' token-classification pipeline answers with it.

    python tagger.py adapters/tagger/testdata/bert 5

Needs transformers 5, torch.
"""

import json
import os
import shutil
import sys

import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast, pipeline

out = sys.argv[1]
shutil.rmtree(out, ignore_errors=True)
os.makedirs(out)
words = "anna lives in new york with her cat ##s and works at the post office . , ' - ! ? 3 un ##known ##ness carl zurich muller".split()
vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words
for c in "abcdefghijklmnopqrstuvwxyz0123456789$":
    vocab += [c, "##" + c]
vocab = list(dict.fromkeys(vocab))
tokenizer = BertTokenizerFast(vocab={w: i for i, w in enumerate(vocab)}, do_lower_case=True, model_max_length=48)
labels = ["B-LOC", "B-PER", "I-LOC", "I-PER", "O"]
config = BertConfig(
    vocab_size=len(vocab), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=48,
    id2label=dict(enumerate(labels)), label2id={l: i for i, l in enumerate(labels)},
)
torch.manual_seed(int(sys.argv[2]))
model = BertForTokenClassification(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if p.dim() == 2:
            p.normal_(0, 1.0 if "classifier" in name or "embeddings" in name else 0.3)
model.save_pretrained(out)
tokenizer.save_pretrained(out)
for name in os.listdir(out):
    if name not in ("config.json", "model.safetensors", "tokenizer.json"):
        os.remove(os.path.join(out, name))
texts = [
    "Anna lives in New York.",
    "Carl Müller, the cats' unknownness - and the Post-Office!",
    "Anna works at 3 Zürich  post offices\twith her cat ...",
    "the \u4e2d\u56fd cat and \U0001f408 anna",
    "O'Brien's cat lives at $35 New York street",
    "x",
    "anna carl anna carl new york zurich new york",
]
p = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="first", device="cpu")
cases = []
for t in texts:
    answers = [{**e, "score": float(e["score"]), "start": int(e["start"]), "end": int(e["end"])} for e in p(t)]
    cases.append({"text": t, "answers": answers})
os.chmod(os.path.join(out, "model.safetensors"), 0o644)
with open(os.path.join(out, "golden.json"), "w") as f:
    json.dump(cases, f, indent=1, ensure_ascii=False)
    f.write("\n")
