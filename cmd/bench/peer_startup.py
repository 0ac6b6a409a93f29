"""One sentence to its vector in a new process, for `fm bench infer`: reads a line, writes its vector as JSON, then its own name.

    peer_startup.py torch BASE "" THREADS
    peer_startup.py onnxruntime BASE MODELS THREADS

torch is sentence-transformers; onnxruntime with tokenizers is the leaner way. Both take the mean over the tokens and scale it to length 1.
"""
import json
import os
import sys


def torch(base, _, threads):
    import sentence_transformers
    import torch
    from sentence_transformers import SentenceTransformer

    try:
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    except ImportError:  # older versions
        from sentence_transformers.models import Pooling, Transformer

    torch.set_num_threads(threads)
    words = Transformer(base)
    width = words.get_embedding_dimension() if hasattr(words, "get_embedding_dimension") else words.get_word_embedding_dimension()
    model = SentenceTransformer(modules=[words, Pooling(width, "mean")], device="cpu")
    name = f"sentence-transformers {sentence_transformers.__version__}, PyTorch {torch.__version__}"
    return lambda line: model.encode([line], normalize_embeddings=True, show_progress_bar=False)[0], name


def onnxruntime(base, models, threads):
    import numpy as np
    import onnxruntime as ort
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(base, "tokenizer.json"))
    tokenizer.no_padding()
    o = ort.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
    o.log_severity_level = 3
    path = os.path.join(models, "fused.onnx")
    if not os.path.exists(path):
        path = os.path.join(models, "model.onnx")
    session = ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])

    def embed(line):
        ids = np.array([tokenizer.encode(line).ids], dtype=np.int64)
        v = session.run(None, {"ids": ids})[0][0].mean(0)
        return v / np.linalg.norm(v)

    return embed, f"onnxruntime {ort.__version__}, tokenizers {tokenizers.__version__}"


if __name__ == "__main__":
    make = {"torch": torch, "onnxruntime": onnxruntime}[sys.argv[1]]
    embed, name = make(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    print(json.dumps([float(v) for v in embed(sys.stdin.readline().rstrip("\n"))]))
    print(json.dumps(name))
