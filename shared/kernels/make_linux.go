package kernels

import (
	"syscall"
	"unsafe"
)

const (
	pageSize  = 2 << 20 // of a large page: 2 MiB on amd64, and on arm64 with 4 KiB pages
	largeFrom = 1 << 20 // bytes: a smaller slice fits the second-level translation buffers with small pages
)

// largePages asks for large pages under s and the rest of its first and last page, which belong to the same heap. It is a
// hint: where it is refused, s has small pages (madvise(2), MADV_HUGEPAGE).
func largePages[E any](s []E) {
	var e E
	bytes := uintptr(len(s)) * unsafe.Sizeof(e)
	if bytes < largeFrom {
		return
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
	end := (start + bytes + pageSize - 1) &^ (pageSize - 1)
	start &^= pageSize - 1
	syscall.Syscall(syscall.SYS_MADVISE, start, end-start, syscall.MADV_HUGEPAGE)
}
