package picture_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/fmkit/fmkit/vision/picture"
)

// child is what this program does instead of its tests when it is told to: it gives a paletted picture with a wrong index to imaging, bare or through Convert.
func child() {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered")
			os.Exit(0)
		}
	}()
	bad := liars()["palette"]
	if os.Getenv("FMKIT_PICTURE_CHILD") == "bare" {
		imaging.Resize(bad, 8, 8, imaging.Linear)
	}
	m, err := picture.Convert(bad)
	if !errors.Is(err, picture.ErrDecode) {
		os.Exit(3)
	}
	picture.FlipH(m)
	fmt.Println("alive")
	os.Exit(0)
}

// TestImagingTakesTheProgramDown shows why Convert is there: a panic in imaging's goroutines can't be recovered from.
func TestImagingTakesTheProgramDown(t *testing.T) {
	run := func(how string) (string, error) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "FMKIT_PICTURE_CHILD="+how)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("bare")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(out, "index out of range") || strings.Contains(out, "recovered") {
		t.Errorf("bare: got %v, %q; want a program that panicked", err, out)
	}
	if out, err := run("guarded"); err != nil || strings.TrimSpace(out) != "alive" {
		t.Errorf("guarded: got %v, %q", err, out)
	}
}
