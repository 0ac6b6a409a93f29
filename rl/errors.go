package rl

import "errors"

// Errors of model folders that a caller may branch on; they arrive wrapped, with the file and the field.
var (
	ErrConfig           = errors.New("invalid config")       // a field of config.json is missing or out of range
	ErrUnsupportedModel = errors.New("unsupported model")    // another architecture
	ErrUnsupportedSpace = errors.New("unsupported space")    // observations or actions that the model can't have
	ErrShapeMismatch    = errors.New("shapes do not match")  // weights and config, or values and an environment, don't fit together
	ErrTensors          = errors.New("tensors do not match") // weights that the model has no place for
)
