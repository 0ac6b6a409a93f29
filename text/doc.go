// Package text is the text modality: a tokenizer, a token embedding and the shared encoder, in one Hugging Face folder.
//
//	m, err := text.Load("my-model")           // config.json, model.safetensors, tokenizer.json
//	e, err := text.NewEmbedder(m, text.EmbedConfig{})
//	v, err := e.Embed(ctx, []string{"a text"})
//
// A folder may be one of transformers' BERT, RoBERTa, DistilBERT, ELECTRA or ModernBERT, with the pooling of sentence-transformers and with a
// head for masked tokens, classes of texts or tokens, or answers: see [LoadHead]. Parameters bear the names of their architecture, and Save writes what
// transformers loads. What those architectures can't say is model_type fmkit. Folders may come from strangers: sizes are checked against limits, and against the header
// of the weight files, before anything is allocated; no code in a folder is ever run.
//
// An architecture is a family: a file of its own says how its config.json reads and what its parameters and heads are called. There is one
// encoder for all of them, shared/backbone.
//
// A model that learnt to tell the next token continues texts, too: see [Generator].
//
// A Model is what training changes; an Inference is an immutable snapshot of it, safe for concurrent use, on which an Embedder and
// the adapters' predictors stand. The pretrain sub-package trains a model; shared/finetune tunes one, on Rows.
package text
