package pretrain

import (
	"hash/fnv"
	"math"
	"strings"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// The letters of a token are seen as n-grams of shortestGram to longestGram characters, its ends among them, hashed into buckets with a sign
// (Bojanowski et al., 2017; Weinberger et al., 2009).
const shortestGram, longestGram, buckets = 2, 5, 2048

// spelled returns the vectors [V, buckets] of how tokens are spelled, of length 1: n-grams that few tokens have count for more. Special tokens have zeros.
func spelled(tok *tokenizer.Tokenizer) []float32 {
	v := tok.VocabSize()
	x := kernels.Make[float32](v * buckets)
	for id := range v {
		if !tok.IsSpecial(int32(id)) {
			spell(x[id*buckets:(id+1)*buckets], tok.Token(int32(id)))
		}
	}
	rarity := make([]float32, buckets)
	for i, value := range x {
		if value != 0 {
			rarity[i%buckets]++
		}
	}
	for j, n := range rarity {
		rarity[j] = kernels.Log(float32(v) / (1 + n))
	}
	for id := range v {
		row := x[id*buckets : (id+1)*buckets]
		for j := range row {
			row[j] *= rarity[j]
		}
		lengthen(row, 1)
	}
	return x
}

// spell adds the n-grams of a token to row, each once. Marks of WordPiece and byte-level BPE say only whether a word begins.
func spell(row []float32, token string) {
	begins := "<"
	if rest, ok := strings.CutPrefix(token, "##"); ok {
		token, begins = rest, ""
	}
	letters := []rune(begins + strings.TrimPrefix(token, "Ġ") + ">")
	seen := map[string]bool{}
	for n := shortestGram; n <= longestGram; n++ {
		for i := 0; i+n <= len(letters); i++ {
			gram := string(letters[i : i+n])
			if seen[gram] {
				continue
			}
			seen[gram] = true
			h := fnv.New32a()
			h.Write([]byte(gram))
			sum := h.Sum32()
			sign := float32(1)
			if sum>>31 == 1 {
				sign = -1
			}
			row[sum%buckets] += sign
		}
	}
}

// lengthen scales a vector to a length, unless it is zero.
func lengthen(row []float32, length float64) {
	if norm := math.Sqrt(kernels.SumSquares(row)); norm > 0 {
		kernels.Scale(row, float32(length/norm))
	}
}

// beside puts the rows of a [N, A] and, times w, of b [N, B] beside each other: [N, A+B].
func beside(a, b []float32, n int, w float32) []float32 {
	da, db := len(a)/n, len(b)/n
	out := kernels.Make[float32](n * (da + db))
	for i := range n {
		row := out[i*(da+db) : (i+1)*(da+db)]
		copy(row, a[i*da:(i+1)*da])
		kernels.AddScaled(row[da:], b[i*db:(i+1)*db], w)
	}
	return out
}
