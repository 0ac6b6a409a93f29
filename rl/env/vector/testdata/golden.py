"""Writes golden.json: three CartPoles side by side in Gymnasium. Needs gymnasium (1.4.0 made the file).

    python golden.py > golden.json
"""
import json

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

N, STEPS, LIMIT = 3, 60, 25


def run(mode):
    envs = SyncVectorEnv([lambda: gym.make("CartPole-v1", max_episode_steps=LIMIT)] * N, autoreset_mode=mode)
    rng = np.random.default_rng(0)
    observations, _ = envs.reset(seed=7)
    out = {"first": flat(observations), "steps": []}
    for _ in range(STEPS):
        actions = (rng.random(N) < 0.65).astype(int)
        observations, rewards, terminated, truncated, infos = envs.step(actions)
        final = infos.get("final_obs")
        out["steps"].append({
            "actions": flat(actions), "observations": flat(observations), "rewards": flat(rewards),
            "terminated": [bool(v) for v in terminated], "truncated": [bool(v) for v in truncated],
            "final": None if final is None else [None if f is None else flat(f) for f in final],
        })
    return out


def flat(v):
    return [float(x) for x in np.ravel(v)]


print(json.dumps({"NextStep": run(AutoresetMode.NEXT_STEP), "SameStep": run(AutoresetMode.SAME_STEP)}, separators=(",", ":")))
