package tokenizer

import (
	"regexp/syntax"
	"strings"
)

// gpt2Pattern is the one regular expression that has a scanner here; see splitGPT2.
const gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// refuseRegex says why a raw regular expression is not accepted.
func refuseRegex(path string, raw []byte) error {
	if raw[0] != '"' || len(raw) > 1<<16 {
		return errorf(path, ErrRegex, "want a string of at most %d bytes", 1<<16)
	}
	re := unquote(raw)
	_, err := syntax.Parse(re, syntax.Perl)
	if err != nil && !strings.Contains(re, "(?=") && !strings.Contains(re, "(?!") && !strings.Contains(re, "(?<") {
		return errorf(path, ErrRegex, "%.200v", err)
	}
	return errorf(path, ErrRegexUnsupported, "got %.200q", re)
}

// parseText reads the pattern {"String": ...} of a rule that knows no regular expressions.
func parseText(path string, raw []byte) (string, error) {
	o := openObject(path, raw)
	if re := o.take("Regex"); re != nil {
		return "", refuseRegex(path, re)
	}
	text := o.text("String")
	if o.err == nil && text == "" {
		return "", errorf(path, ErrField, "got an empty string")
	}
	return text, o.close()
}
