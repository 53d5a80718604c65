package main

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"os"
	"strings"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	pb "cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

type google struct {
	*secretmanager.Client
	parent string
	isREST bool
}

// The same checks over gRPC and over REST.
func googleChecks(ctx context.Context) ([]check, error) {
	parent := "projects/" + os.Getenv("GOOGLE_CLOUD_PROJECT")
	overGRPC, err := secretmanager.NewClient(ctx,
		option.WithEndpoint(os.Getenv("SECRET_MANAGER_EMULATOR_HOST")),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	)
	if err != nil {
		return nil, err
	}
	overREST, err := secretmanager.NewRESTClient(ctx,
		option.WithEndpoint(os.Getenv("STRONGROOM_GCP_REST_URL")),
		option.WithHTTPClient(http.DefaultClient),
	)
	if err != nil {
		return nil, err
	}
	checks := google{overGRPC, parent, false}.checks("google, gRPC: ")
	return append(checks, google{overREST, parent, true}.checks("google, REST: ")...), nil
}

func (g google) checks(transport string) []check {
	return []check{
		{transport + "a version is added with its checksum, and read by latest", g.addAndAccess},
		{transport + "a checksum that does not fit is refused", g.damaged},
		{transport + "what is not there is NOT_FOUND", g.missing},
		{transport + "what is there already is ALREADY_EXISTS", g.exists},
		{transport + "a disabled version is FAILED_PRECONDITION, with its number", g.disabled},
		{transport + "an empty payload is INVALID_ARGUMENT", g.empty},
		{transport + "a stale etag changes nothing", g.staleEtag},
		{transport + "an alias names a version", g.alias},
		{transport + "versions come in pages, newest first", g.pages},
	}
}

func (g google) create(ctx context.Context) (*pb.Secret, error) {
	return g.CreateSecret(ctx, &pb.CreateSecretRequest{Parent: g.parent, SecretId: freshName(), Secret: &pb.Secret{
		Replication: &pb.Replication{Replication: &pb.Replication_Automatic_{Automatic: &pb.Replication_Automatic{}}},
	}})
}

func (g google) add(ctx context.Context, secret, value string) (*pb.SecretVersion, error) {
	return g.AddSecretVersion(ctx, &pb.AddSecretVersionRequest{Parent: secret, Payload: &pb.SecretPayload{Data: []byte(value)}})
}

// A secret with a version for each value.
func (g google) with(ctx context.Context, values ...string) (*pb.Secret, error) {
	secret, err := g.create(ctx)
	for _, value := range values {
		if err == nil {
			_, err = g.add(ctx, secret.Name, value)
		}
	}
	return secret, err
}

func (g google) access(ctx context.Context, version string) (*pb.AccessSecretVersionResponse, error) {
	return g.AccessSecretVersion(ctx, &pb.AccessSecretVersionRequest{Name: version})
}

func checksum(value string) int64 {
	return int64(crc32.Checksum([]byte(value), crc32.MakeTable(crc32.Castagnoli)))
}

func (g google) addAndAccess(ctx context.Context) error {
	secret, err := g.create(ctx)
	if err != nil {
		return err
	}
	added, err := g.AddSecretVersion(ctx, &pb.AddSecretVersionRequest{Parent: secret.Name, Payload: &pb.SecretPayload{
		Data: []byte("one"), DataCrc32C: proto.Int64(checksum("one")),
	}})
	if err != nil {
		return err
	}
	got, err := g.access(ctx, secret.Name+"/versions/latest")
	if err != nil {
		return err
	}
	return errors.Join(
		want("the state", added.State, pb.SecretVersion_ENABLED),
		want("that the client gave the checksum", added.ClientSpecifiedPayloadChecksum, true),
		want("the name", got.Name, secret.Name+"/versions/1"),
		want("the value", string(got.Payload.Data), "one"),
		want("the checksum", got.Payload.DataCrc32C, checksum("one")),
	)
}

func (g google) damaged(ctx context.Context) error {
	secret, err := g.create(ctx)
	if err != nil {
		return err
	}
	_, err = g.AddSecretVersion(ctx, &pb.AddSecretVersionRequest{Parent: secret.Name, Payload: &pb.SecretPayload{
		Data: []byte("one"), DataCrc32C: proto.Int64(checksum("one") + 1),
	}})
	return g.refused(err, codes.InvalidArgument, http.StatusBadRequest, "")
}

func (g google) missing(ctx context.Context) error {
	secret := g.parent + "/secrets/" + freshName()
	_, err := g.access(ctx, secret+"/versions/latest")
	return g.refused(err, codes.NotFound, http.StatusNotFound, "not found or has no versions.")
}

func (g google) exists(ctx context.Context) error {
	secret, err := g.create(ctx)
	if err != nil {
		return err
	}
	id := secret.Name[strings.LastIndex(secret.Name, "/")+1:]
	_, err = g.CreateSecret(ctx, &pb.CreateSecretRequest{Parent: g.parent, SecretId: id, Secret: secret})
	return g.refused(err, codes.AlreadyExists, http.StatusConflict, "")
}

func (g google) disabled(ctx context.Context) error {
	secret, err := g.with(ctx, "one", "two")
	if err != nil {
		return err
	}
	second := secret.Name + "/versions/2"
	if _, err := g.DisableSecretVersion(ctx, &pb.DisableSecretVersionRequest{Name: second}); err != nil {
		return err
	}
	_, err = g.access(ctx, secret.Name+"/versions/latest")
	return g.refused(err, codes.FailedPrecondition, http.StatusBadRequest, "Secret Version ["+second+"] is in DISABLED state.")
}

func (g google) empty(ctx context.Context) error {
	secret, err := g.create(ctx)
	if err != nil {
		return err
	}
	_, err = g.add(ctx, secret.Name, "")
	return g.refused(err, codes.InvalidArgument, http.StatusBadRequest, "Secret Payload cannot be empty")
}

func (g google) staleEtag(ctx context.Context) error {
	secret, err := g.create(ctx)
	if err != nil {
		return err
	}
	mask := &fieldmaskpb.FieldMask{Paths: []string{"labels"}}
	changed := &pb.Secret{Name: secret.Name, Etag: secret.Etag, Labels: map[string]string{"team": "x"}}
	if _, err := g.UpdateSecret(ctx, &pb.UpdateSecretRequest{Secret: changed, UpdateMask: mask}); err != nil {
		return err
	}
	_, err = g.UpdateSecret(ctx, &pb.UpdateSecretRequest{Secret: changed, UpdateMask: mask})
	return g.refused(err, codes.FailedPrecondition, http.StatusBadRequest, "")
}

func (g google) alias(ctx context.Context) error {
	secret, err := g.with(ctx, "one", "two")
	if err != nil {
		return err
	}
	if _, err := g.UpdateSecret(ctx, &pb.UpdateSecretRequest{
		Secret:     &pb.Secret{Name: secret.Name, VersionAliases: map[string]int64{"live": 1}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"version_aliases"}},
	}); err != nil {
		return err
	}
	got, err := g.access(ctx, secret.Name+"/versions/live")
	if err != nil {
		return err
	}
	return errors.Join(
		want("the name", got.Name, secret.Name+"/versions/1"),
		want("the value", string(got.Payload.Data), "one"),
	)
}

func (g google) pages(ctx context.Context) error {
	secret, err := g.with(ctx, "one", "two", "three")
	if err != nil {
		return err
	}
	versions := g.ListSecretVersions(ctx, &pb.ListSecretVersionsRequest{Parent: secret.Name, PageSize: 2})
	found := []string{}
	for {
		version, err := versions.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return err
		}
		found = append(found, strings.TrimPrefix(version.Name, secret.Name+"/versions/"))
	}
	return want("the versions", found, []string{"3", "2", "1"})
}

// Over REST the client keeps the HTTP status, over gRPC the code.
func (g google) refused(err error, code codes.Code, status int, text string) error {
	var refusal *apierror.APIError
	if !errors.As(err, &refusal) {
		return fmt.Errorf("the call gave %v, and no error of the service", err)
	}
	if !strings.Contains(refusal.Error(), text) {
		return fmt.Errorf("the text is %q, expected %q in it", refusal.Error(), text)
	}
	if g.isREST {
		return want("the status", refusal.HTTPCode(), status)
	}
	return want("the code", refusal.GRPCStatus().Code(), code)
}
