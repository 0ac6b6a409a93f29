package kernels

// AttentionShape describes queries, keys and values inside larger activations. Queries are q [B, Tq, H, K] with LdQ
// floats between successive positions, keys and values k, v [B, Tk, H, K] with LdKV, the output o [B, Tq, H, K] with LdO;
// head h of a position starts at h*K.
//
// What a query gets does not depend on Tq, Tk or on the other samples: padding changes nothing.
type AttentionShape struct {
	B, H, K, Tq, Tk int
	LdQ, LdKV, LdO  int

	// QLengths and KLengths [B] count the valid queries and keys of a sample; nil means all. Queries past them give o = 0 and
	// dq = 0, keys past them get p = 0 and dk = dv = 0.
	QLengths, KLengths []int32

	Causal bool // query i sees keys j <= Offset+i
	Offset int
	Window int // > 0: query i sees keys with |Offset+i-j| <= Window/2 only

	Scale float32 // of the scores, usually 1/sqrt(K)

	// Dropout is the probability that a p is dropped, by Keys [B]: element j of the row of query i and head h is keyed by
	// the mix of Keys[b] and h<<32|i.
	Dropout float32
	Keys    []uint64
}

// Attention sets o to softmax(scale q kᵀ) v, head by head (Vaswani et al. 2017, equation 1). It saves the
// probabilities, before dropout, in probs [B, H, Tq, Tk] for AttentionBackward; probs is nil when no gradient is wanted.
//
//	s[j] := 0; for d := range K { s[j] = fma(q[i,d], k[j,d], s[j]) }, for every visible key j
//	p = softmax of scale*s over the visible keys; sums by 16 lanes of the absolute j
//	o[i,d] := 0; for j { o[i,d] = fma(p[j], v[j,d], o[i,d]) }
//
// The last loop runs over the keys that any query of the same group (48 successive queries from a multiple of 48, with
// none cut off) can see, starting at a multiple of 16; the invisible ones among them have p = 0.
// A query that sees no key gets o = 0.
func Attention(o, probs, q, k, v []float32, s *AttentionShape) {
	s.check(q, k, v, o, probs)
	a := attentions.get()
	*a = attention{AttentionShape: *s, o: o, probs: probs, q: q, k: k, v: v}
	a.share()
	attentions.put(a)
}

// AttentionBackward sets dq, dk and dv, which lie like q, k and v, from do, which lies like o, and the saved probs
// [B, H, Tq, Tk].
//
//	dv[j,d] := 0; for i { dv[j,d] = fma(p[i,j], do[i,d], dv[j,d]) }, with p after dropout
//	dp[i,j] = chain over d of do[i,d] v[j,d], through dropout
//	ds[i,j] = p (dp - sum over j of p dp) scale, with p before dropout
//	dq[i,d] = chain over j of ds[i,j] k[j,d]; dk[j,d] = chain over i of ds[i,j] q[i,d]
func AttentionBackward(dq, dk, dv, do, q, k, v, probs []float32, s *AttentionShape) {
	s.check(q, k, v, do, probs)
	s.check(dq, dk, dv, do, probs)
	if probs == nil {
		panic("kernels: AttentionBackward: probs is nil")
	}
	a := attentions.get()
	*a = attention{AttentionShape: *s, backward: true, o: do, probs: probs, q: q, k: k, v: v, dq: dq, dk: dk, dv: dv}
	a.share()
	attentions.put(a)
}

func (s *AttentionShape) check(q, k, v, o, probs []float32) {
	if s.B < 0 || s.H < 0 || s.K < 0 || s.Tq < 0 || s.Tk < 0 {
		panic("kernels: Attention: negative size")
	}
	if s.LdQ < s.H*s.K || s.LdKV < s.H*s.K || s.LdO < s.H*s.K {
		panic("kernels: Attention: heads overlap: a row is shorter than H*K")
	}
	if s.QLengths != nil && len(s.QLengths) < s.B || s.KLengths != nil && len(s.KLengths) < s.B {
		panic("kernels: Attention: fewer lengths than samples")
	}
	if s.Dropout < 0 || s.Dropout >= 1 || s.Dropout > 0 && len(s.Keys) < s.B {
		panic("kernels: Attention: dropout outside [0, 1) or fewer keys than samples")
	}
	if short(q, s.B*s.Tq, s.LdQ, s.H*s.K) || short(o, s.B*s.Tq, s.LdO, s.H*s.K) ||
		short(k, s.B*s.Tk, s.LdKV, s.H*s.K) || short(v, s.B*s.Tk, s.LdKV, s.H*s.K) ||
		probs != nil && len(probs) < s.B*s.H*s.Tq*s.Tk {
		panic("kernels: Attention: a slice is shorter than its shape")
	}
}

// short says that x doesn't hold n rows of the given length and stride.
func short(x []float32, n, ld, length int) bool { return n > 0 && len(x) < (n-1)*ld+length }

// lengths returns the valid queries and keys of sample b.
func (s *AttentionShape) lengths(b int) (tq, tk int) {
	tq, tk = s.Tq, s.Tk
	if s.QLengths != nil {
		tq = min(max(int(s.QLengths[b]), 0), s.Tq)
	}
	if s.KLengths != nil {
		tk = min(max(int(s.KLengths[b]), 0), s.Tk)
	}
	return tq, tk
}

// visible returns the keys lo...hi that query i sees of tk valid ones; lo >= hi means none.
func (s *AttentionShape) visible(i, tk int) (lo, hi int) {
	at := s.Offset + i
	hi = tk
	if s.Causal {
		hi = min(hi, at+1)
	}
	if s.Window > 0 {
		lo = max(0, at-s.Window/2)
		hi = min(hi, at+s.Window/2+1)
	}
	return lo, max(hi, 0)
}
