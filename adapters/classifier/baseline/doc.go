// Package baseline is the cheap text classifier that a pretrained model has to beat: TF-IDF features and a linear model, as
// scikit-learn's TfidfVectorizer with LinearSVC or LogisticRegression.
//
// All arithmetic is float64 in a fixed order, so a fit is the same for the same texts, whatever the number of processors.
package baseline
