"""Makes the data sets of other libraries that the tests read, and what they hold: minari, lerobot, pyarrow.

    python make_goldens.py DIR   # minari 0.5.4, gymnasium 1.4.0, lerobot 0.4.4, datasets, pyarrow 26.0.1

DIR gets minari-*, lerobot-*, and NAME.json beside each: {"episodes": [{observations, actions, rewards, terminated, truncated, seed}]}.
"""
import json, os, shutil, sys
from pathlib import Path

import numpy as np

out = Path(sys.argv[1])


def flat(x):
    """An element of a space as package spaces lays it out: parts of a dict by sorted name."""
    if isinstance(x, dict):
        return np.concatenate([flat(x[k]) for k in sorted(x)])
    return np.asarray(x, dtype=np.float32).reshape(-1)


def stack(x):
    """A list of elements as minari's buffers have it: by part."""
    if isinstance(x[0], dict):
        return {k: stack([e[k] for e in x]) for k in x[0]}
    return x


def describe(name, episodes):
    (out / f"{name}.json").write_text(json.dumps({"episodes": episodes}, separators=(",", ":")) + "\n")


def minaris():
    os.environ["MINARI_DATASETS_PATH"] = str(out / "minari-root")
    import gymnasium as gym
    import minari
    from gymnasium import spaces
    from minari.data_collector.episode_buffer import EpisodeBuffer

    class Parts(gym.Env):
        """Dict observations and actions, and a tiny picture."""

        observation_space = spaces.Dict({
            "where": spaces.Box(-np.inf, np.inf, (2,), np.float64), "mode": spaces.Discrete(3),
            "camera": spaces.Box(0, 255, (4, 6, 3), np.uint8),
        })
        action_space = spaces.MultiDiscrete([2, 3])

        def _o(self):
            return {"where": self.np_random.normal(size=2), "mode": int(self.np_random.integers(3)),
                    "camera": np.full((4, 6, 3), 10 * self.t, np.uint8)}

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.t = 0
            return self._o(), {}

        def step(self, action):
            self.t += 1
            return self._o(), float(self.np_random.normal()), False, self.t == 7, {}

    class Camera(gym.Env):
        """Pictures that Minari stores as JPEG; flat ones, which every decoder gives alike."""

        observation_space = spaces.Box(0, 255, (32, 40, 3), np.uint8)
        action_space = spaces.Discrete(2, start=-1)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.t = 0
            return np.full((32, 40, 3), 128, np.uint8), {}

        def step(self, action):
            self.t += 1
            return np.full((32, 40, 3), 128 + 8 * self.t, np.uint8), 1.0, self.t == 2, False, {}

    def make(name, env, episodes):
        buffers = []
        for i in range(episodes):
            env.action_space.seed(i)
            o, done = env.reset(seed=100 + i)[0], False
            observations, actions, rewards, terminations, truncations = [o], [], [], [], []
            while not done:
                actions.append(env.action_space.sample())
                o, r, terminated, truncated, _ = env.step(actions[-1])
                done = terminated or truncated
                for x, to in ((o, observations), (r, rewards), (terminated, terminations), (truncated, truncations)):
                    to.append(x)
            buffers.append(EpisodeBuffer(id=i, seed=100 + i, observations=stack(observations), actions=stack(actions), rewards=rewards,
                                         terminations=terminations, truncations=truncations))
        d = minari.create_dataset_from_buffers(dataset_id=f"{name}-v0", buffer=buffers, env=env, algorithm_name="random", data_format="parquet")
        said = []
        for e in d.iterate_episodes():
            t = len(e.rewards)
            pick = lambda v, i: {k: pick(u, i) for k, u in v.items()} if isinstance(v, dict) else v[i]
            said.append({
                "observations": np.concatenate([flat(pick(e.observations, i)) for i in range(t + 1)]).tolist(),
                "actions": np.concatenate([flat(pick(e.actions, i)) for i in range(t)]).tolist(),
                "rewards": [float(r) for r in e.rewards], "terminated": bool(e.terminations[-1]),
                "truncated": bool(e.truncations[-1]), "seed": 100 + int(e.id),
            })
        describe(name, said)
        shutil.rmtree(out / name, ignore_errors=True)
        shutil.copytree(out / "minari-root" / f"{name}-v0", out / name)

    make("minari-cartpole", gym.make("CartPole-v1"), 3)
    make("minari-parts", Parts(), 2)
    make("minari-camera", Camera(), 1)
    shutil.rmtree(out / "minari-root")


def lerobots():
    import datasets
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    # lerobot gives features of shape (1,) as arrays of one, which numpy 2.5 no longer turns into scalars
    encode = datasets.Value.encode_example
    datasets.Value.encode_example = lambda self, v: encode(self, v.reshape(()).item() if isinstance(v, np.ndarray) and v.size == 1 else v)
    rng = np.random.default_rng(1)
    for name, action, shapes in [
        ("lerobot-state", ("float32", (3,)), {"observation.state": ("float32", (5,))}),
        ("lerobot-parts", ("int64", (1,)), {"observation.state": ("float32", (2,)), "observation.images.top": ("image", (6, 4, 3))}),
    ]:
        shutil.rmtree(out / name, ignore_errors=True)
        features = {k: {"dtype": d, "shape": s, "names": None if d != "image" else ["height", "width", "channels"]} for k, (d, s) in shapes.items()}
        features["action"] = {"dtype": action[0], "shape": action[1], "names": None}
        features["next.reward"] = {"dtype": "float32", "shape": (1,), "names": None}
        features["next.done"] = {"dtype": "bool", "shape": (1,), "names": None}
        d = LeRobotDataset.create(f"fmkit/{name}", 10, features, root=out / name, use_videos=False)
        said = []
        for e in range(3):
            t, o, a, r = 4 + e, [], [], []
            for i in range(t):
                frame = {}
                for k, (dtype, s) in shapes.items():
                    frame[k] = rng.normal(size=s).astype(np.float32) if dtype == "float32" else rng.integers(0, 256, s, dtype=np.uint8)
                frame["action"] = rng.normal(size=action[1]).astype(np.float32) if action[0] == "float32" else np.array([(i + e) % 4])
                frame["next.reward"] = rng.normal(size=1).astype(np.float32)
                frame["next.done"] = np.array([i == t - 1 and e != 1])
                o.append(flat({k: frame[k] for k in shapes}))
                a.append(flat(frame["action"]))
                r.append(float(frame["next.reward"][0]))
                d.add_frame(frame | {"task": "sort"})
            d.save_episode()
            said.append({"observations": np.concatenate(o + o[-1:]).tolist(), "actions": np.concatenate(a).tolist(), "rewards": r,
                         "terminated": e != 1, "truncated": e == 1, "seed": -1})
        d.finalize()
        shutil.rmtree(out / name / "images", ignore_errors=True)
        describe(name, said)


def main():
    out.mkdir(parents=True, exist_ok=True)
    minaris()
    lerobots()


main()
