package kernels

// Gather sets row i of y [N, D] to row ids[i] of table [V, D], N = len(ids). It panics when an id is out of range.
func Gather(y, table []float32, ids []int32, d int) {
	checkIDs(len(y), len(table), ids, d, 0)
	gathers.run(gatherRows, gatherArgs{y, table, ids, d}, len(ids), d, 1)
}

// GatherAdd adds row ids[i] of table [V, D] to row i of y [N, D], N = len(ids).
func GatherAdd(y, table []float32, ids []int32, d int) {
	checkIDs(len(y), len(table), ids, d, 0)
	gathers.run(gatherAddRows, gatherArgs{y, table, ids, d}, len(ids), d, 1)
}

// ScatterAdd adds row i of y [N, D] to row ids[i] of table [V, D], in ascending i, and skips negative ids: the backward
// of Gather and GatherAdd.
func ScatterAdd(table, y []float32, ids []int32, d int) {
	checkIDs(len(y), len(table), ids, d, -1<<31)
	gathers.run(scatterAddColumns, gatherArgs{y, table, ids, d}, d, len(ids), stripWidth(d))
}

func checkIDs(y, table int, ids []int32, d int, least int32) {
	if y < len(ids)*d {
		panic("kernels: embedding: slice too short")
	}
	for _, id := range ids {
		if id < least || (int(id)+1)*d > table {
			panic("kernels: embedding: id out of range")
		}
	}
}

type gatherArgs struct {
	y, table []float32
	ids      []int32
	d        int
}

var gathers ranger[gatherArgs]

func gatherRows(a *gatherArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		copy(a.y[i*a.d:(i+1)*a.d], a.table[int(a.ids[i])*a.d:])
	}
}

func gatherAddRows(a *gatherArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		add(a.y[i*a.d:(i+1)*a.d], a.table[int(a.ids[i])*a.d:])
	}
}

// scatterAddColumns adds columns lo to hi of every row.
func scatterAddColumns(a *gatherArgs, lo, hi int) {
	for i, id := range a.ids {
		if id >= 0 {
			add(a.table[int(id)*a.d+lo:int(id)*a.d+hi], a.y[i*a.d+lo:])
		}
	}
}
