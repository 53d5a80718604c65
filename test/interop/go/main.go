// Drives the emulators of AWS, Azure and Google with the official SDKs for Go, pointed at them by the environment, as a program of a user is.
// Exits 1 when a check fails; the last line is `N passed, N failed`.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"
)

// A check is one behaviour of a service. What it returns is what was wrong.
type check struct {
	name string
	run  func(context.Context) error
}

const (
	checkTimeout = 20 * time.Second
	pollInterval = 50 * time.Millisecond
)

func main() {
	checks, err := awsChecks()
	if err != nil {
		fatal(err)
	}
	vaultChecks, err := azureChecks()
	if err != nil {
		fatal(err)
	}
	secretChecks, err := googleChecks(context.Background())
	if err != nil {
		fatal(err)
	}
	passed, failed := 0, 0
	for _, check := range append(append(checks, vaultChecks...), secretChecks...) {
		if err := runOne(check); err != nil {
			failed++
			fmt.Printf("not ok  %s: %v\n", check.name, err)
			continue
		}
		passed++
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func runOne(check check) error {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	return check.run(ctx)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func freshName() string {
	return "go-" + rand.Text()
}

// want compares values, and pointers by what they point to.
func want(what string, got, wanted any) error {
	if value := reflect.ValueOf(got); value.Kind() == reflect.Pointer && !value.IsNil() {
		got = value.Elem().Interface()
	}
	if reflect.DeepEqual(got, wanted) {
		return nil
	}
	return fmt.Errorf("%s is %v, expected %v", what, got, wanted)
}

// poll repeats a call until it gives no error, or one that is not to be waited for.
func poll(ctx context.Context, isPending func(error) bool, call func() error) error {
	for {
		err := call()
		if err == nil || !isPending(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pollInterval):
		}
	}
}
