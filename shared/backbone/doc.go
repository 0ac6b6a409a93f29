// Package backbone holds the transformer encoder that every modality shares, and its packed snapshot for inference.
//
// An encoder maps embedded tokens [B, T, D], whoever embedded them, to [B, T, D]. It trains as a chain of sublayers, two to a
// block; it predicts as an Inference, which any number of goroutines may use, whole sequences at once or token by token with a Cache of each.
//
// Shapes: B batch, T sequence, D model, H heads, K head size, F hidden, N valid rows.
package backbone
