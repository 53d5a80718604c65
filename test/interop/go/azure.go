package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

type vault struct{ *azsecrets.Client }

type anyToken struct{}

func (anyToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "emulator", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func azureChecks() ([]check, error) {
	address := os.Getenv("AZURE_KEYVAULT_URL")
	unverified, err := azsecrets.NewClient(address, anyToken{}, &azsecrets.ClientOptions{
		DisableChallengeResourceVerification: true,
	})
	if err != nil {
		return nil, err
	}
	v := vault{unverified}
	return append([]check{
		{"azure: a set answers the bundle, and is read by name and by version", v.setAndGet},
		{"azure: a vault on vault.localhost passes the verification of the challenge", func(ctx context.Context) error {
			return verified(ctx, address)
		}},
		{"azure: an update changes what it names, and no value", v.update},
		{"azure: a disabled secret is refused and listed", v.disabled},
		{"azure: secrets are listed in pages", v.list},
		{"azure: versions are listed in pages", v.versions},
		{"azure: a deleted secret is seen after a while, and recovered", v.deleteAndRecover},
		{"azure: a purged secret leaves its name after a while", v.purge},
		{"azure: a backup brings every version back once the name is free", v.backupAndRestore},
	}, v.refusals()...), nil
}

func (v vault) set(ctx context.Context, name, value string) (azsecrets.SetSecretResponse, error) {
	return v.SetSecret(ctx, name, azsecrets.SetSecretParameters{Value: &value}, nil)
}

func (v vault) wantValue(ctx context.Context, name, version, wanted string) error {
	got, err := v.GetSecret(ctx, name, version, nil)
	if err != nil {
		return err
	}
	return want("the value", got.Value, wanted)
}

func (v vault) setAndGet(ctx context.Context) error {
	name, expires := freshName(), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)
	first, err := v.SetSecret(ctx, name, azsecrets.SetSecretParameters{
		Value:            to.Ptr("one"),
		ContentType:      to.Ptr("text/plain"),
		Tags:             map[string]*string{"team": to.Ptr("x")},
		SecretAttributes: &azsecrets.SecretAttributes{Expires: &expires},
	}, nil)
	if err != nil {
		return err
	}
	if _, err := v.set(ctx, name, "two"); err != nil {
		return err
	}
	return errors.Join(
		want("the name", first.ID.Name(), name),
		want("the value", first.Value, "one"),
		want("the content type", first.ContentType, "text/plain"),
		want("the tag", first.Tags["team"], "x"),
		want("the expiry", first.Attributes.Expires.Unix(), expires.Unix()),
		want("the recovery level", first.Attributes.RecoveryLevel, "Recoverable+Purgeable"),
		v.wantValue(ctx, name, "", "two"),
		v.wantValue(ctx, name, first.ID.Version(), "one"),
	)
}

// The host is resolved here: not every machine knows the names below localhost.
func verified(ctx context.Context, address string) error {
	loopback, err := url.Parse(address)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, loopback.Host)
	}
	client, err := azsecrets.NewClient("https://vault.localhost:"+loopback.Port(), anyToken{}, &azsecrets.ClientOptions{
		ClientOptions: azcore.ClientOptions{Transport: &http.Client{Transport: transport}},
	})
	if err != nil {
		return err
	}
	name := freshName()
	made, err := vault{client}.set(ctx, name, "v")
	if err != nil {
		return err
	}
	host := strings.HasPrefix(string(*made.ID), "https://vault.localhost:")
	return errors.Join(want("the id is of the host that was called", host, true), vault{client}.wantValue(ctx, name, "", "v"))
}

func (v vault) update(ctx context.Context) error {
	name := freshName()
	made, err := v.SetSecret(ctx, name, azsecrets.SetSecretParameters{
		Value: to.Ptr("v"),
		Tags:  map[string]*string{"a": to.Ptr("1")},
	}, nil)
	if err != nil {
		return err
	}
	_, err = v.UpdateSecretProperties(ctx, name, made.ID.Version(), azsecrets.UpdateSecretPropertiesParameters{
		ContentType: to.Ptr("text/plain"),
	}, nil)
	if err != nil {
		return err
	}
	got, err := v.GetSecret(ctx, name, "", nil)
	if err != nil {
		return err
	}
	return errors.Join(
		want("the id", got.ID, *made.ID),
		want("the value", got.Value, "v"),
		want("the content type", got.ContentType, "text/plain"),
		want("the tag", got.Tags["a"], "1"),
	)
}

func (v vault) disabled(ctx context.Context) error {
	name := freshName()
	_, err := v.SetSecret(ctx, name, azsecrets.SetSecretParameters{
		Value:            to.Ptr("v"),
		SecretAttributes: &azsecrets.SecretAttributes{Enabled: to.Ptr(false)},
	}, nil)
	if err != nil {
		return err
	}
	_, err = v.GetSecret(ctx, name, "", nil)
	counted, listErr := v.count(ctx, name)
	return errors.Join(wantRefusal(err, 403, "Forbidden", "SecretDisabled"), listErr, want("the number listed", counted, 1))
}

func (v vault) count(ctx context.Context, prefix string) (int, error) {
	found, pages := 0, v.NewListSecretPropertiesPager(nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, err
		}
		for _, item := range page.Value {
			if strings.HasPrefix(item.ID.Name(), prefix) {
				found++
			}
		}
	}
	return found, nil
}

func (v vault) list(ctx context.Context) error {
	prefix := freshName()
	for index := range 30 {
		if _, err := v.set(ctx, fmt.Sprintf("%s-%d", prefix, index), "v"); err != nil {
			return err
		}
	}
	found, err := v.count(ctx, prefix)
	return errors.Join(err, want("the number of secrets", found, 30))
}

func (v vault) versions(ctx context.Context) error {
	name, ids, made := freshName(), map[string]bool{}, 0
	for ; made < 26; made++ {
		if _, err := v.set(ctx, name, "v"); err != nil {
			return err
		}
	}
	sizes := []int{}
	pages := v.NewListSecretPropertiesVersionsPager(name, nil)
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		sizes = append(sizes, len(page.Value))
		for _, item := range page.Value {
			ids[item.ID.Version()] = true
		}
	}
	return errors.Join(want("the sizes of the pages", sizes, []int{25, 1}), want("the number of ids", len(ids), made))
}

func (v vault) remove(ctx context.Context, name string) error {
	if _, err := v.set(ctx, name, "kept"); err != nil {
		return err
	}
	if _, err := v.DeleteSecret(ctx, name, nil); err != nil {
		return err
	}
	return poll(ctx, hasStatus(404), func() error {
		_, err := v.GetDeletedSecret(ctx, name, nil)
		return err
	})
}

func (v vault) deleteAndRecover(ctx context.Context) error {
	name := freshName()
	if err := v.remove(ctx, name); err != nil {
		return err
	}
	_, gone := v.GetSecret(ctx, name, "", nil)
	_, taken := v.set(ctx, name, "other")
	if _, err := v.RecoverDeletedSecret(ctx, name, nil); err != nil {
		return err
	}
	err := poll(ctx, hasStatus(404), func() error { return v.wantValue(ctx, name, "", "kept") })
	return errors.Join(
		err,
		wantRefusal(gone, 404, "SecretNotFound", ""),
		wantRefusal(taken, 409, "Conflict", "ObjectIsDeletedButRecoverable"),
	)
}

func (v vault) purge(ctx context.Context) error {
	name := freshName()
	if err := v.remove(ctx, name); err != nil {
		return err
	}
	if _, err := v.PurgeDeletedSecret(ctx, name, nil); err != nil {
		return err
	}
	_, early := v.set(ctx, name, "early")
	err := poll(ctx, hasStatus(409), func() error {
		_, err := v.set(ctx, name, "new")
		return err
	})
	return errors.Join(err, wantRefusal(early, 409, "Conflict", "ObjectIsBeingDeleted"), v.wantValue(ctx, name, "", "new"))
}

func (v vault) backupAndRestore(ctx context.Context) error {
	name := freshName()
	first, err := v.set(ctx, name, "one")
	if err != nil {
		return err
	}
	if err := v.remove(ctx, name); err != nil {
		return err
	}
	if _, err := v.RecoverDeletedSecret(ctx, name, nil); err != nil {
		return err
	}
	var backup azsecrets.BackupSecretResponse
	err = poll(ctx, hasStatus(404), func() error {
		backup, err = v.BackupSecret(ctx, name, nil)
		return err
	})
	if err != nil {
		return err
	}
	parameters := azsecrets.RestoreSecretParameters{SecretBackup: backup.Value}
	_, taken := v.RestoreSecret(ctx, parameters, nil)
	if _, err := v.DeleteSecret(ctx, name, nil); err != nil {
		return err
	}
	err = poll(ctx, hasStatus(409), func() error {
		_, err := v.PurgeDeletedSecret(ctx, name, nil)
		return err
	})
	if err != nil {
		return err
	}
	var restored azsecrets.RestoreSecretResponse
	err = poll(ctx, hasStatus(409), func() error {
		restored, err = v.RestoreSecret(ctx, parameters, nil)
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(
		wantRefusal(taken, 409, "Conflict", ""),
		want("the name", restored.ID.Name(), name),
		v.wantValue(ctx, name, "", "kept"),
		v.wantValue(ctx, name, first.ID.Version(), "one"),
	)
}

func (v vault) refusals() []check {
	type refusal struct {
		name, code string
		status     int
		call       func(context.Context) error
	}
	rows := []refusal{
		{"a secret that is not there", "SecretNotFound", 404, func(ctx context.Context) error {
			_, err := v.GetSecret(ctx, "none", "", nil)
			return err
		}},
		{"to delete what is not there", "SecretNotFound", 404, func(ctx context.Context) error {
			_, err := v.DeleteSecret(ctx, "none", nil)
			return err
		}},
		{"to recover what is not there", "SecretNotFound", 404, func(ctx context.Context) error {
			_, err := v.RecoverDeletedSecret(ctx, "none", nil)
			return err
		}},
		{"to purge what is not there", "SecretNotFound", 404, func(ctx context.Context) error {
			_, err := v.PurgeDeletedSecret(ctx, "none", nil)
			return err
		}},
		{"to back up what is not there", "SecretNotFound", 404, func(ctx context.Context) error {
			_, err := v.BackupSecret(ctx, "none", nil)
			return err
		}},
		{"a backup that is none", "Malformed backup blob", 400, func(ctx context.Context) error {
			_, err := v.RestoreSecret(ctx, azsecrets.RestoreSecretParameters{SecretBackup: make([]byte, 4728)}, nil)
			return err
		}},
		{"a name of forbidden characters", "BadParameter", 400, func(ctx context.Context) error {
			_, err := v.set(ctx, "under_score", "v")
			return err
		}},
		{"a value that is too long", "BadParameter", 400, func(ctx context.Context) error {
			_, err := v.set(ctx, "long", strings.Repeat("v", 25_601))
			return err
		}},
	}
	checks := make([]check, 0, len(rows))
	for _, row := range rows {
		checks = append(checks, check{"azure: refuses " + row.name, func(ctx context.Context) error {
			return wantRefusal(row.call(ctx), row.status, row.code, "")
		}})
	}
	return checks
}

func hasStatus(status int) func(error) bool {
	return func(err error) bool {
		var refused *azcore.ResponseError
		return errors.As(err, &refused) && refused.StatusCode == status
	}
}

func wantRefusal(err error, status int, code, inner string) error {
	var refused *azcore.ResponseError
	if !errors.As(err, &refused) {
		return fmt.Errorf("not refused, expected %d %s: %w", status, code, err)
	}
	var body struct {
		Error struct{ InnerError struct{ Code string } }
	}
	text, readErr := io.ReadAll(refused.RawResponse.Body)
	if readErr != nil {
		return readErr
	}
	return errors.Join(
		json.Unmarshal(text, &body),
		want("the status", refused.StatusCode, status),
		want("the code", refused.ErrorCode, code),
		want("the inner code", body.Error.InnerError.Code, inner),
	)
}
