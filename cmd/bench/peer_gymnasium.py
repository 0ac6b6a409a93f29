"""Steps of Gymnasium's environments on one core, for `fm env bench`.

    peer_gymnasium.py STEPS VECTOR_STEPS N ENV...

"one ENV" is STEPS steps of gymnasium.make(ENV) with the resets that they lead to, "many ENV" VECTOR_STEPS steps of N environments: by the
environment's own vector version, by SyncVectorEnv, by envpool and by gymnax (compiled by JAX, in float32) where they are installed, whichever is
the fastest.
"""
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import gymnasium as gym
import numpy as np

import peer_lines

try:
    import envpool
except Exception:  # it imports much, some of which may be missing
    envpool = None

try:
    import gymnax
    import jax
except Exception:
    gymnax = None


def actions(space, n):
    space.seed(1)
    return [space.sample() for _ in range(n)]


def one(name, steps):
    def make():
        env = gym.make(name)
        planned = actions(env.action_space, steps)
        env.reset(seed=1)

        def work():
            for a in planned:
                _, _, terminated, truncated, _ = env.step(a)
                if terminated or truncated:
                    env.reset()

        return work

    return {"gymnasium.make": make}


def many(name, steps, n):
    def vector(mode):
        def make():
            envs = gym.make_vec(name, num_envs=n, vectorization_mode=mode)
            planned = actions(envs.action_space, steps)
            envs.reset(seed=1)

            def work():
                for a in planned:
                    envs.step(a)

            return work

        return make

    def pool():
        envs = envpool.make(name, env_type="gymnasium", num_envs=n, num_threads=1)
        single = gym.make(name).action_space
        planned = [np.array(actions(single, n)) for _ in range(steps)]
        planned = [a.astype(np.int32) if a.dtype.kind == "i" else a for a in planned]
        envs.reset()

        def work():
            for a in planned:
                envs.step(a)

        return work

    def compiled():
        env, params = gymnax.make(name)
        key = jax.random.PRNGKey(0)
        _, state = jax.vmap(env.reset, in_axes=(0, None))(jax.random.split(key, n), params)
        planned = jax.random.randint(key, (steps, n), 0, gym.make(name).action_space.n)
        step = jax.vmap(env.step, in_axes=(0, 0, 0, None))

        def one_step(carry, action):
            key, part = jax.random.split(carry[0])
            observation, state, reward, done = step(jax.random.split(part, n), carry[1], action, params)[:4]
            return (key, state), (observation, reward, done)

        run = jax.jit(lambda carry: jax.lax.scan(one_step, carry, planned))
        carry = key, state

        def work():
            nonlocal carry
            carry, _ = jax.block_until_ready(run(carry))

        return work

    ways = {"SyncVectorEnv": vector("sync")}
    if gym.spec(name).vector_entry_point:
        ways["vector_entry_point"] = vector("vector_entry_point")
    if envpool:
        ways["envpool " + envpool.__version__] = pool
    if gymnax and hasattr(gym.make(name).action_space, "n"):
        ways["gymnax, jax " + jax.__version__] = compiled
    return ways


if __name__ == "__main__":
    steps, vector_steps, n = (int(v) for v in sys.argv[1:4])
    work = {}
    for name in sys.argv[4:]:
        work["one " + name] = one(name, steps)
        work["many " + name] = many(name, vector_steps, n)
    peer_lines.serve({"peer": f"gymnasium {gym.__version__}, numpy {np.__version__}"}, work)
