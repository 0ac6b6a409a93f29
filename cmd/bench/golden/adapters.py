"""Golden values for LoRA, IA3 and prefix tuning: adapters of PEFT on a small random BERT, and what they make of its hidden states; and the way back.

    python adapters.py ../../../text/testdata          # writes peft/<case>/ beside families/
    python adapters.py --check MODEL ADAPTER...        # loads folders that fmkit wrote with PEFT and saves the hidden states in each

Needs torch 2.15, transformers 5.24, peft 0.21. The base is families/bert-base, whose golden.safetensors has the batch. Each case is PEFT's own
folder and golden.safetensors: last_hidden_state [B,T,D] with the adapter, in float64 rounded once, zero at padding. With a prefix of S tokens BERT gives
the sequence the positions from S on, and PEFT drops the token types.
"""

import pathlib
import sys

import torch
from peft import IA3Config, LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModel

CASES = {
    "query-value": LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"]),
    "all-rslora": LoraConfig(r=2, lora_alpha=3, use_rslora=True, target_modules="all-linear"),
    "feed-forward": LoraConfig(r=3, lora_alpha=6, lora_dropout=0.25, target_modules=["intermediate.dense", "output.dense"]),
    "ia3": IA3Config(target_modules=["key", "value", "output.dense"], feedforward_modules=["output.dense"]),
    "ia3-outputs": IA3Config(target_modules=["query", "attention.output.dense", "intermediate.dense"], feedforward_modules=[]),
    "prefix": PrefixTuningConfig(num_virtual_tokens=3),
}


def hidden(model, batch):
    ids, lengths = batch["input_ids"].long(), batch["lengths"].long()
    mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).long()
    with torch.no_grad():
        y = model(input_ids=ids, attention_mask=mask, token_type_ids=batch["token_type_ids"].long()).last_hidden_state
    return (y * mask[..., None]).float()


def main():
    if sys.argv[1] == "--check":
        base, *folders = sys.argv[2:]
        batch = load_file(pathlib.Path(base) / "golden.safetensors")
        for adapter in folders:
            model = PeftModel.from_pretrained(AutoModel.from_pretrained(base, add_pooling_layer=False).double(), adapter).double().eval()
            save_file({"last_hidden_state": hidden(model, batch).contiguous()}, pathlib.Path(adapter) / "golden.safetensors")
        return
    data = pathlib.Path(sys.argv[1])
    base = data / "families" / "bert-base"
    batch = load_file(base / "golden.safetensors")
    for name, config in CASES.items():
        config.task_type = "FEATURE_EXTRACTION"
        model = get_peft_model(AutoModel.from_pretrained(base, add_pooling_layer=False), config)
        gen = torch.Generator().manual_seed(7)
        for key, p in model.named_parameters():
            if "lora_" in key:
                p.data = torch.randn(p.shape, generator=gen) * 0.3
            elif "ia3_l" in key:
                p.data = 1 + torch.randn(p.shape, generator=gen) * 0.3
            elif "prompt_encoder" in key:
                p.data = torch.randn(p.shape, generator=gen)
        model.peft_config["default"].base_model_name_or_path = "bert-base"
        model.save_pretrained(data / "peft" / name)
        (data / "peft" / name / "README.md").unlink(missing_ok=True)
        save_file({"last_hidden_state": hidden(model.double().eval(), batch).contiguous()}, data / "peft" / name / "golden.safetensors")


main()
