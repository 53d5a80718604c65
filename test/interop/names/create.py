"""Creates a secret under each name of names.json with the official Python SDK of its service; its value is `value of NAME`.

    create.py EMULATORS    the line of `strongroom emulate --json`
"""

import json
import os
import sys
import time
from pathlib import Path

import boto3
import grpc
import hvac
from azure.core.credentials import AccessToken
from azure.keyvault.secrets import SecretClient
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service import transports


class Credential:
    def get_token(self, *scopes, **options):
        return AccessToken("static", int(time.time()) + 3600)


def aws(emulator, name, value):
    boto3.client("secretsmanager", endpoint_url=emulator["url"]).create_secret(Name=name, SecretString=value)


def vault(emulator, name, value):
    client = hvac.Client(url=emulator["url"], token=emulator["env"]["VAULT_TOKEN"])
    client.secrets.kv.v2.create_or_update_secret(name, secret={"value": value})


def gcp(emulator, name, value):
    transport = transports.SecretManagerServiceGrpcTransport(channel=grpc.insecure_channel(emulator["url"]))
    client = secretmanager_v1.SecretManagerServiceClient(transport=transport)
    parent = f"projects/{emulator['env']['GOOGLE_CLOUD_PROJECT']}"
    secret = client.create_secret(
        request={"parent": parent, "secret_id": name, "secret": {"replication": {"automatic": {}}}}
    )
    client.add_secret_version(request={"parent": secret.name, "payload": {"data": value.encode()}})


def azure(emulator, name, value):
    client = SecretClient(
        emulator["url"], Credential(), verify_challenge_resource=False, connection_verify=emulator["caFile"]
    )
    client.set_secret(name, value)


def main():
    emulators = json.loads(sys.argv[1])
    for emulator in emulators.values():
        os.environ.update(emulator["env"])
    for cloud, names in json.loads(Path(__file__).with_name("names.json").read_text()).items():
        for name in names:
            globals()[cloud](emulators[cloud], name, f"value of {name}")


if __name__ == "__main__":
    main()
