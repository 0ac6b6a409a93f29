"""One training step of a text classifier in PyTorch, with transformers and PEFT, for `fm bench train --method`: fused attention, clipping by foreach, fused AdamW.

    peer_adapt.py THREADS DIR

DIR holds layout.json (method, sizes, texts and labels, all texts of the same length), weights.safetensors (the other side's weights, by transformers' names and
classifier.*), and for method lora adapter/, PEFT's folder. The first line says the loss at these weights.
"""
import json
import os
import sys

import peft
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file

import peer_lines


class Classifier(torch.nn.Module):
    def __init__(self, layout, w, dir):
        super().__init__()
        c = layout["config"]
        bert = transformers.BertModel(
            transformers.BertConfig(
                vocab_size=layout["vocab"], hidden_size=c["hidden_size"], num_hidden_layers=c["num_hidden_layers"], num_attention_heads=c["num_attention_heads"],
                intermediate_size=c["intermediate_size"], max_position_embeddings=c["max_position_embeddings"], type_vocab_size=c["type_vocab_size"],
                layer_norm_eps=c["layer_norm_eps"], hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="sdpa",
            ),
            add_pooling_layer=False,
        )
        bert.load_state_dict({k: v for k, v in w.items() if not k.startswith("classifier.")})
        self.frozen = layout["method"] == "head"
        if layout["method"] == "lora":
            bert = peft.PeftModel.from_pretrained(bert, os.path.join(dir, "adapter"), is_trainable=True)
        if self.frozen:
            bert.requires_grad_(False)
        self.bert = bert
        classes, d = w["classifier.weight"].shape
        self.classifier = torch.nn.Linear(d, classes)
        self.classifier.load_state_dict({"weight": w["classifier.weight"], "bias": w["classifier.bias"]})

    def forward(self, ids):  # [B, T]
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            x = self.bert(input_ids=ids).last_hidden_state
        return self.classifier(x.mean(1))


def main():
    threads, dir = int(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(threads)
    with open(os.path.join(dir, "layout.json")) as f:
        layout = json.load(f)
    w = load_file(os.path.join(dir, "weights.safetensors"))
    ids = torch.tensor(layout["ids"]).view(layout["batch"], layout["length"])
    labels = torch.tensor(layout["labels"])
    model = Classifier(layout, w, dir).train()
    with torch.no_grad():
        loss = F.cross_entropy(model(ids), labels).item()

    def make():
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.01, fused=True)

        def work():
            loss = F.cross_entropy(model(ids), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0, foreach=True)
            optimizer.step()
            return loss.item()

        return work

    name = f"PyTorch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
    peer_lines.serve({"peer": name, "loss": loss}, {"train step": {"eager": make}})


if __name__ == "__main__":
    main()
