package extractive

// Lead scores n sentences so that earlier ones come first: Select with them takes the beginning of the document.
func Lead(n int) []float64 {
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = float64(n-i) / float64(n)
	}
	return scores
}
