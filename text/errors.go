package text

import "errors"

// Errors that a caller may branch on; they arrive wrapped, with the file and the field.
var (
	ErrConfig           = errors.New("invalid config")         // a field of config.json is missing or out of range
	ErrConfigLimit      = errors.New("config is over a limit") // a size that no model for this program has
	ErrUnsupportedModel = errors.New("unsupported model")      // another architecture, or one that wants its own code run
	ErrShapeMismatch    = errors.New("shapes do not match")    // weights, config and tokenizer don't fit together
	ErrTokenizer        = errors.New("tokenizer does not fit") // no [CLS], [SEP] or [PAD], or more tokens than the model knows
	ErrTensors          = errors.New("tensors do not match")   // weights that the model has no place for
)
