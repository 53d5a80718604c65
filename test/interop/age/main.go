// Opens and seals files with the age that others use. The key comes on standard input.
//
//	age open FILE          prints what FILE holds
//	age seal FILE TEXT     makes FILE of what the file TEXT holds
//
// The key is identities, or a line `passphrase WORD…`.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

const workFactor = 15

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	key, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	identities, recipients, err := parse(key)
	if err != nil {
		return err
	}
	switch {
	case len(arguments) == 2 && arguments[0] == "open":
		return open(arguments[1], identities)
	case len(arguments) == 3 && arguments[0] == "seal":
		return seal(arguments[1], arguments[2], recipients)
	}
	return fmt.Errorf("usage: age open FILE | age seal FILE TEXT")
}

func parse(key []byte) ([]age.Identity, []age.Recipient, error) {
	if passphrase, found := strings.CutPrefix(strings.TrimSpace(string(key)), "passphrase "); found {
		identity, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return nil, nil, err
		}
		recipient, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return nil, nil, err
		}
		recipient.SetWorkFactor(workFactor)
		return []age.Identity{identity}, []age.Recipient{recipient}, nil
	}
	identities, err := age.ParseIdentities(bytes.NewReader(key))
	if err != nil {
		return nil, nil, err
	}
	var recipients []age.Recipient
	for _, identity := range identities {
		switch identity := identity.(type) {
		case *age.X25519Identity:
			recipients = append(recipients, identity.Recipient())
		case *age.HybridIdentity:
			recipients = append(recipients, identity.Recipient())
		}
	}
	return identities, recipients, nil
}

func open(path string, identities []age.Identity) error {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	opened, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		return err
	}
	_, err = io.Copy(os.Stdout, opened)
	return err
}

func seal(path, textPath string, recipients []age.Recipient) error {
	text, err := os.ReadFile(textPath)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	writer, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return err
	}
	if _, err := writer.Write(text); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, sealed.Bytes(), 0o600)
}
