# #region all
import json
import subprocess

import boto3
import pytest


@pytest.fixture(scope="session")
def aws(monkeypatch_session):
    command = ["node_modules/.bin/strongroom", "emulate", "aws=0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        service = json.loads(emulator.stdout.readline())["aws"]
        for name, value in service["env"].items():
            monkeypatch_session.setenv(name, value)
        yield boto3.client("secretsmanager")
        emulator.terminate()


@pytest.fixture(scope="session")
def monkeypatch_session():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def charge(secrets, amount):
    key = secrets.get_secret_value(SecretId="stripe")["SecretString"]
    return f"charged {amount} with a key of {len(key)} characters"


def test_charges_with_the_key_of_the_store(aws):
    aws.create_secret(Name="stripe", SecretString="sk_test_1")
    assert charge(aws, 100) == "charged 100 with a key of 9 characters"


def test_says_that_the_key_is_not_there(aws):
    aws.delete_secret(SecretId="stripe", ForceDeleteWithoutRecovery=True)
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        charge(aws, 100)
# #endregion
