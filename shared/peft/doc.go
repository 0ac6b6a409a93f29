// Package peft tunes few parameters of an encoder whose own weights stay as they are (parameter-efficient fine-tuning), for encoders of every
// modality. Names, defaults and files are those of Hugging Face's PEFT.
//
// Attach puts low-rank changes (LoRA) on the linear layers of an encoder and freezes everything else; their parameters are all that is trained and
// stored. A snapshot of the encoder has them merged into its weights, so what predicts runs at the speed of the base.
package peft
