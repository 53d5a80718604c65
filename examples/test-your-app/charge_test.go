// #region all
package charge

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

func TestMain(m *testing.M) {
	emulator := exec.Command("node_modules/.bin/strongroom", "emulate", "aws=0", "--json")
	stdout, err := emulator.StdoutPipe()
	if err == nil {
		err = emulator.Start()
	}
	var services struct{ Aws struct{ Env map[string]string } }
	if err == nil {
		err = json.NewDecoder(stdout).Decode(&services)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, value := range services.Aws.Env {
		os.Setenv(name, value)
	}
	code := m.Run()
	emulator.Process.Signal(os.Interrupt)
	emulator.Wait()
	os.Exit(code)
}

func charge(ctx context.Context, secrets *secretsmanager.Client, amount int) (string, error) {
	key, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("stripe")})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("charged %d with a key of %d characters", amount, len(*key.SecretString)), nil
}

func TestChargesWithTheKeyOfTheStore(t *testing.T) {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	secrets := secretsmanager.NewFromConfig(settings)
	_, err = secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name:         aws.String("stripe"),
		SecretString: aws.String("sk_test_1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	said, err := charge(ctx, secrets, 100)
	if err != nil || said != "charged 100 with a key of 9 characters" {
		t.Fatal(said, err)
	}
}
// #endregion
