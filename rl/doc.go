// Package rl gives environments by their names. What they are is in package env and below.
package rl
