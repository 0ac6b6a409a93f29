// Package peft tunes few parameters of an encoder whose other weights stay as they are (parameter-efficient fine-tuning), for encoders of every
// modality: low-rank changes (LoRA), learnt scales (IA3), learnt keys and values (prefix tuning), bottlenecks, biases (BitFit), the last blocks. Names, defaults and
// files are those of Hugging Face's PEFT where it has the method.
//
// Attach puts a Change on an encoder and freezes everything else; the parameters of the change are all that is trained and stored. A snapshot of the encoder has LoRA
// and IA3 merged into its weights, so what predicts runs at the speed of the base. A Set has several changes by name on one encoder.
package peft
