"""Observations, rewards and terminations of Gymnasium on states that are injected, and its resets: `python golden.py > golden.json`.

do_simulation is replaced by one that sets a state, so that a step is all of Gymnasium's and nothing of the simulation.
"""
import json

import gymnasium as gym
import mujoco
import numpy as np

golden = {"gymnasium": gym.__version__, "numpy": np.__version__, "mujoco": mujoco.__version__, "envs": {}}
for name in ["InvertedPendulum-v5", "Reacher-v5", "Hopper-v5", "HalfCheetah-v5"]:
    e = gym.make(name).unwrapped
    rng = np.random.default_rng(5)
    nq, nv = e.model.nq, e.model.nv

    def reach():
        return (e.get_body_com("fingertip") - e.get_body_com("target")).tolist() if name == "Reacher-v5" else [0, 0, 0]

    case = {"dt": e.dt, "rest": e.init_qpos.tolist(), "resets": [], "steps": []}
    for seed in range(3):
        e.reset(seed=seed)
        case["resets"].append({"seed": seed, "qpos": e.data.qpos.tolist(), "qvel": e.data.qvel.tolist()})
    e.reset(seed=9)  # and one that goes on
    e.reset()
    case["resets"].append({"seed": 9, "twice": True, "qpos": e.data.qpos.tolist(), "qvel": e.data.qvel.tolist()})
    for i in range(24):
        before = e.init_qpos + rng.normal(size=nq) * 0.1
        scale = [0.05, 0.3, 12.0][i % 3]
        qpos, qvel = e.init_qpos + rng.normal(size=nq) * min(scale, 0.3), rng.normal(size=nv) * scale
        if i == 22:
            qvel[0] = 150.0  # beyond what is healthy
        action = rng.uniform(-1, 1, e.model.nu).astype(np.float32)
        e.set_state(before, np.zeros(nv))
        e.do_simulation = lambda ctrl, n: e.set_state(qpos, qvel)
        x, reward, terminated, _, _ = e.step(action)
        case["steps"].append(
            {
                "x": float(before[0]), "qpos": qpos.tolist(), "qvel": qvel.tolist(), "reach": reach(), "action": action.tolist(),
                "observation": x.astype(np.float32).tolist(), "reward": float(reward), "terminated": bool(terminated),
            }
        )
    golden["envs"][name] = case
print(json.dumps(golden))
