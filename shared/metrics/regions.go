package metrics

// Regions numbers the connected components of mask [H, W] of the given width, neighbours being all eight, as anomalib takes them. labels [H, W]
// holds 0 outside mask and 1 to n inside, numbered by their first pixel in row order. labels is used again where it is long enough.
func Regions(labels []int32, mask []bool, width int) (_ []int32, n int) {
	if cap(labels) < len(mask) {
		labels = make([]int32, len(mask))
	}
	labels = labels[:len(mask)]
	clear(labels)
	var stack []int32
	for start, in := range mask {
		if !in || labels[start] != 0 {
			continue
		}
		n++
		labels[start] = int32(n)
		stack = append(stack[:0], int32(start))
		for len(stack) > 0 {
			at := int(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			x := at % width
			for dy := -width; dy <= width; dy += width {
				for dx := max(-1, -x); dx <= min(1, width-1-x); dx++ {
					to := at + dy + dx
					if to >= 0 && to < len(mask) && mask[to] && labels[to] == 0 {
						labels[to] = int32(n)
						stack = append(stack, int32(to))
					}
				}
			}
		}
	}
	return labels, n
}
