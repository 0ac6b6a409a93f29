package checkpoint

import (
	"os"

	"golang.org/x/sys/unix"
)

// openFlags keep opening a pipe or a device from waiting.
const openFlags = unix.O_NONBLOCK | unix.O_NOCTTY

// onPseudoFS reports whether f is a kernel interface: those under /proc and /sys call themselves regular.
func onPseudoFS(f *os.File) bool {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return false
	}
	return st.Type == unix.PROC_SUPER_MAGIC || st.Type == unix.SYSFS_MAGIC
}
