package envtest_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/envtest"
)

func ExampleCheck() {
	err := envtest.Check(func() (env.Env, error) { return classic.NewAcrobot(), nil })
	fmt.Println(err)
	// Output: <nil>
}
