"""Encoding with the Hugging Face tokenizers library, for `fm bench tokenizer`, on one thread.

    peer_tokenizer.py TOKENIZER.json LINES.txt
"""
import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers

import peer_lines

if __name__ == "__main__":
    tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(sys.argv[2], encoding="utf-8", newline="\n") as f:
        lines = f.read().split("\n")
    if lines[-1] == "":
        lines.pop()

    def singly():
        for line in lines:
            tokenizer.encode(line, add_special_tokens=False)

    def batch():
        tokenizer.encode_batch(lines, add_special_tokens=False)

    def fast_batch():
        tokenizer.encode_batch_fast(lines, add_special_tokens=False)

    ways = {"encode": lambda: singly, "encode_batch": lambda: batch}
    if hasattr(tokenizer, "encode_batch_fast"):
        ways["encode_batch_fast"] = lambda: fast_batch
    ids = sum(len(e.ids) for e in tokenizer.encode_batch(lines, add_special_tokens=False))
    peer_lines.serve({"peer": "tokenizers " + tokenizers.__version__, "ids": ids}, {"encode": ways})
