"""Embeddings over HTTP by FastAPI, sentence-transformers and peft, for `fm bench serve`.

    peer_serve.py --base DIR --adapter DIR [--port N]

It writes {"peer", "port", "ways"} on one line when it is ready. POST /<way> takes {"input": text} and answers in OpenAI's form. The ways: direct encodes each request in
FastAPI's thread pool; batched puts requests into a queue that one thread empties, all that wait up to 64 at once; merged does that with the adapter merged into the weights,
which serves one adapter only.
"""
import argparse
import asyncio
import concurrent.futures
import json
import socket

import fastapi
import peft
import sentence_transformers
import torch
import uvicorn


def load(base, adapter, merged):
    model = sentence_transformers.SentenceTransformer(base, device="cpu")
    inner = peft.PeftModel.from_pretrained(model[0].auto_model, adapter)
    model[0].auto_model = inner.merge_and_unload() if merged else inner
    return model.eval()


def answer(vector):
    body = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": vector.tolist()}]}
    return fastapi.Response(json.dumps(body), media_type="application/json")


class Batcher:
    def __init__(self, model):
        self.model, self.queue = model, None
        self.pool = concurrent.futures.ThreadPoolExecutor(1)

    def encode(self, texts):
        with torch.inference_mode():
            return self.model.encode(texts, batch_size=64, show_progress_bar=False)

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            items = [await self.queue.get()]
            while len(items) < 64 and not self.queue.empty():
                items.append(self.queue.get_nowait())
            vectors = await loop.run_in_executor(self.pool, self.encode, [t for t, _ in items])
            for (_, f), v in zip(items, vectors):
                if not f.done():
                    f.set_result(v)

    async def ask(self, text):
        if self.queue is None:
            self.queue = asyncio.Queue()
            self.task = asyncio.create_task(self.run())
        f = asyncio.get_running_loop().create_future()
        await self.queue.put((text, f))
        return await f


def main(a):
    beside, merged = load(a.base, a.adapter, False), load(a.base, a.adapter, True)
    app, batched, alone = fastapi.FastAPI(), Batcher(beside), Batcher(merged)

    @app.post("/direct")
    def direct(body: dict = fastapi.Body()):
        with torch.inference_mode():
            return answer(beside.encode(body["input"], show_progress_bar=False))

    @app.post("/batched")
    async def _(body: dict = fastapi.Body()):
        return answer(await batched.ask(body["input"]))

    @app.post("/merged")
    async def _(body: dict = fastapi.Body()):
        return answer(await alone.ask(body["input"]))

    s = socket.socket()
    s.bind(("127.0.0.1", a.port))
    versions = f"FastAPI {fastapi.__version__}, sentence-transformers {sentence_transformers.__version__}, peft {peft.__version__}, PyTorch {torch.__version__}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))

    async def serve():
        task = asyncio.create_task(server.serve(sockets=[s]))
        while not server.started:
            await asyncio.sleep(0.01)
        print(json.dumps({"peer": versions, "port": s.getsockname()[1], "ways": ["direct", "batched", "merged"]}), flush=True)
        await task

    asyncio.run(serve())


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--base", required=True)
    p.add_argument("--adapter", required=True)
    p.add_argument("--port", type=int, default=0)
    main(p.parse_args())
