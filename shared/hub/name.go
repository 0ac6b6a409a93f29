package hub

import (
	"fmt"
	"strings"
)

// A ref names a model on the hub.
type ref struct {
	repo     string // org/name
	revision string // a branch, a tag or a commit
}

func (r ref) String() string { return r.repo + "@" + r.revision }

const (
	defaultRevision = "main"
	maxRepoPart     = 96 // bytes of org and of name
	maxRevision     = 200
)

// parseName reads org/name or org/name@revision by the hub's rules for both.
func parseName(name string) (ref, error) {
	repo, revision, given := strings.Cut(name, "@")
	if !given {
		revision = defaultRevision
	}
	fail := func(why string) (ref, error) {
		return ref{}, fmt.Errorf("hub: %w: got %q, want org/name or org/name@revision: %s", ErrName, shorten(name), why)
	}
	org, own, ok := strings.Cut(repo, "/")
	switch {
	case !ok:
		return fail("there is no slash")
	case !isRepoPart(org) || !isRepoPart(own):
		return fail("org and name are letters, digits, -, _ and ., with neither - nor . at an end")
	case strings.Contains(repo, "--") || strings.Contains(repo, "..") || strings.HasSuffix(repo, ".git"):
		return fail("no name has --, .. or .git at its end")
	}
	if len(revision) > maxRevision || strings.ContainsAny(revision, " ~^?*[@") {
		return fail("the revision is not that of a branch, a tag or a commit")
	}
	if err := writable(revision); err != nil {
		return fail("the revision is not that of a branch, a tag or a commit")
	}
	return ref{repo, revision}, nil
}

func isRepoPart(s string) bool {
	if s == "" || len(s) > maxRepoPart || strings.ContainsRune("-.", rune(s[0])) || strings.ContainsRune("-.", rune(s[len(s)-1])) {
		return false
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}

// isCommit tells a whole commit id from the name of a branch or tag.
func isCommit(revision string) bool { return len(revision) == 40 && isHex(revision) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// shorten cuts a text from outside to a length fit for a message.
func shorten(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
