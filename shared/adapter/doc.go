// Package adapter reads and writes adapter folders: what a task adds to a base model, on disk.
//
//	adapter_config.json        PEFT's file: which base, which task, which modules are stored
//	adapter_model.safetensors  the weights, named as PEFT names them
//	fmkit.json                 the Passport: where the weights come from, and everything needed to make them again
//
// A folder is refused before it can answer anything unless its passport names the very base it is attached to, its weights have
// the passport's digest, and the names and shapes of its tensors are exactly those of the parameters they fill.
package adapter
