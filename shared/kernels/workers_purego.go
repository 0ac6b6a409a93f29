//go:build !amd64 || purego

package kernels

// relax passes about 100 ns.
func relax() {
	for range 100 {
		_ = crew.epoch.Load()
	}
}
