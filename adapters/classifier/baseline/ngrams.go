package baseline

import (
	"slices"
	"strings"
	"unicode"
)

// An analyser gives every n-gram of a text, repeats included.
type analyser func(text string, one func(gram string))

// wordGrams gives runs of low to high words, joined by spaces. A word is two or more letters, digits or underscores, in lower case.
func wordGrams(low, high int) analyser {
	return func(text string, one func(string)) {
		words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
		})
		words = slices.DeleteFunc(words, func(w string) bool { // words of one character don't count
			for i := range w {
				if i > 0 {
					return false
				}
			}
			return true
		})
		for n := low; n <= high; n++ {
			for i := 0; i+n <= len(words); i++ {
				if n == 1 {
					one(words[i])
				} else {
					one(strings.Join(words[i:i+n], " "))
				}
			}
		}
	}
}

// charGrams gives runs of low to high characters of every word with a space on both sides, in lower case; a word that is shorter than a run
// counts once, whole. Words are what stands between white space.
func charGrams(low, high int) analyser {
	return func(text string, one func(string)) {
		var at []int // byte offsets of the characters of a word, and its end
		for word := range strings.FieldsSeq(strings.ToLower(text)) {
			word = " " + word + " "
			at = at[:0]
			for i := range word {
				at = append(at, i)
			}
			at = append(at, len(word))
			length := len(at) - 1
			for n := low; n <= high; n++ {
				if n >= length {
					one(word)
					break
				}
				for i := 0; i+n <= length; i++ {
					one(word[at[i]:at[i+n]])
				}
			}
		}
	}
}
