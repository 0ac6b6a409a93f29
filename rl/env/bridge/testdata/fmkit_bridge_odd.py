"""Environments for the bridge's tests: every kind of space, and environments that misbehave. `gymnasium.make("fmkit_bridge_odd:Odd-v0")`."""
import os
import sys
import time

import gymnasium as gym
import numpy as np
from gymnasium import spaces


class Odd(gym.Env):
    """It observes its last action, of every kind of space that the bridge has."""

    def __init__(self, noisy=False):
        self.action_space = spaces.Dict(
            {
                "tuple": spaces.Tuple([spaces.Discrete(3, start=-1)] * 11),
                "box": spaces.Box(np.array([[-1, -2], [-3, -np.inf]]), np.array([[1, 2], [np.inf, 4]]), dtype=np.float64),
                "whole": spaces.Box(-5, 5, (2,), dtype=np.int32),
                "pixels": spaces.Box(0, 255, (2, 1, 3), dtype=np.uint8),
                "bits": spaces.MultiBinary(3),
                "multi": spaces.MultiDiscrete([[2, 3], [4, 5]]),
            }
        )
        self.observation_space = self.action_space
        self.noisy = noisy

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.action_space.seed(seed)
        info = {"options": options, "nan": float("nan"), "array": np.arange(3), "big": np.zeros(5000), "other": self, "nested": {"a": (1, np.float32(0.5))}}
        return self.action_space.sample(), info

    def step(self, action):
        if self.noisy:
            print("a line on standard output")
            os.system("echo another from below")
            assert sys.stdin.read() == ""
        if not self.action_space.contains(action):
            raise ValueError(f"got {action}")
        return action, np.float32(0.5), np.bool_(False), False, {}


class Bad(Odd):
    def __init__(self, how):
        super().__init__()
        self.observation_space = spaces.Box(0, 255, (2, 2), dtype=np.uint8) if how == "floats" else spaces.Box(0, 1, (2,))
        self.action_space = spaces.Text(3) if how == "text" else spaces.Discrete(2)
        self.how = how

    def reset(self, *, seed=None, options=None):
        return np.zeros(self.observation_space.shape, self.observation_space.dtype), {}

    def step(self, action):
        if self.how == "raise":
            raise RuntimeError("the arm fell off")
        if self.how == "exit":
            print("bye", file=sys.stderr)
            os._exit(7)
        if self.how == "sleep":
            time.sleep(3600)
        if self.how == "kill":
            os.kill(os.getpid(), 9)
        shape = (3,) if self.how == "shape" else self.observation_space.shape
        return np.zeros(shape), 0, False, False, {}


gym.register("Odd-v0", Odd, disable_env_checker=True, order_enforce=False)
gym.register("Bad-v0", Bad, disable_env_checker=True, order_enforce=False)
