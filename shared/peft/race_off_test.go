//go:build !race

package peft

const raceEnabled = false
