//go:build unix

package bridge

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup has cmd lead a process group, which ends as one and to which a terminal's Ctrl-C doesn't go.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills every process of the group that p leads.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
