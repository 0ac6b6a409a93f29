//go:build race

package peft

const raceEnabled = true
