package hub

import "errors"

// Errors that a caller may branch on.
var (
	// ErrName: the text is neither a folder nor org/name[@revision].
	ErrName = errors.New("not the name of a model")
	// ErrSetting: a variable of the environment has a value that can't be used.
	ErrSetting = errors.New("bad setting")
	// ErrRepository: the hub knows no such repository, or shows it only to those who may see it.
	ErrRepository = errors.New("unknown repository")
	// ErrRevision: the repository has no such branch, tag or commit.
	ErrRevision = errors.New("unknown revision")
	// ErrAccess: the hub refuses the token, or wants one.
	ErrAccess = errors.New("access refused")
	// ErrNoModel: there is no config.json with *.safetensors beside it.
	ErrNoModel = errors.New("no model that can be used")
	// ErrArchive: the archive is damaged, or holds what no archive of a model has any need for.
	ErrArchive = errors.New("bad archive")
	// ErrUnsafeName: a hub or an archive names a file that may not be written.
	ErrUnsafeName = errors.New("unsafe file name")
	// ErrLimit: something is larger, or there is more of it, than is allowed.
	ErrLimit = errors.New("over a limit")
	// ErrCorrupt: a file has not the size or the digest that the hub promised.
	ErrCorrupt = errors.New("not the file that was promised")
	// ErrProtocol: the answer is not that of a hub.
	ErrProtocol = errors.New("not the answer of a hub")
	// ErrUnreachable: the hub doesn't answer, or not to the end, or says that it can't at present.
	ErrUnreachable = errors.New("the hub can't be reached")
	// ErrOffline: the cache doesn't hold the model, and the hub may not be asked.
	ErrOffline = errors.New("not in the cache, and HF_HUB_OFFLINE is set")
)
