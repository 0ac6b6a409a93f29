package vision

import "errors"

// Errors that a caller may branch on; they arrive wrapped, with the file and the field.
var (
	ErrConfig           = errors.New("invalid config")         // a field of config.json is missing or out of range
	ErrConfigLimit      = errors.New("config is over a limit") // a size that no model for this program has
	ErrUnsupportedModel = errors.New("unsupported model")      // another architecture, or one that wants its own code run
	ErrShapeMismatch    = errors.New("shapes do not match")    // weights and config don't fit together
	ErrTensors          = errors.New("tensors do not match")   // weights that the model has no place for
	ErrProcessor        = errors.New("processor does not fit") // it gives pictures of another size or with other channels
)
