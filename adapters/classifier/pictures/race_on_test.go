//go:build race

package pictures_test

const raceEnabled = true
