package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
)

const readPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
	`"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`

type manager struct{ *secretsmanager.Client }

type created = secretsmanager.CreateSecretOutput

func awsChecks() ([]check, error) {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, err
	}
	sm := manager{secretsmanager.NewFromConfig(settings)}
	return append([]check{
		{"aws: a new secret is read by name and by ARN", sm.fresh(sm.createAndGet)},
		{"aws: a put moves AWSCURRENT and AWSPREVIOUS", sm.fresh(sm.put)},
		{"aws: bytes stay bytes", sm.binary},
		{"aws: a label is moved back", sm.fresh(sm.moveLabel)},
		{"aws: a token used twice makes one version", sm.fresh(sm.token)},
		{"aws: lists are filtered and paged", sm.list},
		{"aws: versions are paged, deprecated ones on request", sm.fresh(sm.versions)},
		{"aws: a batch tells what it could not read", sm.fresh(sm.batch)},
		{"aws: tags come and go", sm.fresh(sm.tags)},
		{"aws: a random password has the length asked for", sm.password},
		{"aws: a policy is kept, read and deleted", sm.fresh(sm.policy)},
		{"aws: a replica is added and removed", sm.fresh(sm.replicate)},
		{"aws: a deleted secret is restored", sm.fresh(sm.deleteAndRestore)},
		{"aws: a force-deleted secret is gone", sm.fresh(sm.forceDelete)},
	}, sm.refusals()...), nil
}

// fresh runs on a new secret, whose value is `one`.
func (sm manager) fresh(run func(context.Context, string, *created) error) func(context.Context) error {
	return func(ctx context.Context) error {
		name := freshName()
		made, err := sm.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("one")})
		if err != nil {
			return err
		}
		return run(ctx, name, made)
	}
}

func (sm manager) text(ctx context.Context, id, stage string) (string, error) {
	got, err := sm.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id, VersionStage: &stage})
	if err != nil {
		return "", err
	}
	return aws.ToString(got.SecretString), nil
}

func (sm manager) wantText(ctx context.Context, id, stage, wanted string) error {
	text, err := sm.text(ctx, id, stage)
	return errors.Join(err, want(stage, text, wanted))
}

func (sm manager) createAndGet(ctx context.Context, name string, made *created) error {
	got, err := sm.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: made.ARN})
	if err != nil {
		return err
	}
	return errors.Join(
		sm.wantText(ctx, name, "AWSCURRENT", "one"),
		want("Name", got.Name, name),
		want("VersionId", got.VersionId, *made.VersionId),
		want("VersionStages", got.VersionStages, []string{"AWSCURRENT"}),
		want("CreatedDate is set", got.CreatedDate != nil, true),
	)
}

func (sm manager) put(ctx context.Context, name string, made *created) error {
	put, err := sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String("two")})
	if err != nil {
		return err
	}
	described, err := sm.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		return err
	}
	return errors.Join(
		sm.wantText(ctx, name, "AWSCURRENT", "two"),
		sm.wantText(ctx, name, "AWSPREVIOUS", "one"),
		want("VersionIdsToStages", described.VersionIdsToStages, map[string][]string{
			*made.VersionId: {"AWSPREVIOUS"},
			*put.VersionId:  {"AWSCURRENT"},
		}),
	)
}

func (sm manager) binary(ctx context.Context) error {
	name, bytes := freshName(), []byte{0, 255, 10}
	_, err := sm.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretBinary: bytes})
	if err != nil {
		return err
	}
	got, err := sm.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return err
	}
	return errors.Join(want("SecretBinary", got.SecretBinary, bytes), want("SecretString", got.SecretString, (*string)(nil)))
}

func (sm manager) moveLabel(ctx context.Context, name string, made *created) error {
	put, err := sm.UpdateSecret(ctx, &secretsmanager.UpdateSecretInput{SecretId: &name, SecretString: aws.String("two")})
	if err != nil {
		return err
	}
	_, err = sm.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId:            &name,
		VersionStage:        aws.String("AWSCURRENT"),
		MoveToVersionId:     made.VersionId,
		RemoveFromVersionId: put.VersionId,
	})
	return errors.Join(err, sm.wantText(ctx, name, "AWSCURRENT", "one"), sm.wantText(ctx, name, "AWSPREVIOUS", "two"))
}

func (sm manager) token(ctx context.Context, name string, made *created) error {
	again, err := sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId:           &name,
		SecretString:       aws.String("one"),
		ClientRequestToken: made.VersionId,
	})
	if err != nil {
		return err
	}
	_, err = sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId:           &name,
		SecretString:       aws.String("other"),
		ClientRequestToken: made.VersionId,
	})
	return errors.Join(want("VersionId", again.VersionId, *made.VersionId), wantCode(err, "ResourceExistsException"))
}

func (sm manager) list(ctx context.Context) error {
	prefix, found := freshName(), 0
	for index := range 3 {
		name := fmt.Sprintf("%s/%d", prefix, index)
		_, err := sm.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("v")})
		if err != nil {
			return err
		}
	}
	pages := secretsmanager.NewListSecretsPaginator(sm, &secretsmanager.ListSecretsInput{
		MaxResults: aws.Int32(2),
		Filters:    []types.Filter{{Key: types.FilterNameStringTypeName, Values: []string{prefix}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		found += len(page.SecretList)
	}
	return want("the number of secrets", found, 3)
}

func (sm manager) versions(ctx context.Context, name string, _ *created) error {
	for _, text := range []string{"two", "three"} {
		_, err := sm.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &text})
		if err != nil {
			return err
		}
	}
	labelled, err := sm.countVersions(ctx, name, false)
	all, allErr := sm.countVersions(ctx, name, true)
	return errors.Join(err, allErr, want("the number of labelled versions", labelled, 2), want("of all", all, 3))
}

func (sm manager) countVersions(ctx context.Context, name string, deprecated bool) (int, error) {
	count := 0
	pages := secretsmanager.NewListSecretVersionIdsPaginator(sm, &secretsmanager.ListSecretVersionIdsInput{
		SecretId:          &name,
		MaxResults:        aws.Int32(1),
		IncludeDeprecated: &deprecated,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return count, err
		}
		count += len(page.Versions)
	}
	return count, nil
}

func (sm manager) batch(ctx context.Context, name string, _ *created) error {
	got, err := sm.BatchGetSecretValue(ctx, &secretsmanager.BatchGetSecretValueInput{SecretIdList: []string{name, "none"}})
	if err != nil {
		return err
	}
	if len(got.SecretValues) != 1 || len(got.Errors) != 1 {
		return fmt.Errorf("%d values and %d errors", len(got.SecretValues), len(got.Errors))
	}
	return errors.Join(
		want("the value", got.SecretValues[0].SecretString, "one"),
		want("the error", got.Errors[0].ErrorCode, "ResourceNotFoundException"),
	)
}

func (sm manager) tags(ctx context.Context, name string, _ *created) error {
	tags := []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	_, err := sm.TagResource(ctx, &secretsmanager.TagResourceInput{SecretId: &name, Tags: tags})
	if err != nil {
		return err
	}
	_, err = sm.UntagResource(ctx, &secretsmanager.UntagResourceInput{SecretId: &name, TagKeys: []string{"a"}})
	if err != nil {
		return err
	}
	described, err := sm.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		return err
	}
	return want("Tags", described.Tags, tags[1:])
}

func (sm manager) password(ctx context.Context) error {
	got, err := sm.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{PasswordLength: aws.Int64(48)})
	if err != nil {
		return err
	}
	return want("the length", len(aws.ToString(got.RandomPassword)), 48)
}

func (sm manager) policy(ctx context.Context, name string, _ *created) error {
	_, err := sm.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &name, ResourcePolicy: aws.String(readPolicy)})
	if err != nil {
		return err
	}
	kept, err := sm.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &name})
	if err != nil {
		return err
	}
	_, err = sm.DeleteResourcePolicy(ctx, &secretsmanager.DeleteResourcePolicyInput{SecretId: &name})
	if err != nil {
		return err
	}
	gone, err := sm.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: &name})
	if err != nil {
		return err
	}
	return errors.Join(
		want("a policy is there", kept.ResourcePolicy != nil, true),
		want("ResourcePolicy", gone.ResourcePolicy, (*string)(nil)),
	)
}

func (sm manager) replicate(ctx context.Context, name string, _ *created) error {
	added, err := sm.ReplicateSecretToRegions(ctx, &secretsmanager.ReplicateSecretToRegionsInput{
		SecretId:          &name,
		AddReplicaRegions: []types.ReplicaRegionType{{Region: aws.String("eu-west-1")}},
	})
	if err != nil {
		return err
	}
	removed, err := sm.RemoveRegionsFromReplication(ctx, &secretsmanager.RemoveRegionsFromReplicationInput{
		SecretId:             &name,
		RemoveReplicaRegions: []string{"eu-west-1"},
	})
	if err != nil {
		return err
	}
	return errors.Join(
		want("the number of replicas", len(added.ReplicationStatus), 1),
		want("and then", len(removed.ReplicationStatus), 0),
	)
}

func (sm manager) deleteAndRestore(ctx context.Context, name string, _ *created) error {
	deleted, err := sm.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, RecoveryWindowInDays: aws.Int64(7)})
	if err != nil {
		return err
	}
	_, pending := sm.text(ctx, name, "AWSCURRENT")
	_, err = sm.RestoreSecret(ctx, &secretsmanager.RestoreSecretInput{SecretId: &name})
	return errors.Join(
		err,
		want("DeletionDate is set", deleted.DeletionDate != nil, true),
		wantCode(pending, "InvalidRequestException"),
		sm.wantText(ctx, name, "AWSCURRENT", "one"),
	)
}

func (sm manager) forceDelete(ctx context.Context, name string, _ *created) error {
	_, err := sm.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &name, ForceDeleteWithoutRecovery: aws.Bool(true)})
	if err != nil {
		return err
	}
	_, err = sm.text(ctx, name, "AWSCURRENT")
	var missing *types.ResourceNotFoundException
	return want("the error is typed", errors.As(err, &missing), true)
}

func wantCode(err error, code string) error {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return fmt.Errorf("not refused, expected %s: %w", code, err)
	}
	return want("the code", refused.ErrorCode(), code)
}

// Each refusal starts with a secret `name`.
func (sm manager) refusals() []check {
	type refusal struct {
		name, code string
		call       func(ctx context.Context, name string) error
	}
	rows := []refusal{
		{"a secret that is not there", "ResourceNotFoundException", func(ctx context.Context, _ string) error {
			_, err := sm.text(ctx, "none", "AWSCURRENT")
			return err
		}},
		{"a label that is not there", "ResourceNotFoundException", func(ctx context.Context, name string) error {
			_, err := sm.text(ctx, name, "NONE")
			return err
		}},
		{"a name that is taken", "ResourceExistsException", func(ctx context.Context, name string) error {
			_, err := sm.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("v")})
			return err
		}},
		{"a name of forbidden characters", "ValidationException", func(ctx context.Context, _ string) error {
			_, err := sm.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("a b")})
			return err
		}},
		{"a window together with force", "InvalidParameterException", func(ctx context.Context, name string) error {
			_, err := sm.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
				SecretId:                   &name,
				RecoveryWindowInDays:       aws.Int64(7),
				ForceDeleteWithoutRecovery: aws.Bool(true),
			})
			return err
		}},
		{"a policy that is no JSON", "MalformedPolicyDocumentException", func(ctx context.Context, name string) error {
			_, err := sm.PutResourcePolicy(ctx, &secretsmanager.PutResourcePolicyInput{SecretId: &name, ResourcePolicy: aws.String("{")})
			return err
		}},
		{"a token for pages that is none", "InvalidNextTokenException", func(ctx context.Context, _ string) error {
			_, err := sm.ListSecrets(ctx, &secretsmanager.ListSecretsInput{NextToken: aws.String("none")})
			return err
		}},
	}
	checks := make([]check, 0, len(rows))
	for _, row := range rows {
		checks = append(checks, check{"aws: refuses " + row.name, sm.fresh(func(ctx context.Context, name string, _ *created) error {
			return wantCode(row.call(ctx, name), row.code)
		})})
	}
	return checks
}
