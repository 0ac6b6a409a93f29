//go:build race

package inspector

const raceEnabled = true
