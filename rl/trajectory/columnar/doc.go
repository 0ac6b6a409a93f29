// Package columnar reads columns of Parquet files that strangers wrote, a range of rows at a time.
//
// It is our own reader, for the part of the format that trajectories need (parquet.thrift of apache/parquet-format 2.12): columns of at most one
// level of lists; plain, dictionary and run-length encoding; no, Snappy and Zstandard compression; pages of both versions. What is read of a
// file is bounded before it is allocated, so memory follows Limits and the size of the file, not what the file says of itself.
// github.com/parquet-go/parquet-go, which writes our files, isn't used for it: v0.32.0 allocates what lengths in a footer or a page header ask for.
// Of the first 1,000 mutants of TestMutants it panicked on 17, and it took 4 GiB for one; this package took 1 MiB for the largest of 10,000, and
// none got as far as the guard.
//
// A File is safe for concurrent use. It starts no goroutines.
package columnar
