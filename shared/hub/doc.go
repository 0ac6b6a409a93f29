// Package hub fetches models from the Hugging Face hub into its standard cache, and takes models out of archives.
//
// The cache has the layout of the Python library huggingface_hub, so that each finds what the other has fetched:
//
//	models--org--name/blobs/<digest>            the content: sha256 of large files, git's blob id of small ones
//	models--org--name/refs/<revision>           the commit that a branch or tag was at when it was last asked for
//	models--org--name/snapshots/<commit>/<file> relative links to the blobs
//	.locks/models--org--name/<digest>.lock      held with flock while a blob is written
//
// A download goes into blobs/<digest>.incomplete, where the next call goes on after a cut. What is there in the end is read back, and becomes
// the blob only if its size and digest are those that the hub promised; then it is linked, config.json last, and the ref is
// written last of all. Every file and folder is synced on the way.
//
// The hub is not trusted: names that it lists are checked before they are used and written through os.Root, numbers and
// sizes have limits, redirects don't take the token to another host. Only the files that a text or vision model needs are taken, never pickles or
// programs, which could run code.
//
// How a hub answers: https://huggingface.co/docs/hub/api. The cache: https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
package hub
