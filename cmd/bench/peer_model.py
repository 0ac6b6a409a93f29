"""The encoder that the training and inference peers share: post-norm, fused attention, no dropout, as fast as eager PyTorch gets."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Layer(nn.Module):
    def __init__(self, d, h, f, eps=1e-12, causal=False):
        super().__init__()
        self.h, self.causal = h, causal
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, f), nn.Linear(f, d)
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=eps), nn.LayerNorm(d, eps=eps)

    def forward(self, x):  # [B, T, D]
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)  # 3 of [B, H, T, K]
        a = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal).transpose(1, 2).reshape(b, t, d)
        x = self.norm1(x + self.out(a))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class Embedding(nn.Module):
    def __init__(self, vocab, d, length, eps=1e-12):
        super().__init__()
        self.word, self.position, self.kind = nn.Embedding(vocab, d), nn.Embedding(length, d), nn.Embedding(2, d)
        self.norm = nn.LayerNorm(d, eps=eps)
        for e in (self.word, self.position, self.kind):
            nn.init.normal_(e.weight, std=0.02)

    def forward(self, ids):  # [B, T] -> [B, T, D]
        t = ids.shape[1]
        return self.norm(self.word(ids) + self.position.weight[:t] + self.kind.weight[0])


class Encoder(nn.Module):
    def __init__(self, vocab, d, h, f, layers, length, eps=1e-12, causal=False):
        super().__init__()
        self.embedding = Embedding(vocab, d, length, eps)
        self.layers = nn.ModuleList(Layer(d, h, f, eps, causal) for _ in range(layers))

    def forward(self, ids):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x)
        return x


class MaskedLM(nn.Module):
    def __init__(self, vocab, d, h, f, layers, length):
        super().__init__()
        self.encoder = Encoder(vocab, d, h, f, layers, length)
        self.dense, self.norm = nn.Linear(d, d), nn.LayerNorm(d, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(vocab))

    def forward(self, ids, positions):  # [B, T], [P] -> logits [P, V]; the output embedding is the input one
        x = self.encoder(ids).flatten(0, 1)[positions]
        x = self.norm(F.gelu(self.dense(x)))
        return F.linear(x, self.encoder.embedding.word.weight, self.bias)
