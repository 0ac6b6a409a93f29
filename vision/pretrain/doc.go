// Package pretrain trains vision models on pictures without labels, as masked autoencoders (He et al., "Masked Autoencoders Are Scalable Vision
// Learners", 2022).
//
// Of each picture the encoder sees a random quarter of the patches. A small decoder gets what the encoder makes of them, with one learnt vector in
// place of every patch that is hidden, and predicts the pixels of those. The decoder's parameters bear the names of transformers'
// ViTMAEForPreTraining and are stored beside the encoder's.
//
// Run reads pictures in any layout of package dataset, resizes them once into a cache, and trains with package train, so a run that was stopped goes on to the
// same bits. Masks and augmentations are pure functions of the seed and the sample's number. Verify trains again and compares.
package pretrain
