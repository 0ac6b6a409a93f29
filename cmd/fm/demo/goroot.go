package demo

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// GOROOT finds a Go installation with its sources: by the environment, by the go command, or in the usual places. It gives "" where there
// is none.
func GOROOT(ctx context.Context) string {
	candidates := []string{os.Getenv("GOROOT"), goEnv(ctx)}
	home, _ := os.UserHomeDir()
	for _, pattern := range []string{
		"/usr/local/go", "/usr/lib/go", "/usr/lib/go-*", "/usr/share/go-*", "/usr/lib/golang", "/snap/go/current",
		"/opt/homebrew/opt/go/libexec", "/usr/local/opt/go/libexec", `C:\Program Files\Go`, filepath.Join(home, "sdk", "go*"), filepath.Join(home, "go"),
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well-formed
		slices.Reverse(found)              // the newest version first, more often than not
		candidates = append(candidates, found...)
	}
	for _, dir := range candidates {
		if dir == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "src", "fmt", "print.go")); err == nil {
			return dir
		}
	}
	return ""
}

// goEnv asks the go command.
func goEnv(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
