// Package search finds passages by meaning: a text base turns passages and queries into vectors, and a query's passages are those with the largest cosine, found
// by an exact scan.
//
// An index is an adapter folder without a head: vectors in float16, the passages beside them, and a passport with the base's fingerprint, so that an index
// never meets the vectors of another model. Vectors are rounded to float16 before anything is searched: an index that was loaded answers as the one that
// was saved does. Equal scores are ordered by the passages' place.
//
// The baseline sub-package has BM25, which a base has to beat.
package search
