package inspector

// A Line is an answer as fm predict writes it, in JSON.
type Line struct {
	ID string `json:"id,omitempty"`
	*Answer
	Milliseconds float64 `json:"milliseconds"`
	Overlay      string  `json:"overlay,omitempty"` // file with the heat map over the picture
}
