"""Writes golden.json: what Gymnasium's wrappers make of an episode. Needs gymnasium (1.4.0 with numpy 2.4.6 made the file).

    python golden.py > golden.json
"""
import json

import gymnasium as gym
import numpy as np
from gymnasium import wrappers as w


def run(env, actions, seed=5):
    observation, _ = env.reset(seed=seed)
    out = {"spaces": [str(env.observation_space), str(env.action_space)], "actions": [], "observations": [flat(observation)], "rewards": [], "flags": [], "episodes": []}
    for a in actions:
        observation, reward, terminated, truncated, info = env.step(a)
        out["actions"].append([float(v) for v in np.ravel(a)])
        out["observations"].append(flat(observation))
        out["rewards"].append(float(reward))
        out["flags"].append([bool(terminated), bool(truncated)])
        if "episode" in info:
            out["episodes"].append([float(info["episode"]["r"]), info["episode"]["l"]])
        if terminated or truncated:
            observation, _ = env.reset()
            out["observations"].append(flat(observation))
    return out


def flat(v):
    return [float(x) for x in np.ravel(v)]


rng = np.random.default_rng(0)
pushes = [int(v) for v in rng.integers(2, size=40)]
torques = [np.array([v], np.float32) for v in rng.uniform(-4, 4, size=12)]
small = [np.array([v], np.float32) for v in rng.uniform(-0.5, 1, size=12)]
cart = lambda: gym.make("CartPole-v1")
pendulum = lambda: gym.make("Pendulum-v1", max_episode_steps=7)
print(json.dumps({
    "NormalizeObservation": run(w.NormalizeObservation(cart()), pushes),
    "NormalizeReward": run(w.NormalizeReward(pendulum()), torques),
    "ClipAction": run(w.ClipAction(pendulum()), torques),
    "RescaleAction": run(w.RescaleAction(pendulum(), -0.5, 1.0), small),
    "FrameStack": run(w.FrameStackObservation(cart(), 3), pushes[:25]),
    "RecordEpisodeStatistics": run(w.RecordEpisodeStatistics(cart()), pushes),
    "TimeLimit": run(pendulum(), torques),
}, separators=(",", ":")))
