package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// main runs the command line. The first SIGINT or SIGTERM cancels what is going on, which saves its state; the second ends the program at once.
func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := interrupt{signal: <-signals}
		cancel(s)
		<-signals
		os.Exit(s.code())
	}()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	os.Exit(report(ctx, err, os.Stderr))
}
