"""Golden values of PPO's loss, its gradients and of advantages, by PyTorch in float64 with CleanRL's expressions: python ppo.py > ppo.json"""

import json

import torch
from torch.distributions import Categorical, Normal

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
B, D, A = 16, 8, 3


def case(discrete, clip_value, ent):
    x = torch.randn(B, D)
    w, b = 0.5 * torch.randn(A, D), 0.1 * torch.randn(A)
    wv, bv = 0.5 * torch.randn(1, D), 0.1 * torch.randn(1)
    s = -0.3 + 0.2 * torch.randn(A)
    # float32 values, so that both sides begin with the same numbers
    x, w, b, wv, bv, s = (t.float().double().requires_grad_() for t in (x, w, b, wv, bv, s))

    def dist():
        out = x @ w.T + b
        return Categorical(logits=out) if discrete else Normal(out, s.exp())

    def logprob(d, c):
        return d.log_prob(c) if discrete else d.log_prob(c).sum(1)

    choice = dist().sample().float().double()
    old = (logprob(dist(), choice) + 0.25 * torch.randn(B)).detach().float().double()
    adv = torch.randn(B).float().double()
    ret = torch.randn(B).float().double()
    oldv = ((x @ wv.T + bv).squeeze(1) + 0.3 * torch.randn(B)).detach().float().double()
    clip, vf = 0.2, 0.5
    d = dist()
    lp = logprob(d, choice)
    entropy = d.entropy() if discrete else d.entropy().sum(1)
    ratio = (lp - old).exp()
    pg = torch.max(-adv * ratio, -adv * torch.clamp(ratio, 1 - clip, 1 + clip)).mean()
    v = (x @ wv.T + bv).squeeze(1)
    if clip_value:
        vc = oldv + torch.clamp(v - oldv, -clip_value, clip_value)
        vl = 0.5 * torch.max((v - ret) ** 2, (vc - ret) ** 2).mean()
    else:
        vl = 0.5 * ((v - ret) ** 2).mean()
    loss = pg - ent * entropy.mean() + vf * vl
    loss.backward()
    kl = ((ratio - 1) - (lp - old)).mean()
    clipped = ((ratio - 1).abs() > clip).double().mean()
    flat = lambda t: t.detach().flatten().tolist()
    g = lambda t: flat(t.grad) if t.grad is not None else []
    return dict(
        discrete=discrete, clip=clip, clip_value=clip_value, value=vf, entropy=ent, x=flat(x), w=flat(w), b=flat(b), wv=flat(wv), bv=flat(bv), s=flat(s),
        choices=flat(choice), log_probs=flat(old), advantages=flat(adv), returns=flat(ret), values=flat(oldv), loss=loss.item(), kl=kl.item(),
        clipped=clipped.item(), dx=g(x), dw=g(w), db=g(b), dwv=g(wv), dbv=g(bv), ds=g(s),
    )


def gae(T, N, gamma, lam):
    """CleanRL's loop, with the value of an episode's own last observation after a truncation."""
    rewards, values, following = torch.randn(T, N), torch.randn(T, N).float().double(), torch.randn(T, N).float().double()
    terminated, truncated = torch.rand(T, N) < 0.1, torch.rand(T, N) < 0.1
    ended = terminated | truncated
    last = torch.randn(N).float().double()
    nextv = torch.cat([values[1:], last[None]])  # where an episode goes on
    nextv = torch.where(ended, torch.where(terminated, torch.zeros(()), following), nextv)
    adv, carry = torch.zeros(T, N), torch.zeros(N)
    for t in reversed(range(T)):
        delta = rewards[t] + gamma * nextv[t] - values[t]
        carry = delta + gamma * lam * (1.0 - ended[t].double()) * carry
        adv[t] = carry
    flat = lambda t: t.flatten().tolist()
    return dict(n=N, gamma=gamma, gae_lambda=lam, rewards=flat(rewards), values=flat(values), next=flat(nextv), ended=flat(ended), advantages=flat(adv), returns=flat(adv + values))


print(json.dumps(dict(
    torch=torch.__version__, losses=[case(True, 0, 0.01), case(True, 0.2, 0.1), case(False, 0, 0.01), case(False, 0.2, 0)], gae=gae(12, 3, 0.97, 0.9),
)))
