//go:build amd64 && !purego

package kernels

// relax passes about 100 ns without keeping the core's execution units busy.
func relax() {
	for range 100 {
		_ = crew.epoch.Load()
	}
}
