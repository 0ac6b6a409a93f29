package checkpoint

import (
	"fmt"
	"strconv"
)

// Labels lists the n labels of config.json's id2label in the order of their ids. What it leaves out is called LABEL_<id>, as in transformers.
func Labels(id2label map[string]string, n int) ([]string, error) {
	all := make([]string, n)
	for i := range all {
		all[i] = "LABEL_" + strconv.Itoa(i)
	}
	for id, label := range id2label {
		i, err := strconv.Atoi(id)
		if err != nil || i < 0 || i >= n {
			return nil, fmt.Errorf("id2label: got id %.40q, want 0 to %d", id, n-1)
		}
		all[i] = label
	}
	return all, nil
}
