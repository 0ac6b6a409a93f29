package adapter

import "errors"

// Errors that a caller may branch on; they arrive wrapped, with what was got and wanted.
var (
	ErrPassport     = errors.New("passport is not valid")             // fmkit.json or adapter_config.json is missing, malformed or contradicts itself
	ErrTask         = errors.New("adapter is for another task")       // Attach to the wrong predictor
	ErrBaseMismatch = errors.New("adapter was made for another base") // Attach to the wrong base model
	ErrTensors      = errors.New("tensors do not match")              // missing, unknown or misshapen tensors
	ErrDigest       = errors.New("weights do not match the passport") // the weights are not those the passport speaks of
	ErrRecipe       = errors.New("recipe is not the one on record")   // the recipe is not the one whose hash, or whose outcome, the passport holds
	ErrChanged      = errors.New("not what was written")              // passport or configuration don't have the sums that were written with them
	ErrDataChanged  = errors.New("data have changed")                 // a data file is not the one the passport speaks of
)
