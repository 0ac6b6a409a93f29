package hub

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxPath    = 512 // bytes of a file name with its folders
	maxSegment = 255 // bytes of one part of it: what file systems allow
)

// inside refuses a name from a hub or an archive that could mean a file outside the folder that it belongs to, on any system.
func inside(name string) error {
	why := ""
	switch {
	case name == "":
		why = "it is empty"
	case len(name) > maxPath:
		why = fmt.Sprintf("it has %d bytes, want at most %d", len(name), maxPath)
	case !utf8.ValidString(name):
		why = "it is not UTF-8"
	case strings.Contains(name, `\`):
		why = "it has a backslash"
	case strings.ContainsFunc(name, unicode.IsControl):
		why = "it has a control character"
	case strings.HasPrefix(name, "/"):
		why = "it is absolute"
	}
	for part := range strings.SplitSeq(name, "/") {
		if why != "" {
			break
		}
		switch {
		case part == "" || part == "." || part == "..":
			why = fmt.Sprintf("it has the part %q", part)
		case len(part) > maxSegment:
			why = fmt.Sprintf("a part has %d bytes, want at most %d", len(part), maxSegment)
		case len(part) > 1 && part[1] == ':':
			why = "it has a drive letter"
		}
	}
	if why != "" {
		return fmt.Errorf("%w: %q: %s", ErrUnsafeName, shorten(name), why)
	}
	return nil
}

// writable refuses what inside does, and what is no plain file on some system.
func writable(name string) error {
	if err := inside(name); err != nil {
		return err
	}
	for part := range strings.SplitSeq(name, "/") {
		why := ""
		switch {
		case strings.ContainsAny(part, `:*?"<>|`):
			why = "it has one of :*?\"<>|"
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || strings.HasPrefix(part, " "):
			why = "a part has a space at an end or a dot at its end"
		case isDevice(part):
			why = "it is a device's"
		}
		if why != "" {
			return fmt.Errorf("%w: %q: %s", ErrUnsafeName, shorten(name), why)
		}
	}
	return nil
}

// isDevice knows the names that Windows gives to devices, whatever their ending.
func isDevice(part string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(part), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, p := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(base, p); ok && utf8.RuneCountInString(n) == 1 && strings.ContainsAny(n, "0123456789¹²³") {
			return true
		}
	}
	return false
}
