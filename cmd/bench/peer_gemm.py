"""Matrix products of OpenBLAS (openblas) or of PyTorch (torch), for `fm bench kernels`.

    peer_gemm.py openblas|torch THREADS FORM/MxNxK...

FORM is nn (A·B), nt (A·Bᵀ) or tn (Aᵀ·B). Threads come from OMP_NUM_THREADS too, which the caller sets before this starts.
"""
import ctypes
import glob
import os
import sys

import peer_lines


def openblas(threads, names):
    import numpy as np

    found = [os.environ["FMKIT_OPENBLAS"]] if "FMKIT_OPENBLAS" in os.environ else []
    found += glob.glob("/usr/lib/*/openblas-openmp/libopenblas.so.0") + glob.glob("/usr/lib*/libopenblaso.so.0")
    if not found:
        sys.exit("no OpenMP build of OpenBLAS found: apt install libopenblas0-openmp, or name the library in FMKIT_OPENBLAS")
    lib = ctypes.CDLL(found[0])
    lib.openblas_set_num_threads(threads)
    lib.openblas_get_config.restype = ctypes.c_char_p
    if lib.openblas_get_parallel() != 2:
        sys.exit(found[0] + " is not an OpenMP build")
    sgemm = lib.cblas_sgemm
    sgemm.restype = None
    f, p, i = ctypes.c_float, ctypes.c_void_p, ctypes.c_int
    sgemm.argtypes = [i, i, i, i, i, i, f, p, i, p, i, f, p, i]

    def make(form, m, n, k):
        r = np.random.default_rng(1)
        a, b = r.standard_normal(m * k, np.float32), r.standard_normal(n * k, np.float32)
        c = np.zeros(m * n, np.float32)
        ta, tb = 111 + (form == "tn"), 111 + (form == "nt")  # CblasNoTrans, CblasTrans
        lda, ldb = (m if form == "tn" else k), (k if form == "nt" else n)
        ptr = a.ctypes.data, b.ctypes.data, c.ctypes.data

        def work(keep=(a, b, c)):
            sgemm(101, ta, tb, m, n, k, 1.0, ptr[0], lda, ptr[1], ldb, 0.0, ptr[2], n)

        work()
        x = a.reshape(k, m).T if form == "tn" else a.reshape(m, k)
        y = b.reshape(n, k).T if form == "nt" else b.reshape(k, n)
        assert np.allclose(c.reshape(m, n)[:8], x[:8].astype(float) @ y.astype(float), atol=1e-2), "wrong product"
        return work

    return {"peer": "OpenBLAS " + lib.openblas_get_config().decode()}, ways(make, names, "cblas_sgemm")


def torch_mm(threads, names):
    import torch

    torch.set_num_threads(threads)

    def make(form, m, n, k):
        torch.manual_seed(1)
        a = torch.randn(k, m).t() if form == "tn" else torch.randn(m, k)
        b = torch.randn(n, k).t() if form == "nt" else torch.randn(k, n)
        c = torch.empty(m, n)

        def work():
            torch.mm(a, b, out=c)

        return work

    return {"peer": "PyTorch " + torch.__version__}, ways(make, names, "torch.mm")


def ways(make, names, way):
    def one(name):
        form, size = name.split("/")
        m, n, k = map(int, size.split("x"))
        return {way: lambda: make(form, m, n, k)}

    return {name: one(name) for name in names}


if __name__ == "__main__":
    library, threads, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    peer_lines.serve(*(openblas if library == "openblas" else torch_mm)(threads, names))
