// Package vision is the image modality: a picture processor, a patch embedding and the shared encoder, in one Hugging Face folder.
//
//	m, err := vision.Load("my-model")      // config.json, model.safetensors, preprocessor_config.json
//	err = m.Processor.Process(pixels, p)   // [C, H, W] of a picture
//	err = m.Snapshot().Encode(y, pixels, 1) // [1, 1+N, D]: the class token, then N patches in row order
//
// The model is ViT (Dosovitskiy et al., 2020) and the encoder of ViTMAE (He et al., 2022): a pre-norm encoder over square patches of square pictures. Parameters
// bear the names of transformers, and Save writes what transformers loads. Folders may come from strangers: sizes are checked against limits, and
// against the header of the weight files, before anything is allocated; no code in a folder is ever run. A model of ours may have a stem of convolutions before the projection
// of patches (Config.Stem); its folder is the same, but transformers has no class for it. From random weights mini learnt more with one: of Fashion-MNIST, 6,000 pictures, 5 epochs in
// batches of 16 at 1e-3, it calls 76.8 % of 3,000 others right with stem_channels [64, 128] and 74.9 % without (one seed), in 2 % more time; adapters/inspector/train has more.
//
// A Model is what training changes, on Rows of pictures where shared/finetune tunes it; an Inference is an immutable snapshot of it, safe for concurrent use.
package vision
