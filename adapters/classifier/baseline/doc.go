// Package baseline has the cheap classifiers that a pretrained model has to beat. Of texts: TF-IDF features and a linear model, as
// scikit-learn's TfidfVectorizer with LinearSVC or LogisticRegression. Of pictures: histograms of oriented gradients, as scikit-image's hog, and the same SVM.
//
// All arithmetic is float64 in a fixed order, so a fit is the same for the same examples, whatever the number of processors.
package baseline
