package hub

import (
	"fmt"
	"regexp"
	"strings"
)

// A Name is a repository of the hub and a revision of it: a branch, a tag or a commit.
type Name struct{ Repo, Revision string }

// main is the revision where none is named.
const mainBranch = "main"

var (
	repoPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$`)
	revisionPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$`)
	commitPattern   = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// ParseName reads org/name or org/name@revision.
func ParseName(s string) (Name, error) {
	repo, revision, given := strings.Cut(s, "@")
	if !given {
		revision = mainBranch
	}
	n := Name{repo, revision}
	for _, part := range []string{"..", "--", "//"} { // "--" stands for "/" in the cache
		if strings.Contains(repo, part) {
			return n, fmt.Errorf("hub: %.100q: %w: it has %q", s, ErrName, part)
		}
	}
	if !repoPattern.MatchString(repo) {
		return n, fmt.Errorf("hub: %.100q: %w: want org/name or org/name@revision", s, ErrName)
	}
	if !revisionPattern.MatchString(revision) || strings.Contains(revision, "..") || strings.Contains(revision, "//") || strings.HasSuffix(revision, "/") {
		return n, fmt.Errorf("hub: %.100q: %w: revision: want a branch, a tag or a commit", s, ErrName)
	}
	return n, nil
}

// String is org/name@revision.
func (n Name) String() string { return n.Repo + "@" + n.Revision }

// folder is the repository's name in the cache.
func (n Name) folder() string { return "models--" + strings.ReplaceAll(n.Repo, "/", "--") }

// pinned says that the revision is a commit, which never means anything else.
func (n Name) pinned() bool { return commitPattern.MatchString(n.Revision) }
