"""Drives the Google emulator with the official Python SDK over each of its transports: every row of table.jsonl, then
every operation of faults.json against every error there. Codes, statuses, reasons and texts come from the fact sheet of
the service (`source` names its section), not from the emulator.

    STRONGROOM_EMULATORS    the emulators as JSON, by name: url (gRPC), restUrl

Exits 1 when a row fails; the last line is `N passed, N failed`.

A row has `steps`, run in order on a name `$name` of its own, whose secret is first brought into `state`. A step does one
call and may say what must come of it: `error` (code, text, reason), `result` (values by path), `match` (patterns),
`absent` (paths that lead to nothing), `length`. `save` keeps values for later steps as `$key`.
"""

import asyncio
import base64
import json
import os
import re
import sys
import urllib.error
import urllib.request
import uuid
from itertools import count
from pathlib import Path

import grpc
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager_v1
from google.cloud.secretmanager_v1.services.secret_manager_service import transports
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rows import expect, read_table, run_all

HERE = Path(__file__).parent
PROJECT = "projects/interop-project"
PROJECT_NUMBER = "projects/123456789012"
MOST_PAGES = 100
# of a code, the HTTP status that REST gives for it (A9)
STATUSES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class Anonymous(AnonymousCredentials):
    """After a 401 over REST the client asks for another token, twice, and tries again."""

    def refresh(self, request):
        pass


class GrpcClient:
    def __init__(self, urls):
        channel = grpc.insecure_channel(urls["url"])
        transport = transports.SecretManagerServiceGrpcTransport(channel=channel)
        self.client = secretmanager_v1.SecretManagerServiceClient(transport=transport)

    def call(self, method, request, **options):
        return getattr(self.client, method)(request=request, **options)

    def pages(self, method, request, **options):
        return list(bounded(self.call(method, request, **options).pages))


class RestClient(GrpcClient):
    def __init__(self, urls):
        scheme, host = urls["restUrl"].split("://")
        transport = transports.SecretManagerServiceRestTransport(
            host=host, url_scheme=scheme, credentials=Anonymous()
        )
        self.client = secretmanager_v1.SecretManagerServiceClient(transport=transport)


class AsyncClient:
    def __init__(self, urls):
        self.loop = asyncio.new_event_loop()
        self.client = self.loop.run_until_complete(self.open(urls["url"]))

    @staticmethod
    async def open(url):
        transport = transports.SecretManagerServiceGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(url))
        return secretmanager_v1.SecretManagerServiceAsyncClient(transport=transport)

    def call(self, method, request, **options):
        return self.loop.run_until_complete(getattr(self.client, method)(request=request, **options))

    def pages(self, method, request, **options):
        async def all_pages():
            pager = await getattr(self.client, method)(request=request, **options)
            return [page async for page in pager.pages]

        return self.loop.run_until_complete(all_pages())


CLIENTS = {"grpc": GrpcClient, "grpc-asyncio": AsyncClient, "rest": RestClient}


class Emulator:
    def __init__(self, urls):
        self.rest_url = urls["restUrl"]
        self.clients = {name: make(urls) for name, make in CLIENTS.items()}

    def rest(self, method, path, body=None, headers=None):
        """One request without the SDK, for what it hides."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.rest_url}{path}", method=method, data=data, headers={"content-type": "application/json", **(headers or {})}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return self.answer(answer)
        except urllib.error.HTTPError as error:
            return self.answer(error)

    @staticmethod
    def answer(answer):
        text, kind = answer.read().decode(), answer.headers["content-type"]
        return {"status": answer.status, "type": kind, "body": json.loads(text) if "json" in kind else text}

    def control(self, path, body):
        self.rest("POST", f"/_emulator/{path}", body)

    def advance(self, seconds):
        self.control("clock", {"advanceMs": seconds * 1000})


class Run:
    """One row at work."""

    def __init__(self, emulator, transport, row):
        self.emulator = emulator
        self.client = emulator.clients[transport]
        self.row = row
        name = f"Row_{uuid.uuid4().hex[:12]}"
        self.values = {
            "name": name,
            "project": PROJECT,
            "number": PROJECT_NUMBER,
            "secret": f"{PROJECT}/secrets/{name}",
            "found": f"{PROJECT_NUMBER}/secrets/{name}",
        }

    def play(self):
        try:
            for step in [*self.state(self.row.get("state", "absent")), *self.row["steps"]]:
                self.step(step)
        finally:
            self.emulator.control("faults", {"clear": True})

    @staticmethod
    def state(state):
        """The steps that bring about a state."""
        if state == "absent":
            return []
        create = {"do": ["create_secret", {"parent": "$project", "secret_id": "$name", "secret": AUTOMATIC}]}
        add = {"do": ["add_secret_version", {"parent": "$secret", "payload": {"data": "@bytes:v1"}}]}
        change = {"do": [f"{state}_secret_version", {"name": "$secret/versions/1"}]}
        return {"empty": [create], "live": [create, add]}.get(state, [create, add, change])

    def step(self, step):
        operation, *arguments = self.fill(step["do"])
        try:
            result = self.call(operation, *arguments)
        except GoogleAPICallError as error:
            seen = seen_in(error)
            expect("error" in step, f"{operation} refused: {seen}")
            check_error(seen, self.fill(step["error"]))
            return
        expect("error" not in step, f"{operation} accepted, where the service refuses")
        self.check(step, result)
        for key, path in step.get("save", {}).items():
            self.values[key] = str(at(result, path))

    def call(self, operation, *arguments):
        if operation in ("rest", "control", "advance"):
            return getattr(self.emulator, operation)(*arguments)
        options = {"timeout": 10}
        if operation not in ("list_locations", "get_location"):
            options["retry"] = None
        if "token" in self.row:
            options["metadata"] = [("authorization", f"Bearer {self.row['token']}")]
        if operation in ("list_secrets", "list_secret_versions"):
            return self.paged(self.client.pages(operation, *arguments, **options))
        return plain(self.client.call(operation, *arguments, **options))

    @staticmethod
    def paged(pages):
        found = [plain(page) for page in pages]
        items = [page.get("secrets", page.get("versions", [])) for page in found]
        return {
            "sizes": [len(each) for each in items],
            "items": [item for each in items for item in each],
            "total": found[0]["total_size"],
        }

    def check(self, step, result):
        for path, wanted in self.fill(step.get("result", {})).items():
            got = at(result, path)
            expect(got == wanted, f"{path} is {got!r}, expected {wanted!r}")
        for path, pattern in self.fill(step.get("match", {})).items():
            got = str(at(result, path))
            expect(re.search(pattern, got), f"{path} is {got!r}, expected {pattern}")
        for path in step.get("absent", []):
            expect(at(result, path) in (None, {}, [], ""), f"{path} is there")
        for path, number in step.get("length", {}).items():
            got = len(at(result, path))
            expect(got == number, f"{path} holds {got}, expected {number}")

    def fill(self, item):
        if isinstance(item, dict):
            return {self.fill(key): self.fill(value) for key, value in item.items()}
        if isinstance(item, list):
            return [self.fill(value) for value in item]
        if not isinstance(item, str):
            return item
        for key in sorted(self.values, key=len, reverse=True):
            item = item.replace(f"${key}", self.values[key])
        return form(item) if item.startswith("@") else item


AUTOMATIC = {"replication": {"automatic": {}}}


def form(item):
    kind, _, rest = item[1:].partition(":")
    text, _, times = rest.partition(":")
    if kind == "repeat":
        return text * int(times)
    if kind == "bytes":
        return rest.encode()
    if kind == "hex":
        return bytes.fromhex(rest)
    if kind == "bytes-repeat":
        return text.encode() * int(times)
    if kind == "base64":
        return base64.b64encode(rest.encode()).decode()
    if kind == "labels":
        return {f"key-{index}": "v" for index in range(int(rest))}
    if kind == "aliases":
        return {f"alias-{index}": 1 for index in range(int(rest))}
    if kind == "topics":
        return [{"name": f"projects/p/topics/topic-{index}"} for index in range(int(rest))]
    if kind == "text":
        return {text: "v" * int(times)}
    if kind == "key":
        return {text * int(times): "v"}
    if kind == "value":
        return {"k": text * int(times)}
    raise ValueError(f"no form @{kind}")


def bounded(pages):
    for number, page in zip(count(1), pages):
        expect(number < MOST_PAGES, "the listing does not end")
        yield page


def plain(message):
    """Values as they are in the messages, by the names of the descriptor; bytes as base64, 64-bit numbers as text."""
    if message is None:
        return {}
    raw = message if isinstance(message, Message) else type(message).pb(message)
    return MessageToDict(raw, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def at(item, path):
    for key in path.split("/") if path else []:
        if isinstance(item, list):
            item = item[int(key)] if int(key) < len(item) else None
        else:
            item = item.get(key) if isinstance(item, dict) else None
    return item


def seen_in(error):
    """What a program can read of an error. Over REST the client keeps the answer, over gRPC the status."""
    body = error.response.json()["error"] if hasattr(error.response, "json") else {}
    return {
        "code": body.get("status") or error.grpc_status_code.name,
        "status": int(error.code),
        "text": body.get("message") or error.message,
        "reason": error.reason,
        "domain": error.domain,
        "metadata": error.metadata,
    }


def check_error(seen, wanted):
    status = STATUSES[wanted["code"]]
    for key, value in {"status": status, **wanted}.items():
        if key == "pattern":
            expect(re.search(value, seen["text"]), f"text {seen['text']!r}, expected {value}")
        else:
            expect(seen[key] == value, f"{key} {seen[key]!r}, expected {value!r}")


def fault_row(operation, call, fault):
    rule = {"operation": operation, "error": fault["error"], "times": fault.get("times", 1)}
    return {
        "id": f"fault/{operation}/{fault['error']}",
        "state": "live",
        "steps": [{"do": ["control", "faults", rule]}, {"do": call, "error": fault["expect"]}],
    }


def main():
    emulators = {name: Emulator(urls) for name, urls in json.loads(os.environ["STRONGROOM_EMULATORS"]).items()}
    rows = read_table(HERE / "table.jsonl")
    matrix = json.loads((HERE / "faults.json").read_text())
    operations, faults = matrix["operations"], matrix["faults"]
    cells = [fault_row(operation, call, fault) for operation, call in operations.items() for fault in faults]

    def test(transport, row):
        return f"{transport}/{row['id']}", Run(emulators[row.get("emulator", "default")], transport, row).play

    tests = [test(transport, row) for transport in CLIENTS for row in rows + cells]
    return run_all(
        f"google-cloud-secret-manager {secretmanager_v1.__version__}: {len(CLIENTS)} clients x"
        f" ({len(rows)} rows, {len(operations)} operations x {len(faults)} errors)",
        tests,
    )


if __name__ == "__main__":
    sys.exit(main())
