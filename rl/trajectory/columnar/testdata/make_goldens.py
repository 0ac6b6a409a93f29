"""Makes the Parquet files of pyarrow that the tests read: python make_goldens.py   (pyarrow 26.0.1)

Row n of 300 has: flag n%3==0, small n-150 (int32), whole n*n*n (int64), single n/8 (float32), real n/10 (float64), name "row n" (string),
list n%5 numbers n+j, absent (null) in rows divisible by 7, fixed (n, -n, n/2), part {x: n%4, y: n}.
"""
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

N = 300
table = pa.table({
    "flag": pa.array([n % 3 == 0 for n in range(N)]),
    "small": pa.array([n - 150 for n in range(N)], pa.int32()),
    "whole": pa.array([n**3 for n in range(N)], pa.int64()),
    "single": pa.array([n / 8 for n in range(N)], pa.float32()),
    "real": pa.array([n / 10 for n in range(N)], pa.float64()),
    "name": pa.array([f"row {n}" for n in range(N)]),
    "list": pa.array([None if n % 7 == 0 else [n + j for j in range(n % 5)] for n in range(N)], pa.list_(pa.float32())),
    "fixed": pa.array([[n, -n, n / 2] for n in range(N)], pa.list_(pa.float64(), 3)),
    "part": pa.array([{"x": n % 4, "y": n} for n in range(N)], pa.struct([("x", pa.int64()), ("y", pa.float32())])),
    "null": pa.array([None if n == 200 else n for n in range(N)], pa.int64()),
})
here = Path(__file__).parent
for name, options in {
    "plain": dict(compression="none", use_dictionary=False, data_page_version="1.0", data_page_size=256, write_batch_size=16),
    "snappy": dict(compression="snappy", data_page_version="1.0", row_group_size=128),
    "zstd": dict(compression="zstd", data_page_version="2.0", data_page_size=256, write_batch_size=16, row_group_size=128),
    "gzip": dict(compression="gzip"),
}.items():
    pq.write_table(table, here / f"{name}.parquet", **options)
