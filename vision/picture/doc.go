// Package picture turns files from strangers into pixels, and pixels into what a model reads.
//
// Decode reads PNG, JPEG, the first frame of GIF and, where it is allowed, WebP; Processor makes model input of a picture as the image processors of
// transformers do; Augment varies a picture for training; Mixup and CutMix blend batches.
//
// Whatever computes new values on the way to a model (resizing, rotation, colour, blur) is integer arithmetic of our own, because
// github.com/disintegration/imaging computes in float64, whose products a compiler for arm64 may fuse, so that a pixel may differ from one machine to the next;
// imaging does what only moves pixels: crops, flips and quarter turns.
// Resizing follows Pillow (libImaging/Resample.c): weights of 22 bits, 8 bits between the passes, their order as in version 13. Over 100 random pictures the tensors
// are those of Pillow 13 and transformers 5 to the bit; imaging's Linear and CatmullRom come within one level of them where the passes run in the same
// order, within 15 where they don't.
//
// imaging works in goroutines of its own, where a panic ends the program: it looks a paletted picture's indices up unchecked. It therefore never sees a
// picture of another kind than the NRGBA that Convert makes, its Open and Decode are never called, and CVE-2023-36308 does not apply. Importing it
// registers TIFF and BMP with the package image, so nothing here calls image.Decode either: the first bytes of a file choose the decoder.
package picture
