"""Asks a server for embeddings with OpenAI's own client, in both encodings, and writes what it reads as one line of JSON.

    openai_client.py URL KEY MODEL TEXT...
"""
import json
import sys

import openai

url, key, model, *texts = sys.argv[1:]
client = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)
out = {"version": openai.__version__, "models": [m.id for m in client.models.list()]}
for encoding in ("float", "base64", None):  # without one the client asks for base64 and unpacks it
    more = {"encoding_format": encoding} if encoding else {}
    r = client.embeddings.create(model=model, input=texts, **more)
    out[str(encoding)] = [d.embedding for d in r.data]
    out["tokens"] = r.usage.total_tokens
out["one"] = client.embeddings.create(model=model, input=texts[0]).data[0].embedding
try:
    client.embeddings.create(model="unknown", input="x")
except openai.NotFoundError as e:
    out["unknown"] = e.body["message"]
try:
    openai.OpenAI(base_url=url + "/v1", api_key="wrong", max_retries=0).models.list()
except openai.AuthenticationError as e:
    out["wrong"] = e.status_code
print(json.dumps(out))
