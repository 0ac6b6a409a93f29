"""Pictures resized by Pillow, and processed as the slow image processors of transformers do.

    python golden.py golden.json        small random pictures; their pixels are SplitMix64's, so only results are stored
    python golden.py FOLDER N           N random PNG files with the tensors that must come of them: I.png, I.json, I.f32

Where transformers is installed its own processors are asked too, and must agree to the bit.
"""
import base64, io, json, os, sys
import numpy as np
import PIL
from PIL import Image

CLIP = dict(image_mean=[0.48145466, 0.4578275, 0.40821073], image_std=[0.26862954, 0.26130258, 0.27577711])
HALF = dict(image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5])


def pixels(seed, h, w, c):
    """The low bytes of random.Mix(seed, 0), random.Mix(seed, 1), ..."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(h * w * c, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ z >> np.uint64(31)
    return (z & np.uint64(255)).astype(np.uint8).reshape(h, w, c)


def resizes():
    cases = []
    for seed, (w, h, tw, th) in enumerate([(37, 29, 16, 16), (7, 5, 24, 20), (64, 3, 9, 17), (1, 1, 5, 4), (1, 90, 12, 12), (90, 1, 12, 12), (16, 40, 16, 9), (33, 8, 12, 8)]):
        for code in range(6):
            for c in (3, 4):
                if c == 4 and seed > 1:
                    continue
                m = Image.fromarray(pixels(100 * seed + code, h, w, c)).resize((tw, th), resample=code)
                cases.append(dict(seed=100 * seed + code, width=w, height=h, channels=c, to=[tw, th], filter=code,
                                  pixels=base64.b64encode(np.asarray(m).tobytes()).decode()))
    return cases


def files():
    """Files of kinds that Go can't write, with the RGB that Pillow reads back."""
    y, x = np.mgrid[0:18, 0:21]
    rgb = np.stack([9 * x + 20, 11 * y + 30, 5 * x + 3 * y], 2).astype(np.uint8)
    cmyk = np.concatenate([255 - rgb, (x[..., None] * 4).astype(np.uint8)], 2)
    out = []
    for name, mode, a, kind, kw in [
        ("CMYK", "CMYK", cmyk, "JPEG", dict(quality=98)),
        ("progressive", "RGB", rgb, "JPEG", dict(quality=98, progressive=True, subsampling=0)),
        ("progressive 4:2:0", "RGB", rgb, "JPEG", dict(quality=98, progressive=True)),
        ("lossless WebP", "RGB", rgb, "WEBP", dict(lossless=True)),
        ("lossy WebP", "RGB", rgb, "WEBP", dict(quality=98)),
    ]:
        b = io.BytesIO()
        Image.frombytes(mode, (21, 18), a.tobytes()).save(b, kind, **kw)
        back = Image.open(io.BytesIO(b.getvalue())).convert("RGB")
        out.append(dict(name=name, webp=kind == "WEBP", width=21, height=18, file=base64.b64encode(b.getvalue()).decode(),
                        pixels=base64.b64encode(back.tobytes()).decode()))
    return out


def center_crop(x, h, w):
    top, left = (x.shape[0] - h) // 2, (x.shape[1] - w) // 2
    out = np.zeros((h, w, x.shape[2]), x.dtype)
    for i in range(max(0, -top), min(h, x.shape[0] - top)):
        for j in range(max(0, -left), min(w, x.shape[1] - left)):
            out[i, j] = x[top + i, left + j]
    return out


def process(m, c):
    m = m.convert("RGB" if len(c["image_mean"]) == 3 else "L")
    size = c["size"]
    if c["do_resize"]:
        if "shortest_edge" in size:
            short, long = sorted(m.size)
            long = int(size["shortest_edge"] * long / short)
            to = (size["shortest_edge"], long) if m.width <= m.height else (long, size["shortest_edge"])
        else:
            to = (size["width"], size["height"])
        m = m.resize(to, resample=c["resample"])
    x = np.asarray(m)
    x = x.reshape(x.shape[0], x.shape[1], -1)
    if c["do_center_crop"]:
        x = center_crop(x, c["crop_size"]["height"], c["crop_size"]["width"])
    if c["do_rescale"]:
        x = (x.astype(np.float64) * c["rescale_factor"]).astype(np.float32)
    x = x.astype(np.float32)
    if c["do_normalize"]:
        x = (x - np.array(c["image_mean"], np.float32)) / np.array(c["image_std"], np.float32)
    x = np.ascontiguousarray(x.transpose(2, 0, 1))
    return x


def config(i, side):
    base = dict(do_resize=True, do_rescale=True, rescale_factor=1 / 255, do_normalize=True, do_center_crop=False)
    return [
        dict(base, image_processor_type="ViTImageProcessor", size=dict(height=side, width=side + i % 3), resample=2, **HALF),
        dict(base, image_processor_type="CLIPImageProcessor", size=dict(shortest_edge=side), resample=3, do_center_crop=True, crop_size=dict(height=side, width=side), **CLIP),
        dict(base, image_processor_type="BitImageProcessor", size=dict(shortest_edge=side + 5), resample=3, do_center_crop=True, crop_size=dict(height=side, width=side + 40), **CLIP),
        dict(base, image_processor_type="ViTImageProcessor", size=dict(height=side, width=side), resample=2, image_mean=[0.3], image_std=[0.2]),
        dict(base, image_processor_type="DeiTImageProcessor", size=dict(height=side + 32, width=side + 31), resample=3, do_center_crop=True, crop_size=dict(height=side, width=side), **HALF),
        dict(base, image_processor_type="ViTImageProcessor", size={}, do_resize=False, resample=2, do_center_crop=True, crop_size=dict(height=side, width=side), **HALF),
    ][i % 6]


def agree(m, x, c):
    """transformers' own processor gives x."""
    import transformers
    cls = getattr(transformers, c["image_processor_type"] + "Pil", None) or getattr(transformers, c["image_processor_type"])
    kw = {k: v for k, v in c.items() if k != "image_processor_type" and v != {}}
    y = np.asarray(cls(**kw)(m, input_data_format=None, return_tensors="np")["pixel_values"][0])
    assert y.dtype == np.float32 and np.array_equal(x, y), (c, np.abs(x - y).max())


def main():
    if len(sys.argv) == 2:
        small = []
        for i in range(12):
            w, h = 5 + 11 * i % 40, 4 + 17 * i % 37
            c = config(i, 10 + i)
            x = process(Image.fromarray(pixels(5000 + i, h, w, 3)), c)
            if not c["size"]:
                del c["size"]
            small.append(dict(seed=5000 + i, width=w, height=h, config=c, values=base64.b64encode(x.astype("<f4").tobytes()).decode()))
        with open(sys.argv[1], "w") as f:
            f.write("{\n\"pillow\": " + json.dumps(PIL.__version__) + ",\n\"resize\": [\n")
            f.write(",\n".join(json.dumps(c) for c in resizes()) + "\n],\n\"process\": [\n")
            f.write(",\n".join(json.dumps(c) for c in small) + "\n],\n\"files\": [\n")
            f.write(",\n".join(json.dumps(c) for c in files()) + "\n]\n}\n")
        return
    folder, n = sys.argv[1], int(sys.argv[2])
    r = np.random.default_rng(7)
    confirmed = 0
    for i in range(n):
        w, h = (int(2 ** r.uniform(4, 9.5)) for _ in range(2))
        x = r.integers(0, 256, (h, w, 3), dtype=np.uint8)
        if i % 2:  # half of them smooth, as photographs are
            x = np.asarray(Image.fromarray(x).resize((max(1, w // 16), max(1, h // 16)), 4).resize((w, h), 3))
        m = Image.fromarray(x)
        c = config(i // 2, 224 if i % 4 < 2 else 32)
        y = process(m, c)
        try:
            import transformers
        except ImportError:
            pass
        else:
            agree(m.convert("L") if len(c["image_mean"]) == 1 else m, y, c)
            confirmed += 1
        m.save(os.path.join(folder, f"{i}.png"), compress_level=1)
        if not c["size"]:
            del c["size"]
        with open(os.path.join(folder, f"{i}.json"), "w") as f:
            json.dump(c, f)
        y.astype("<f4").tofile(os.path.join(folder, f"{i}.f32"))
    print(f"Pillow {PIL.__version__}, numpy {np.__version__}; transformers agrees on {confirmed} of {n}")


main()
