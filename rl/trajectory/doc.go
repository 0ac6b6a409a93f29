// Package trajectory has episodes of environments as data: recorded, stored, read back.
package trajectory
