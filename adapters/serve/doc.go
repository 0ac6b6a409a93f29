// Package serve answers requests over HTTP by many adapters on few bases. A Server is an http.Handler, for a team to mount in a service of its own; fm serve is
// one behind a listener.
//
//	POST /api/v1/classify     {"adapter", "text"}, on a base that reads pictures {"adapter", "image"}
//	POST /api/v1/multilabel   {"adapter", "text"}; /api/v1/regress likewise
//	POST /api/v1/qa           {"adapter", "question", "context"}
//	POST /api/v1/summarize    {"adapter", "text"}, {"adapter", "sentences"} or {"adapter", "turns"} of a dialogue
//	POST /api/v1/tag          {"adapter", "text"} or {"adapter", "tokens"}
//	POST /api/v1/search       {"adapter", "query", "k"}
//	POST /api/v1/assist       {"adapter", "message", "state"}, the state that of the answer before
//	POST /api/v1/inspect      {"adapter", "image"}, and "template" for a detector that wants one
//	POST /api/v1/document     {"adapter", "text"}; type, fields, entities, summary and answers with their places
//	POST /api/v1/act          {"adapter", "observation", "deterministic", "seed", "context", "target"}; a policy
//	POST /api/v1/embed        {"adapter", "text"} or {"adapter", "image"}; the name of a base does too
//	POST /v1/embeddings       {"model", "input", "encoding_format", "dimensions", "user"}, as OpenAI has it
//	GET  /v1/models           what is loaded
//	PUT  /api/v1/adapters/NAME {"dir"}, DELETE likewise, where there is a key; dir is below Config.Root
//	GET  /healthz, /readyz, /metrics
//
// Answers are the objects that fm predict and fm embed print: the fields of Hugging Face's pipelines. An "id" comes back. An image is base64, bare or as a data: address. Errors
// are {"error": {"message", "type", "code"}}: 400 says what is wrong with a request, 401 without the key, 404 for an adapter that isn't loaded, 405, 413, 415 as
// usual, 429 with Retry-After when the queue is full, 504 when the time is over.
//
// # Adapters
//
// A base is loaded once, found by its fingerprint, and frozen: adapters that leave its weights alone share them. Of those with a head only the head is their own; low-rank
// changes (LoRA) are computed beside the shared weights and not merged into a copy. fm predict has them so too, and gives
// the same bits; where an adapter is loaded onto a base that isn't frozen they are merged, which rounds otherwise (by about 1e-7). Adapters of every weight have a copy.
//
// What is loaded at one moment is a catalog that doesn't change. A request takes the model out of the catalog of the moment in which it is admitted and is answered by that alone, while
// Load and Unload put another catalog in place. A folder is read, checked against its passport and attached before anyone can ask for it. The header
// Fmkit-Adapter-Digest says which weights answered. The digest covers weights; labels and settings have a sum in the
// passport, which whoever can write to the folder can make fit: fm verify shows that.
//
// # Batches
//
// There is one batch at a time, for it has all cores. Rows of several requests go into it up to a budget of tokens, also those of different adapters when they share a
// base. It waits for nobody: what comes while a batch is computed is in the next one. By the engine's promise an answer has the same bits alone and in company, and a request whose
// work fails fails alone. Requests of many rows take turns with others. Pictures, policies and indexes are computed one request at a time.
//
// # Speed
//
// fm bench serve has 32 clients ask for the vectors of single texts of 5 to 60 words by a low-rank adapter of rank 8 on MiniLM-L6. On two cores, 5 pairs of 2 s: 228 requests a
// second beside 86 of FastAPI, sentence-transformers and peft in their fastest way (2.6 times), a median latency lower by 2.5 and a 99th percentile by 3.0 times. With 1,000 such
// adapters in memory, asked in turn, it answers 1.01 times the requests a second that it does with one; each adapter takes about 0.7 MB. The encoder alone takes 2 % longer with a
// change beside its weights, and another 2 % where every row of a batch has another.
//
// # Adding a task
//
// A task is one file, with a function that loads a folder and sets what the model can do, and one line in tasks.
package serve
