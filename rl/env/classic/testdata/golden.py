"""Writes episodes of Gymnasium's classic environments, one JSON object a line. Needs gymnasium (1.4.0 with numpy 2.4.6 made the file).

    python golden.py 2 25 > golden.jsonl      episodes from the seeds 0 and 1, every 25th state
    python golden.py 200 1                    from 200 seeds, every state

Seeds take turns in policies and in options of the reset; every environment is also run by actions in float64 where they are continuous.
"""
import json
import sys

import numpy as np
from gymnasium.envs.classic_control import (
    AcrobotEnv, CartPoleEnv, Continuous_MountainCarEnv, MountainCarEnv, PendulumEnv,
)

STEPS = 200

# constructor, scripted policy of the state, options of the reset
ENVS = {
    "CartPole-v1": (CartPoleEnv, lambda s: int(s[2] + s[3] > 0), {"low": -0.1, "high": 0.02}),
    "MountainCar-v0": (MountainCarEnv, lambda s: 2 if s[1] >= 0 else 0, {"low": -1.1, "high": 0.3}),
    "MountainCarContinuous-v0": (Continuous_MountainCarEnv, lambda s: 1.0 if s[1] >= 0 else -1.3, {"low": -1.1}),
    "Acrobot-v1": (AcrobotEnv, lambda s: 2 if s[3] >= 0 else 0, {"low": -0.4, "high": 0.2}),
    "Pendulum-v1": (PendulumEnv, lambda s: np.sign(s[1]) * 1.7, {"x_init": 0.3, "y_init": 6}),
}


def episode(name, seed, every, wide):
    make, scripted, options = ENVS[name]
    env, rng = make(), np.random.default_rng([seed, 1])
    options = options if seed % 4 >= 2 else None
    observation, _ = env.reset(seed=seed, options=options)
    e = {
        "env": name, "seed": seed, "options": options, "float64_actions": wide, "every": every,
        "spaces": [str(env.observation_space), str(env.action_space)],
        "initial": numbers(env.state), "initial_observation": numbers(observation),
        "actions": [], "states": [], "observations": [], "rewards": [], "terminated": False,
    }
    for step in range(STEPS):
        if hasattr(env.action_space, "n"):
            action = scripted(env.state) if seed % 2 else int(rng.integers(env.action_space.n))
            e["actions"].append(action)
        else:
            value = np.float32(scripted(env.state) if seed % 2 else rng.uniform(-2.5, 2.5))
            action = np.array([value], np.float64 if wide else np.float32)
            e["actions"].append(float(value))
        observation, reward, terminated, _, _ = env.step(action)
        if step % every == every - 1 or terminated:
            e["states"].append(numbers(env.state))
            e["observations"].append(numbers(observation))
            e["rewards"].append(float(reward))
        if terminated:
            e["terminated"] = True
            break
    return e


def numbers(v):
    return [float(x) for x in v]


if __name__ == "__main__":
    for name in ENVS:
        for seed in range(int(sys.argv[1])):
            for wide in [False, True][: 1 if name[:3] in ("Car", "Acr") or name == "MountainCar-v0" else 2]:
                print(json.dumps(episode(name, seed, int(sys.argv[2]), wide), separators=(",", ":")))
