// Package demo is what this module is for, in under two minutes and with nothing but a Go installation: it adapts text/mini to telling which package
// of the standard library a sentence documents, summarises a page, finds scratches in cloth that it renders, and learns to balance a pole.
//
// The classifier learns from a few sentences a package, with the packages' names masked. The same model without pretraining and TF-IDF with a linear
// model stand beside it, whatever comes out.
package demo
