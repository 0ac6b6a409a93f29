// Package dataset reads labelled pictures on disk, in the layouts that they come in, and hands them to training and inspection.
//
// Open finds out which layout a path has and lists its pictures as Items, sorted by ID, without decoding one:
//
//	class folders        ROOT/<class>/*.png, or ROOT/train/<class>/*.png beside ROOT/val or ROOT/test (torchvision's ImageFolder)
//	MVTec folders        ROOT/train/good/*.png, ROOT/test/<defect>/*.png, ROOT/ground_truth/<defect>/*_mask.png
//	CSV manifest         header path,label and, if wanted, mask, template, group, split
//	JSONL manifest       {"path", "label", "mask", "template", "boxes": [{"x", "y", "width", "height", "label"}], "group", "split"} a line
//	IDX files            train-images-idx3-ubyte and train-labels-idx1-ubyte, as they are or gzipped (the MNIST family)
//	DeepPCB folders      index.txt, GROUP/ID_test.jpg, GROUP/ID_temp.jpg, GROUP/ID.txt
//	folder of pictures   pictures with no labels
//
// Lists are strict: what a manifest names must be there, nothing may lead out of the manifest's folder, no picture may occur twice,
// and errors name file and line. Load decodes the pictures of a list with any number of workers in the order of the list; it can
// skip and count up to 1 % of bad ones. A Cache keeps what was decoded, so that later epochs only read. HoldOut, HoldOutGroups and
// Shots split a list by seed, Hash identifies it in a recipe, Prepare makes our layouts out of data sets as published.
package dataset
