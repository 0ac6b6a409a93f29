// Package text is the text modality: a tokenizer, a token embedding and the shared encoder, in one Hugging Face folder.
//
//	m, err := text.Load("my-model")           // config.json, model.safetensors, tokenizer.json
//	e, err := text.NewEmbedder(m, text.EmbedConfig{})
//	v, err := e.Embed(ctx, []string{"a text"})
//
// Post-norm models with learnt positions are BERT models under BERT's own names, so transformers loads what Save writes, and
// Load reads what transformers wrote. Folders may come from strangers: sizes are checked against limits, and against the header of the weight file, before anything
// is allocated; no code in a folder is ever run.
//
// A Model is what training changes; an Inference is an immutable snapshot of it, safe for concurrent use, on which an Embedder and
// the adapters' predictors stand. The pretrain sub-package trains a model, finetune is what the adapters' training shares.
package text
