//go:build !linux && !darwin

package checkpoint

import "errors"

func exchange(string, string) error { return errors.ErrUnsupported }
