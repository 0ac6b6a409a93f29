"""The child of fmkit's rl/env/bridge: one Gymnasium environment over standard input and output. The frames are in the Go package's comment."""
import json
import os
import signal
import struct
import sys
import threading
import time
import traceback

PROTOCOL = 1
HEAD = struct.Struct("<4sB3xII")
MAX_JSON, MAX_ARRAY = 1 << 20, 1 << 10

# What the environment prints must not meet the frames, and it must not read them: both ends move to descriptors of their own.
source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides


def receive():
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    magic, kind, j, n = HEAD.unpack(head)
    if magic != b"FMKB":
        raise SystemExit("bridge: what came in is no frame")
    text, raw = source.read(j), source.read(n)
    if len(text) < j or len(raw) < n:
        return None
    return chr(kind), json.loads(text) if j else {}, raw


def send(kind, message, *raw):
    text = json.dumps(message, allow_nan=False).encode() if message else b""
    sink.write(HEAD.pack(b"FMKB", ord(kind), len(text), sum(map(len, raw))) + text)
    for part in raw:
        sink.write(part)
    sink.flush()


def fail(stage, error):
    traceback.print_exc()
    send("e", {"stage": stage, "error": f"{type(error).__name__}: {error}"[:4096]})


def end_with_parent(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


try:
    import gymnasium as gym
    import numpy as np
    from gymnasium import spaces
except Exception as error:
    receive()
    fail("python", error)
    sys.exit(0)


def parts(space):
    """The named spaces of a Dict or Tuple, in the order of their names."""
    if isinstance(space, spaces.Dict):
        return [(k, str(k), space.spaces[k]) for k in sorted(space.spaces, key=str)]
    width = len(str(len(space.spaces) - 1))
    return [(i, str(i).zfill(width), s) for i, s in enumerate(space.spaces)]


def describe(space, bounds):
    """A space as JSON; the bounds of every Box, first all lower and then all upper ones, go to bounds."""
    if isinstance(space, spaces.Box):
        with np.errstate(over="ignore"):
            bounds += [np.ascontiguousarray(b, "<f4").tobytes() for b in (space.low, space.high)]
        return {"kind": "Box", "shape": list(space.shape), "uint8": space.dtype == np.uint8}
    if isinstance(space, spaces.Discrete):
        return {"kind": "Discrete", "n": int(space.n), "start": int(getattr(space, "start", 0))}
    if isinstance(space, spaces.MultiDiscrete):
        return {"kind": "MultiDiscrete", "counts": [int(n) for n in space.nvec.ravel()]}
    if isinstance(space, spaces.MultiBinary):
        return {"kind": "MultiDiscrete", "counts": [2] * int(np.prod(space.shape))}
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        all_parts = parts(space)
        return {"kind": "Dict", "names": [name for _, name, _ in all_parts], "spaces": [describe(s, bounds) for _, _, s in all_parts]}
    raise TypeError(f"{type(space).__name__} is a space that the bridge doesn't have")


def first(space):
    """The number that a whole number of the space counts from, 0 or an array."""
    start = getattr(space, "start", None)
    return 0 if start is None or not isinstance(space, spaces.MultiDiscrete) else start


def packer(space):
    """A function from an element of the space and a list to which it appends the element's bytes."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        inner = [(k, packer(s)) for k, _, s in parts(space)]

        def named(x, out):
            for k, f in inner:
                f(x[k], out)

        return named
    shape, start = space.shape, first(space)
    pixels = isinstance(space, spaces.Box) and space.dtype == np.uint8

    def plain(x, out):
        x = np.asarray(x)
        if x.shape != shape:
            raise ValueError(f"got an observation of shape {x.shape}, want {shape}")
        if pixels and x.dtype != np.uint8:
            raise ValueError(f"got an observation of {x.dtype}, want uint8")
        out.append(np.ascontiguousarray(x if pixels else x - start, "u1" if pixels else "<f4").tobytes())

    return plain


def unpacker(space):
    """A function from numbers and a place in them to the space's element there and the place behind it."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        inner = [(k, unpacker(s)) for k, _, s in parts(space)]

        def named(x, at):
            values = {}
            for k, f in inner:
                values[k], at = f(x, at)
            return (values if isinstance(space, spaces.Dict) else tuple(values[i] for i in range(len(values)))), at

        return named
    if isinstance(space, spaces.Discrete):
        return lambda x, at: (np.int64(x[at]), at + 1)
    shape, dtype, start, n = space.shape, space.dtype, first(space), int(np.prod(space.shape))
    whole = np.issubdtype(dtype, np.integer)

    def plain(x, at):
        v = x[at : at + n]
        return (np.rint(v) if whole else v).astype(dtype).reshape(shape) + np.asarray(start, dtype), at + n

    return plain


def tell(x):
    """What JSON has of a value, None where it has nothing."""
    if isinstance(x, (bool, str)):
        return x
    if isinstance(x, np.bool_):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return float(x) if np.isfinite(x) else None
    if isinstance(x, np.ndarray):
        return tell(x.tolist()) if x.size <= MAX_ARRAY else None
    if isinstance(x, dict):
        told = {str(k): tell(v) for k, v in x.items()}
        return {k: v for k, v in told.items() if v is not None}
    if isinstance(x, (list, tuple)) and len(x) <= MAX_ARRAY:
        return [tell(v) for v in x]
    return None


def info_of(x):
    told = tell(x) if x else {}
    return told if len(json.dumps(told)) <= MAX_JSON else {}


class Player:
    """The environment behind the frames."""

    def __init__(self, order):
        if order.get("protocol") != PROTOCOL:
            raise ValueError(f"the bridge's script speaks protocol {PROTOCOL}, not {order.get('protocol')}")
        kwargs = dict(order.get("kwargs") or {})
        if order.get("render"):
            kwargs["render_mode"] = "rgb_array"
        self.env = gym.make(order["id"], disable_env_checker=True, **kwargs)
        bounds = []
        self.hello = {
            "protocol": PROTOCOL,
            "gymnasium": gym.__version__,
            "python": sys.version.split()[0],
            "observation": describe(self.env.observation_space, bounds),
            "action": describe(self.env.action_space, bounds),
        }
        self.bounds = bounds
        self.pack, self.unpack = packer(self.env.observation_space), unpacker(self.env.action_space)

    def observation(self, x):
        out = []
        self.pack(x, out)
        return out

    def reset(self, order, raw):
        x, info = self.env.reset(seed=order.get("seed"), options=order.get("options"))
        send("r", info_of(info), *self.observation(x))

    def step(self, order, raw):
        action, _ = self.unpack(np.frombuffer(raw, "<f4"), 0)
        x, reward, terminated, truncated, info = self.env.step(action)
        send("s", info_of(info), struct.pack("<dBB", reward, bool(terminated), bool(truncated)), *self.observation(x))

    def picture(self, order, raw):
        x = np.asarray(self.env.render())
        if x.ndim != 3 or x.shape[2] != 3 or x.dtype != np.uint8:
            raise ValueError(f"got a picture of shape {x.shape} and {x.dtype}, want [height, width, 3] of uint8")
        send("p", {"height": x.shape[0], "width": x.shape[1]}, np.ascontiguousarray(x).tobytes())


def main():
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    frame = receive()
    if frame is None:
        return
    try:
        player = Player(frame[1])
    except Exception as error:
        return fail("make", error)
    send("h", player.hello, *player.bounds)
    calls = {"r": player.reset, "s": player.step, "p": player.picture}
    while (frame := receive()) is not None:
        kind, order, raw = frame
        try:
            calls[kind](order, raw)
        except Exception as error:
            fail("call", error)
    player.env.close()


main()
