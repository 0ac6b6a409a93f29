// Package shared holds nothing itself: the packages below it are the parts that every modality is built from.
//
// From the bottom up:
//
//	random      keyed, counter-based random numbers
//	strictjson  JSON from strangers: no duplicate or unknown keys, limits
//	kernels     the maths on []float32, by one canonical order of operations
//	nn          parameters and layers, each with an explicit Forward and Backward
//	backbone    the transformer encoder and its packed inference snapshot
//	peft        few trained parameters on a frozen encoder: LoRA, IA3, prefixes and others, in PEFT's files
//	checkpoint  safetensors files, durable folders, digests
//	data        readers, splits, packing, buckets; data/corpus makes one corpus of many sources
//	metrics     scores and their intervals
//	calibration confidence, thresholds that keep a promise, and when to abstain
//	graph       sublayers as a Gorgonia graph, AdamW as its solver
//	adapter     adapter folders and their passports
//	hub         models from the Hugging Face hub, its cache, and archives
//	train       the training loop and its run folder
//	finetune    what the training of every adapter shares
//	transfer    whether pretraining pays: arms compared by budgets of labels and seeds
//	rerun       a pretraining run trained again from its folder
//
// Imports go down only; layers_test.go holds the table.
package shared
