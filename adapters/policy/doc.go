// Package policy acts in environments: a head over the shared encoder that gives actions and how good a state is.
package policy
