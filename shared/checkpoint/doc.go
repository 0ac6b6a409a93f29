// Package checkpoint reads and writes weights and puts folders on disk so that
// a crash leaves the old or the new one, whole.
//
// Weights are safetensors files, https://github.com/huggingface/safetensors: a
// little-endian uint64 header length, a JSON header, then the raw values. The
// reader takes files from strangers: it parses the header with a strict parser
// of its own (no duplicate keys, exact key case, plain integers, checked
// products, limits on everything), keeps no more than the header and 36 bytes
// a tensor, and reads values by ReadAt only when they are asked for, so a file
// that shrinks underneath is an error and not a fault. It is stricter than the
// reference reader in these points, each a sentinel error:
//
//   - white space before the opening brace (ErrInvalidHeaderStart);
//   - duplicate names anywhere, unknown keys in a tensor (ErrDuplicateName, ErrTensorInfo);
//   - more than 65,536 tensors, 8 dimensions, 512 bytes of name (ErrTooManyTensors, ErrRank, ErrName);
//   - names with control characters or a ".." segment (ErrName);
//   - NaN and infinities when values are read, unless AllowNonFinite (ErrNonFinite).
//
// The weights of a model folder are model.safetensors or the shards that model.safetensors.index.json
// names; OpenWeights opens either, holds index and shards to each other, and takes no file by a name that
// could lead out of the folder. Files of other well-known formats are refused by what they are, whatever
// they are called; there is no unpickler.
//
// F32, F16 and BF16 are read, widened to float32, which is exact. F32 and F16
// are written. Other types can be listed but not read.
//
// Folders are written by Save: a temporary sibling, every file synced, the
// folder synced, one atomic exchange of names, the parent synced. The tests
// run every step of it through a simulated power cut.
package checkpoint
