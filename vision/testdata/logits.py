"""Writes logits.json: what transformers' ViTForImageClassification makes of the pictures of golden.json with vit/, in float64."""

import json
import pathlib

import torch
from transformers import ViTForImageClassification

HERE = pathlib.Path(__file__).parent
model = ViTForImageClassification.from_pretrained(HERE / "vit", num_labels=3).double().eval()
c = model.config
pixels = torch.tensor(json.loads((HERE / "golden.json").read_text())["pixels"]).view(2, c.num_channels, c.image_size, c.image_size)
with torch.no_grad():
    logits = model(pixel_values=pixels.double()).logits
golden = {"logits": [round(v, 8) for v in logits.flatten().tolist()], "labels": [c.id2label[i] for i in range(c.num_labels)]}
(HERE / "logits.json").write_text(json.dumps(golden) + "\n")
