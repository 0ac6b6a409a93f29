//go:build mujoco

package mujoco

/*
#cgo LDFLAGS: -lmujoco
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mujoco/mujoco.h>

// The library's answer to an error is to end the process, unless its handler doesn't return. So every call is made between GUARD and
// DONE, and the handler jumps back to there, over frames of C only.
static _Thread_local jmp_buf* fm_back;
static _Thread_local char fm_message[1000];

static void fm_error(const char* message) {
	snprintf(fm_message, sizeof fm_message, "%s", message);
	if (fm_back) longjmp(*fm_back, 1);
	fprintf(stderr, "mujoco: %s\n", message); // not reached: there's no call without a guard
	abort();
}

// Warnings are counted in mjData, which step looks at.
static void fm_warning(const char* message) { (void)message; }

enum { FM_OK, FM_FAILED, FM_UNSTABLE };

#define GUARD(failed)                                      \
	jmp_buf back;                                           \
	fm_message[0] = 0;                                      \
	fm_back = &back;                                        \
	if (_setjmp(back)) {                                    \
		fm_back = NULL;                                      \
		return failed;                                       \
	}
#define DONE(result)   \
	fm_back = NULL;     \
	return result

static const char* fm_last(void) { return fm_message; }

static void fm_handlers(void) {
	mju_user_error = fm_error;
	mju_user_warning = fm_warning;
}

static mjModel* fm_load(const char* path) {
	fm_handlers();
	GUARD(NULL);
	mjModel* m = mj_loadXML(path, NULL, fm_message, sizeof fm_message);
	DONE(m);
}

static mjData* fm_data(const mjModel* m) {
	GUARD(NULL);
	mjData* d = mj_makeData(m);
	DONE(d);
}

static void fm_free(mjModel* m, mjData* d) {
	GUARD();
	if (d) mj_deleteData(d);
	if (m) mj_deleteModel(m);
	DONE();
}

static int fm_body(const mjModel* m, const char* name) {
	GUARD(-1);
	int i = mj_name2id(m, mjOBJ_BODY, name);
	DONE(i);
}

// fm_see copies the state out; a and b are bodies, or negative.
static void fm_see(const mjModel* m, const mjData* d, int a, int b, double* qpos, double* qvel, double* reach) {
	memcpy(qpos, d->qpos, m->nq * sizeof(double));
	memcpy(qvel, d->qvel, m->nv * sizeof(double));
	for (int i = 0; a >= 0 && i < 3; i++) reach[i] = d->xpos[3 * a + i] - d->xpos[3 * b + i];
}

static int fm_unstable(const mjData* d) {
	return d->warning[mjWARN_BADQPOS].number + d->warning[mjWARN_BADQVEL].number + d->warning[mjWARN_BADQACC].number +
	       d->warning[mjWARN_BADCTRL].number > 0;
}

static int fm_set(mjModel* m, mjData* d, int a, int b, double* qpos, double* qvel, double* reach) {
	GUARD(FM_FAILED);
	mj_resetData(m, d);
	memcpy(d->qpos, qpos, m->nq * sizeof(double));
	memcpy(d->qvel, qvel, m->nv * sizeof(double));
	mj_forward(m, d);
	fm_see(m, d, a, b, qpos, qvel, reach);
	DONE(fm_unstable(d) ? FM_UNSTABLE : FM_OK);
}

static int fm_step(mjModel* m, mjData* d, int a, int b, double* qpos, double* qvel, double* reach, const double* ctrl, int n) {
	GUARD(FM_FAILED);
	memcpy(d->ctrl, ctrl, m->nu * sizeof(double));
	for (int i = 0; i < n; i++) mj_step(m, d);
	fm_see(m, d, a, b, qpos, qvel, reach);
	DONE(fm_unstable(d) ? FM_UNSTABLE : FM_OK);
}
*/
import "C"

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"unsafe"
)

// A simulator is a model and its data. What they take of memory goes when the simulator does.
type simulator struct {
	m        *C.mjModel
	d        *C.mjData
	a, b     C.int // bodies to see, negative for none
	timestep float64
	fault    error // for good
}

// loading guards the library's handlers, which are globals of its own: while it loads a model it has others in their place.
var loading sync.RWMutex

// allocated is what a cleanup frees.
type allocated struct {
	m *C.mjModel
	d *C.mjData
}

// newSimulator loads a model that has the task's sizes, and writes where it rests and the bounds of its controls.
func newSimulator(path string, t task, rest *state, low, high []float64) (*simulator, error) {
	s, err := load(path)
	if err != nil {
		return nil, err
	}
	if nq, nv, nu, na := int(s.m.nq), int(s.m.nv), int(s.m.nu), int(s.m.na); nq != t.nq || nv != t.nv || nu != t.nu || na != 0 {
		return nil, fmt.Errorf("%w: %s: got %d positions, %d velocities, %d controls and %d activations, want %d, %d, %d and 0", ErrModel, path, nq, nv, nu, na, t.nq, t.nv, t.nu)
	}
	if s.timestep = float64(s.m.opt.timestep); !(s.timestep > 0) {
		return nil, fmt.Errorf("%w: %s: got a time step of %v", ErrModel, path, s.timestep)
	}
	for i, to := range []*C.int{&s.a, &s.b} {
		if t.bodies[i] == "" {
			continue
		}
		body := C.CString(t.bodies[i])
		*to = C.fm_body(s.m, body)
		C.free(unsafe.Pointer(body))
		if *to < 0 {
			return nil, fmt.Errorf("%w: %s: it has no body %q", ErrModel, path, t.bodies[i])
		}
	}
	copy(rest.qpos, unsafe.Slice((*float64)(s.m.qpos0), t.nq))
	bounds := unsafe.Slice((*float64)(s.m.actuator_ctrlrange), 2*t.nu)
	limited := unsafe.Slice((*byte)(unsafe.Pointer(s.m.actuator_ctrllimited)), t.nu)
	for i := range t.nu {
		if low[i], high[i] = bounds[2*i], bounds[2*i+1]; limited[i] == 0 {
			low[i], high[i] = math.Inf(-1), math.Inf(1)
		}
	}
	if err := s.set(rest); err != nil {
		return nil, err
	}
	return s, nil
}

// load makes a model and its data.
func load(path string) (*simulator, error) {
	loading.Lock()
	defer loading.Unlock()
	runtime.LockOSThread() // an error's words are the thread's
	defer runtime.UnlockOSThread()
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	s := &simulator{m: C.fm_load(name), a: -1, b: -1}
	if s.m == nil {
		return nil, fmt.Errorf("%w: %s", ErrModel, C.GoString(C.fm_last()))
	}
	if s.d = C.fm_data(s.m); s.d == nil {
		err := fmt.Errorf("%w: %s", ErrLibrary, C.GoString(C.fm_last()))
		C.fm_free(s.m, nil)
		return nil, err
	}
	runtime.AddCleanup(s, func(x allocated) { C.fm_free(x.m, x.d) }, allocated{s.m, s.d})
	return s, nil
}

// set begins anew at a state, and completes it.
func (s *simulator) set(x *state) error {
	if s.fault != nil {
		return s.fault
	}
	enter()
	defer s.leave()
	code := C.fm_set(s.m, s.d, s.a, s.b, number(x.qpos), number(x.qvel), number(x.reach[:]))
	return s.outcome(code)
}

// step simulates n steps and writes the state behind them.
func (s *simulator) step(x *state, ctrl []float64, n int) error {
	if s.fault != nil {
		return s.fault
	}
	enter()
	defer s.leave()
	code := C.fm_step(s.m, s.d, s.a, s.b, number(x.qpos), number(x.qvel), number(x.reach[:]), number(ctrl), C.int(n))
	return s.outcome(code)
}

// enter begins a call into the library.
func enter() {
	loading.RLock()
	runtime.LockOSThread()
}

// leave ends it.
func (s *simulator) leave() {
	runtime.UnlockOSThread()
	loading.RUnlock()
	runtime.KeepAlive(s)
}

func number(x []float64) *C.double { return (*C.double)(unsafe.SliceData(x)) }

func (s *simulator) outcome(code C.int) error {
	switch code {
	case C.FM_FAILED:
		s.fault = fmt.Errorf("%w: %s", ErrLibrary, C.GoString(C.fm_last()))
		return s.fault
	case C.FM_UNSTABLE:
		return fmt.Errorf("%w: its numbers are out of bounds", ErrUnstable)
	}
	return nil
}

// Version is that of the library.
func Version() string { return C.GoString(C.mj_versionString()) }
