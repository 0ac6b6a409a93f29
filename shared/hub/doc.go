// Package hub fetches models from the Hugging Face hub, or a server that speaks like it, into the hub's own cache, and takes them out of
// archives.
//
// The cache has the layout of the Python library huggingface_hub, which finds what was fetched here, and the other way round:
//
//	models--org--name/blobs/<etag>                what a file holds; <etag>.incomplete while it is on its way
//	models--org--name/refs/<revision>             the commit that a branch or tag stood for
//	models--org--name/snapshots/<commit>/<file>   a link to the blob
//	.locks/models--org--name/<etag>.lock          held by whoever fetches the blob
//
// Everything that a server says is checked before it is used: names against a list of those that a model folder has, sizes and
// SHA-256 (or git's hash, for small files) against what came. Nothing is written outside the cache, pickles are never fetched, and a download that was cut off goes on where
// it stopped. A file is under its name only when it is whole and durable.
//
// https://huggingface.co/docs/huggingface_hub/guides/manage-cache describes the layout.
package hub
