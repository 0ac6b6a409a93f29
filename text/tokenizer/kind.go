package tokenizer

// Kind is the type of the model, as tokenizer.json names it: WordPiece or BPE.
func (t *Tokenizer) Kind() string {
	if t.wp != nil {
		return "WordPiece"
	}
	return "BPE"
}
