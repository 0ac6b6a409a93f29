"""PPO on CartPole-v1 by stable-baselines3 beside ours, seed by seed in one run on one core.

    peer_sb3.py FM OUT [SEEDS]

FM is the fm binary. stable-baselines3 runs with rl-zoo's hyperparameters for CartPole-v1 (ppo.yml: 8 environments, 32 steps, batches of 256, 20 epochs, gamma 0.98, lambda 0.8,
rates 0.001 and clipping 0.2 that fall to 0 linearly, 100,000 steps); ours with its defaults. Both are scored on 100 episodes of the likeliest actions. Prints a line of JSON a seed and
one of medians. Needs stable-baselines3 and gymnasium.
"""
import json
import os
import statistics
import subprocess
import sys
import time

for name in ("OMP_NUM_THREADS", "GOMAXPROCS"):
    os.environ[name] = "1"

import gymnasium
import stable_baselines3 as sb3
import torch
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

STEPS, EPISODES = 100_000, 100


def peer(seed):
    began, used = time.perf_counter(), time.process_time()
    env = make_vec_env("CartPole-v1", n_envs=8, seed=seed)
    model = sb3.PPO(
        "MlpPolicy", env, n_steps=32, batch_size=256, n_epochs=20, gamma=0.98, gae_lambda=0.8, ent_coef=0.0,
        learning_rate=lambda left: left * 0.001, clip_range=lambda left: left * 0.2, seed=seed, device="cpu",
    )
    model.learn(total_timesteps=STEPS)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    score = make_vec_env("CartPole-v1", n_envs=1, seed=10_000)
    returns, _ = evaluate_policy(model, score, n_eval_episodes=EPISODES, deterministic=True, return_episode_rewards=True)
    return seconds, cpu, statistics.mean(returns)


def ours(fm, out, seed):
    folder, before = os.path.join(out, f"ours-{seed}"), os.times()
    made = subprocess.run(
        [fm, "adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--steps", str(STEPS), "--seed", str(seed), "--episodes", "0", "--out", folder, "--json"],
        check=True, capture_output=True, text=True)
    after = os.times()
    scored = subprocess.run(
        [fm, "eval", "policy", "--adapter", folder, "--episodes", str(EPISODES), "--seed", "10000", "--json"], check=True, capture_output=True, text=True)
    last = lambda p: json.loads(p.stdout.splitlines()[-1])
    return last(made)["seconds"], after.children_user - before.children_user + after.children_system - before.children_system, last(scored)["mean_return"]


def main():
    fm, out, seeds = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 5
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(1)
    lines = []
    for seed in range(1, seeds + 1):
        (s1, c1, r1), (s2, c2, r2) = ours(fm, out, seed), peer(seed)
        lines.append({"seed": seed, "ours_seconds": s1, "peer_seconds": s2, "ratio": s2 / s1, "ours_cpu_seconds": c1, "peer_cpu_seconds": c2, "cpu_ratio": c2 / c1,
                      "ours_return": r1, "peer_return": r2})
        print(json.dumps(lines[-1]), flush=True)
    median = {k: statistics.median(x[k] for x in lines) for k in lines[0] if k != "seed"}
    print(json.dumps({"peer": f"stable-baselines3 {sb3.__version__}, torch {torch.__version__}, gymnasium {gymnasium.__version__}", "seeds": seeds, **median}))


if __name__ == "__main__":
    main()
