package hub

import "errors"

// Errors that a caller may branch on; they arrive wrapped, with the repository and the file.
var (
	ErrName     = errors.New("not a model's name")               // neither org/name nor org/name@revision
	ErrNotFound = errors.New("not found")                        // no such repository, revision or file, or it is private
	ErrAuth     = errors.New("not allowed")                      // private or gated: it takes a token
	ErrOffline  = errors.New("not in the cache")                 // and the hub isn't to be asked, or can't be reached
	ErrNoModel  = errors.New("no model that can be read")        // no safetensors, for example
	ErrServer   = errors.New("the server doesn't keep to rules") // an answer that no hub gives
	ErrDigest   = errors.New("content differs from its digest")
	ErrSize     = errors.New("size differs from what was said")
	ErrLimit    = errors.New("over a limit")
	ErrStatus   = errors.New("the server failed") // an error of the server's that stayed after several tries
	ErrArchive  = errors.New("archive can't be used")
)
