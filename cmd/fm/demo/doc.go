// Package demo is the whole of what this module does, in under two minutes and with nothing but a Go installation: it trains a tokenizer and a
// tiny encoder on the documentation of the standard library, adapts a classifier that tells which package a sentence documents, and summarises
// a page.
//
// The classifier learns from a few sentences a package, with the packages' names masked; those it is scored on are in no text that
// tokenizer and encoder saw. The same model without pretraining and TF-IDF with a linear model stand beside it, whatever comes out.
package demo
