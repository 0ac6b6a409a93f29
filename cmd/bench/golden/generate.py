"""Golden values for text.Generator: transformers' logits processors on random logits, and greedy search by a small random causal model.

    python generate.py ../../../text/testdata/generate

Needs torch 2.15, transformers 5.24, safetensors. The folder holds

    processors.safetensors    for case i, float32: logits/i [V]; scores/i [V] after the processors of transformers' generate in its order,
                              left/i [V]: 1 where they left the token, 0 where the score is -inf; seen/i [N], the ids of the text. The metadata lists the cases with their settings as JSON
    config.json, model.safetensors    a BertLMHeadModel, saved as the BertForMaskedLM that it is but for its mask
    greedy.json               prompts of ids, what greedy search makes of them, and the logarithm of each token's probability

The model is drawn in float64, rounded to float32, and searched by generate() with its cache of keys and values; the script also searches by whole
rows in float64 and checks that both agree, and that no choice is closer than the two arithmetics could be apart.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM, BertLMHeadModel, GenerationConfig

V, BANNED, SEP, POSITIONS = 48, [0, 1, 2, 4], 3, 40
END = 6  # on the logit of [SEP], so that some texts end
MARGIN = 1e-3  # between the two best logits of every choice
CASES = [
    dict(), dict(temperature=0.7), dict(temperature=1.9), dict(top_k=1), dict(top_k=5), dict(top_k=400), dict(top_p=0.1), dict(top_p=0.5),
    dict(top_p=0.95), dict(top_k=20, top_p=0.6), dict(temperature=0.5, top_k=9, top_p=0.8), dict(repetition_penalty=1.3),
    dict(repetition_penalty=0.6), dict(repetition_penalty=2.0, temperature=1.5, top_k=30, top_p=0.9), dict(top_k=7, ties=True), dict(banned=False, top_k=3),
]


def processed(model, logits, seen, case):
    """The scores that sampling draws from, by the processors that generate would make itself."""
    names = "temperature top_k top_p repetition_penalty".split()
    settings = dict(temperature=1.0, top_k=0, top_p=1.0) | {k: case[k] for k in names if k in case}
    config = GenerationConfig(do_sample=True, suppress_tokens=BANNED if case.get("banned", True) else None, **settings)
    chain = model._get_logits_processor(generation_config=config, input_ids_seq_length=len(seen), encoder_input_ids=None, device="cpu")
    return chain(seen[None], logits[None])[0], [type(p).__name__ for p in chain]


def processors(model, path):
    gen = torch.Generator().manual_seed(30)
    out, listed = {}, []
    for i, case in enumerate(CASES):
        n = 200
        logits = 3 * torch.randn(n, generator=gen)
        if case.get("ties"):
            logits = logits.round()
        seen = torch.randint(0, n, (30,), generator=gen)
        scores, chain = processed(model, logits, seen, case)
        left = scores.isfinite()
        out |= {f"logits/{i}": logits, f"scores/{i}": scores.where(left, 0), f"left/{i}": left.float(), f"seen/{i}": seen.float()}
        listed.append(dict(case, chain=chain, banned=BANNED if case.get("banned", True) else []))
        print(case, chain, "left:", int(left.sum()))
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    save_file(out, path, metadata={"golden": json.dumps(dict(versions, cases=listed))})


def build():
    config = BertConfig(
        vocab_size=V, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20, max_position_embeddings=POSITIONS, type_vocab_size=2,
        pad_token_id=0, hidden_dropout_prob=0, attention_probs_dropout_prob=0, is_decoder=True, attn_implementation="eager",
    )
    model = BertLMHeadModel(config).eval()
    gen = torch.Generator().manual_seed(31)
    for n, p in model.named_parameters():
        v = (0.7 if p.dim() > 1 else 0.1) * torch.randn(p.shape, generator=gen)  # large, or every token leads to the same one
        p.data = v + 1 if n.endswith("LayerNorm.weight") else v
    model.cls.predictions.bias.data[SEP] += END
    model.tie_weights()
    return model


@torch.no_grad()
def by_rows(model, row, most):
    """Greedy search that reads the whole row each time."""
    new, probs = [], []
    while len(new) < most:
        logits = model(torch.tensor([row + new])).logits[0, -1]
        open_ = logits.clone()
        open_[BANNED] = float("-inf")
        best = open_.topk(2)
        assert best.values[0] - best.values[1] > MARGIN, best
        new.append(int(best.indices[0]))
        probs.append(float(F.log_softmax(logits, -1)[new[-1]]))
        if new[-1] == SEP:
            break
    return new, probs


@torch.no_grad()
def greedy(model, path):
    gen = torch.Generator().manual_seed(32)
    texts = []
    for n in (1, 2, 3, 5, 9, 17, 30, 35):
        prompt = torch.randint(5, V, (n,), generator=gen).tolist()
        row = [2] + prompt
        config = GenerationConfig(do_sample=False, max_new_tokens=POSITIONS - len(row), eos_token_id=SEP, pad_token_id=0, suppress_tokens=BANNED)
        new = model.generate(torch.tensor([row]), generation_config=config)[0, len(row):].tolist()
        exact, probs = by_rows(model.double(), row, POSITIONS - len(row))
        model.float()
        assert new == exact, (new, exact)
        texts.append(dict(prompt=prompt, new=new, logprobs=probs))
        print(prompt, "->", new)
    versions = dict(torch=torch.__version__, transformers=transformers.__version__)
    path.write_text(json.dumps(dict(versions, texts=texts), indent=1) + "\n")


def main(root):
    root = pathlib.Path(root)
    root.mkdir(parents=True, exist_ok=True)
    model = build()
    processors(model, root / "processors.safetensors")
    greedy(model, root / "greedy.json")
    config = model.config.to_dict() | dict(is_decoder=False)
    masked = BertForMaskedLM(BertConfig(**{k: v for k, v in config.items() if k != "architectures"}))
    masked.load_state_dict(model.state_dict())
    masked.tie_weights()
    masked.save_pretrained(root)
    (root / "generation_config.json").unlink(missing_ok=True)


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    main(sys.argv[1])
