// Package transfer asks whether pretraining pays on some labelled examples. A Comparison learns them by several arms (a cheap baseline, the same model from
// random weights, and the base with a head alone, by low-rank changes and tuned as a whole) from several numbers of labels with several seeds, and its Report
// says what that comes to, with intervals that are paired by seed and test item.
//
// Every arm chooses among its settings on the same development examples; the trained ones have the same grid of rates and epochs. Every fit is a cell that is
// kept in a file, so a comparison that was stopped goes on, and one with more budgets or seeds adds to it. Apart from times a report is a function of
// its data, base and settings.
//
// A task gives a Subject: its finetune.Task, a score of each item, and its cheap baseline. Something else than a finetune.Task gives its arms itself.
package transfer
