"""Drives the AWS emulator with boto3: every row of table.jsonl, then every operation against every error of the
service that a fault can send. Codes, statuses and texts come from the fact sheet of the service or from recordings of
it (`source` names the section, or the public file), not from the emulator.

    interop.py URL      exits 1 when a row fails; the last line is `N passed, N failed`
"""

import datetime
import json
import re
import sys
import urllib.request
import uuid
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from rows import Mismatch, expect, read_table, run_all

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    ],
}
PUBLIC_POLICY = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}

# code, status, text: section A9; text only where the sheet gives one
FAULTS = [
    ("AccessDeniedException", 400, None),
    ("DecryptionFailure", 400, None),
    ("EncryptionFailure", 400, None),
    ("ExpiredTokenException", 400, None),
    ("InternalServiceError", 500, None),
    ("LimitExceededException", 400, None),
    ("PreconditionNotMetException", 400, None),
    ("ServiceUnavailable", 503, None),
    ("ThrottlingException", 400, "Rate exceeded"),
    ("UnrecognizedClientException", 400, None),
]
SECRET = {"SecretId": "any"}
OPERATIONS = {
    "BatchGetSecretValue": {"SecretIdList": ["any"]},
    "CreateSecret": {"Name": "any", "SecretString": "v"},
    "DeleteResourcePolicy": SECRET,
    "DeleteSecret": SECRET,
    "DescribeSecret": SECRET,
    "GetRandomPassword": {},
    "GetResourcePolicy": SECRET,
    "GetSecretValue": SECRET,
    "ListSecretVersionIds": SECRET,
    "ListSecrets": {},
    "PutResourcePolicy": {**SECRET, "ResourcePolicy": json.dumps(POLICY)},
    "PutSecretValue": {**SECRET, "SecretString": "v"},
    "RemoveRegionsFromReplication": {**SECRET, "RemoveReplicaRegions": ["eu-west-1"]},
    "ReplicateSecretToRegions": {**SECRET, "AddReplicaRegions": [{"Region": "eu-west-1"}]},
    "RestoreSecret": SECRET,
    "StopReplicationToReplica": SECRET,
    "TagResource": {**SECRET, "Tags": [{"Key": "k", "Value": "v"}]},
    "UntagResource": {**SECRET, "TagKeys": ["k"]},
    "UpdateSecret": {**SECRET, "SecretString": "v"},
    "UpdateSecretVersionStage": {**SECRET, "VersionStage": "X"},
    "ValidateResourcePolicy": {"ResourcePolicy": json.dumps(POLICY)},
}


class Emulator:
    def __init__(self, url):
        self.url = url
        self.clients = {}

    def client(self, region):
        if region not in self.clients:
            self.clients[region] = boto3.client(
                "secretsmanager",
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            )
        return self.clients[region]

    def call(self, operation, parameters, region="us-east-1"):
        client = self.client(region)
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return getattr(client, method)(**parameters)

    def control(self, path, body):
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="POST",
        )
        urllib.request.urlopen(request, timeout=10).close()


class Names:
    """Replaces `$n` (a fresh name), `$t1` (a fresh token), `$step.Field` and the `@` forms of a row."""

    def __init__(self):
        self.values = {"n": f"row-{uuid.uuid4().hex[:12]}x", "t1": str(uuid.uuid4())}

    def remember(self, step, answer):
        for field, value in answer.items():
            if isinstance(value, str):
                self.values[f"{step}.{field}"] = value

    def fill(self, item):
        if isinstance(item, dict):
            return {self.fill(key): self.fill(value) for key, value in item.items()}
        if isinstance(item, list):
            return [self.fill(value) for value in item]
        if not isinstance(item, str):
            return item
        known = sorted(self.values, key=len, reverse=True)
        for name in known:
            item = item.replace(f"${name}", self.values[name])
        return self.form(item) if item.startswith("@") else item

    @staticmethod
    def form(item):
        kind, _, rest = item[1:].partition(":")
        if kind == "bytes":
            return rest.encode()
        if kind == "upper":
            return rest.upper()
        if kind == "repeat":
            text, _, times = rest.partition(":")
            return text * int(times)
        if kind == "partial":
            return rest[:-7]
        if kind == "resource":
            return rest.rsplit(":", 1)[1]
        if kind == "labels":
            return [f"LABEL-{index}" for index in range(int(rest))]
        if kind == "names":
            return [f"name-{index}" for index in range(int(rest))]
        if kind == "tags":
            return [{"Key": f"key-{index}", "Value": "v"} for index in range(int(rest))]
        if kind == "policy":
            return json.dumps(POLICY)
        if kind == "public-policy":
            return json.dumps(PUBLIC_POLICY)
        raise ValueError(f"no form @{kind}")


def expect_error(error, code, status, text=None):
    got = error.response["Error"]
    expect(got["Code"] in code.split("|"), f"code {got['Code']}, expected {code}")
    got_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    expect(got_status == status, f"status {got_status}, expected {status}")
    if text is not None:
        expect(got["Message"] == text, f"text {got['Message']!r}, expected {text!r}")


def run_row(emulator, row):
    names = Names()
    for operation, parameters, *step in row.get("given", []):
        answer = emulator.call(operation, names.fill(parameters))
        if step:
            names.remember(step[0], answer)
    operation, parameters = row["do"]
    try:
        answer = emulator.call(operation, names.fill(parameters), row.get("region", "us-east-1"))
    except ClientError as error:
        expect("error" in row, f"refused: {error.response['Error']}")
        expect_error(error, *names.fill(row["error"]))
        return
    expect("error" not in row, "accepted, where the service refuses")
    names.remember("do", answer)
    check_answer(row, names, answer)
    if "then" in row:
        operation, parameters = row["then"]
        check_then(row, names, emulator.call(operation, names.fill(parameters)))


def check_fields(wanted, answer):
    got = sorted(field for field in answer if field != "ResponseMetadata")
    expect(got == sorted(wanted), f"fields {got}, expected {sorted(wanted)}")


def check_answer(row, names, answer):
    if "fields" in row:
        check_fields(row["fields"], answer)
    for field, fields in row.get("firstFields", {}).items():
        check_fields(fields, answer[field][0])
    for field, days in row.get("days", {}).items():
        ahead = answer[field] - datetime.datetime.now(datetime.timezone.utc)
        expect(round(ahead.total_seconds() / 86_400) == days, f"{field} is {ahead} ahead, expected {days} days")
    for field, value in names.fill(row.get("result", {})).items():
        expect(answer.get(field) == value, f"{field} is not what the row says")
    for field, pattern in names.fill(row.get("match", {})).items():
        expect(re.search(pattern, answer.get(field, "")), f"{field} does not match {pattern}")
    for field, value in names.fill(row.get("differs", {})).items():
        expect(answer.get(field) != value, f"{field} is the same")
    for field in row.get("absent", []):
        expect(field not in answer, f"{field} is there")
    for field in row.get("present", []):
        expect(field in answer, f"{field} is missing")
    for field, count in row.get("count", {}).items():
        got = len(answer.get(field, []))
        expect(got == count, f"{field} holds {got}, expected {count}")
    for field, wanted in names.fill(row.get("first", {})).items():
        for key, value in wanted.items():
            expect(answer[field][0].get(key) == value, f"{field}[0].{key} is {answer[field][0].get(key)}")


def check_then(row, names, answer):
    for field in row.get("absentThen", []):
        expect(field not in answer, f"{field} is there")
    if "stages" in row:
        got = {version: sorted(labels) for version, labels in answer["VersionIdsToStages"].items()}
        wanted = {version: sorted(labels) for version, labels in names.fill(row["stages"]).items()}
        expect(got == wanted, f"labels {got}, expected {wanted}")


def run_fault(emulator, operation, code, status, text):
    rule = {"operation": operation, "error": code, "times": 1}
    emulator.control("faults", rule)
    try:
        emulator.call(operation, OPERATIONS[operation])
    except ClientError as error:
        expect_error(error, code, status, text)
        return
    raise Mismatch("accepted, where a fault was set")


def main(url):
    emulator = Emulator(url)
    rows = read_table(Path(__file__).with_name("table.jsonl"))
    tests = [(row["id"], lambda row=row: run_row(emulator, row)) for row in rows]
    for operation in OPERATIONS:
        for fault in FAULTS:
            name = f"fault/{operation}/{fault[0]}"
            tests.append((name, lambda operation=operation, fault=fault: run_fault(emulator, operation, *fault)))
    return run_all(
        f"boto3 {boto3.__version__}: {len(rows)} rows, {len(OPERATIONS)} operations x {len(FAULTS)} errors", tests
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
