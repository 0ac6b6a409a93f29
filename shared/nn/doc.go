// Package nn holds parameters and layers, each with an explicit Forward and Backward, written once for training and
// inference.
//
// Shapes are given by one letter key: B batch, T sequence, D model, H heads, K head size, F hidden, V vocabulary, N rows, S external
// positions. Activations that pass between sublayers are [B, T, D] with padding; inside a sublayer only the valid rows are computed,
// packed to [N, D], so padding costs nothing and changes nothing: the loss and every gradient of a batch are the same to the
// bit whatever length it is padded to.
//
// Backward adds into Param.Grad and skips what is frozen. A sublayer owns what it saves between Forward and Backward and
// serves one run at a time; its buffers grow to the largest batch seen and are reused.
package nn
