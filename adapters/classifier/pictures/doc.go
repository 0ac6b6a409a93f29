// Package pictures puts pictures into classes with a vision base and an adapter, as package classifier does texts.
//
// Load attaches an adapter folder to its base; classifier/train makes one. FromHead takes a checkpoint of transformers'
// ViTForImageClassification instead.
package pictures
