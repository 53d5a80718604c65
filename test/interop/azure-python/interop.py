"""Drives the Azure emulator with the official Python SDK: every row of table.jsonl, then every operation of faults.json
against every error there, each by the client that blocks and by the one of asyncio. Codes, statuses and texts come from the fact sheet of the service (`source` names its section),
not from the emulator.

    AZURE_KEYVAULT_URL, REQUESTS_CA_BUNDLE   the vault called `default`, as the emulator's `env` has it
    STRONGROOM_VAULTS                        the other vaults as JSON, by name: url, httpUrl, caFile

Exits 1 when a row fails; the last line is `N passed, N failed`.

A row has `steps`, run in order on a fresh secret `$name`, which is first brought into `state`. A step does one call and
may say what must come of it: `error` (status, code, inner, text), `result` (values by path), `match` (patterns), `absent`
(paths that lead to nothing), `length`. `save` keeps values for later steps as `$key`. With `login` the row logs in at the
token endpoint of the emulator, by azure-identity. Secrets of names.json are left behind for whoever reads them next.
"""

import asyncio
import base64
import json
import logging
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential, ManagedIdentityCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.keyvault.secrets import SecretClient, __version__
from azure.keyvault.secrets.aio import SecretClient as AsyncSecretClient

HOUR_MS = 3_600_000
MOST_PAGES = 100
RESOURCE = "https://vault.azure.net"
HERE = Path(__file__).parent
LOOP = asyncio.new_event_loop()
ASYNC_NAMES = {
    "begin_delete_secret": ("delete_secret", "DeleteSecret"),
    "begin_recover_deleted_secret": ("recover_deleted_secret", "RecoverDeletedSecret"),
}


class Mismatch(Exception):
    pass


class Credential:
    """A static token, or an unsigned JWT of the claims of a row. Notes what it was asked for."""

    def __init__(self):
        self.claims = None
        self.asked = []

    def get_token(self, *scopes, **options):
        self.asked.append({"scope": scopes[0], "tenant": options.get("tenant_id"), "claims": options.get("claims")})
        return AccessToken(self.token(), int(time.time()) + 3600)

    def token(self):
        if self.claims is None:
            return "static"
        claims = {**self.claims, "exp": int(time.time()) + self.claims["exp"]}
        parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + ".x"


class AsyncCredential:
    """The same tokens for a client of asyncio."""

    def __init__(self, credential):
        self.credential = credential

    async def get_token(self, *scopes, **options):
        return self.credential.get_token(*scopes, **options)

    async def close(self):
        pass


class BlockingClient:
    """The client of azure.keyvault.secrets."""

    name = "blocking"

    def __init__(self, vault, login, **options):
        self.vault = vault
        credential = vault.credential if login is None else self.log_in(login)
        self.client = SecretClient(vault.url, credential, **vault.options, **options)

    def log_in(self, login):
        if "managed" in login:
            return ManagedIdentityCredential()
        return ClientSecretCredential(**self.vault.login(login))

    def one(self, operation, arguments, named):
        return getattr(self.client, operation)(*arguments, **named)

    def settled(self, operation, arguments, named):
        poller = self.one(operation, arguments, {"_polling_interval": 0.01, **named})
        self.vault.advance()
        return poller.result()

    def pages(self, operation, arguments, named):
        return [list(page) for page in islice(self.one(operation, arguments, named).by_page(), MOST_PAGES)]

    def close(self):
        self.client.close()


class AsyncClient:
    """The client of azure.keyvault.secrets.aio, whose deletions and recoveries wait by themselves."""

    name = "asyncio"

    def __init__(self, vault, login, **options):
        self.vault = vault
        self.credential = AsyncCredential(vault.credential)
        if login is not None:
            self.credential = AsyncClientSecretCredential(**vault.login(login))
        self.client = AsyncSecretClient(vault.url, self.credential, **vault.options, **options)

    def one(self, operation, arguments, named):
        return LOOP.run_until_complete(getattr(self.client, operation)(*arguments, **named))

    def settled(self, operation, arguments, named):
        return LOOP.run_until_complete(self.wait(*ASYNC_NAMES[operation], arguments, named))

    async def wait(self, method, operation, arguments, named):
        """Moves the clock once the request has arrived, not before."""
        before = self.vault.calls(operation)
        task = asyncio.ensure_future(getattr(self.client, method)(*arguments, _polling_interval=0.01, **named))
        while not (await asyncio.wait([task], timeout=0.02))[0]:
            if self.vault.calls(operation) > before:
                self.vault.advance()
        return task.result()

    def pages(self, operation, arguments, named):
        return LOOP.run_until_complete(self.gather(getattr(self.client, operation)(*arguments, **named)))

    async def gather(self, paged):
        pages = []
        async for page in paged.by_page():
            pages.append([item async for item in page])
            if len(pages) == MOST_PAGES:
                break
        return pages

    def close(self):
        LOOP.run_until_complete(self.client.close())
        LOOP.run_until_complete(self.credential.close())


class Vault:
    def __init__(self, name, urls):
        is_default = name == "default"
        self.url = os.environ["AZURE_KEYVAULT_URL"] if is_default else urls["url"]
        self.control_url = urls["httpUrl"]
        self.has_login = name == "login"
        self.ca_file = os.environ["REQUESTS_CA_BUNDLE"] if is_default else urls["caFile"]
        self.tls = ssl.create_default_context(cafile=self.ca_file)
        self.credential = Credential()

    @property
    def options(self):
        return {"verify_challenge_resource": False, "retry_total": 0, "connection_verify": self.ca_file}

    def login(self, login):
        return {
            "tenant_id": os.environ["AZURE_TENANT_ID"],
            "client_id": login["client"],
            "client_secret": login["secret"],
            "authority": self.url,
            "disable_instance_discovery": True,
            "connection_verify": self.ca_file,
        }

    def rest(self, method, path, body=None, query="api-version=2026-04-01", token="static", headers=None):
        """One request without the SDK, for what it hides."""
        target = path if path.startswith("https:") else f"{self.url}{path}" + (f"?{query}" if query else "")
        request = urllib.request.Request(
            target,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={**({} if token is None else {"Authorization": f"Bearer {token}"}), **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.tls) as answer:
                return self.answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return self.answer(error.code, error.headers, error.read())

    @staticmethod
    def answer(status, headers, body):
        lowered = {name.lower(): value for name, value in headers.items()}
        return {"status": status, "headers": lowered, "body": json.loads(body) if body else None}

    def control(self, path, body):
        request = urllib.request.Request(
            f"{self.control_url}/_emulator/{path}", data=json.dumps(body).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=10).close()

    def calls(self, operation):
        with urllib.request.urlopen(f"{self.control_url}/_emulator/calls", timeout=10) as answer:
            return json.loads(answer.read()).get(operation, 0)

    def advance(self, ms=HOUR_MS):
        self.control("clock", {"advanceMs": ms})

    def reach(self, state, name):
        """Brings a fresh secret into a state, without the SDK and its pollers."""
        if state == "absent":
            return
        self.must("PUT", f"/secrets/{name}", {"value": "v", "attributes": {"enabled": state != "disabled"}})
        if state in ("live", "disabled"):
            return
        self.must("DELETE", f"/secrets/{name}")
        if state == "deleting":
            return
        self.advance()
        if state == "recovering":
            self.must("POST", f"/deletedsecrets/{name}/recover")
        elif state == "purged":
            self.must("DELETE", f"/deletedsecrets/{name}")
            self.advance(2 * HOUR_MS)
        elif state != "deleted":
            raise ValueError(f"no state {state}")

    def set_up_token(self):
        """A fresh one each time: rows move the clock by which it expires."""
        if not self.has_login:
            return "static"
        form = {"grant_type": "client_credentials", "scope": f"{RESOURCE}/.default"}
        form |= {"client_id": "app", "client_secret": "right"}
        path = f"{self.control_url}/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token"
        with urllib.request.urlopen(path, data=urllib.parse.urlencode(form).encode(), timeout=10) as answer:
            return json.loads(answer.read())["access_token"]

    def must(self, method, path, body=None):
        status = self.rest(method, path, body, token=self.set_up_token())["status"]
        if status not in (200, 204):
            raise Mismatch(f"{method} {path} answered {status}")


class Run:
    """One row at work."""

    def __init__(self, vault, row, kind):
        self.vault = vault
        self.row = row
        self.values = {"name": f"row-{uuid.uuid4().hex[:12]}", "url": vault.url}
        vault.credential.claims = row.get("claims")
        vault.credential.asked.clear()
        self.client = kind(vault, row.get("login"), **row.get("client", {}))

    def play(self):
        self.vault.reach(self.row.get("state", "absent"), self.values["name"])
        try:
            for step in self.row["steps"]:
                self.step(step)
        finally:
            self.vault.control("faults", {"clear": True})
            self.client.close()

    def step(self, step):
        operation, arguments = step["do"][0], self.fill(step["do"][1:])
        positional = {"rest": 3, "control": 2}.get(operation, 0)
        has_named = len(arguments) > positional and isinstance(arguments[-1], dict)
        named = arguments.pop() if has_named else {}
        try:
            result = self.call(operation, arguments, named)
        except HttpResponseError as error:
            expect("error" in step, f"{operation} refused: {describe(error)}")
            check_error(error, self.fill(step["error"]))
            return
        expect("error" not in step, f"{operation} accepted, where the service refuses")
        self.check(step, result)
        for key, path in step.get("save", {}).items():
            self.values[key] = str(at(result, path))

    def call(self, operation, arguments, named):
        if operation in ("rest", "advance", "control"):
            return getattr(self.vault, operation)(*arguments, **named)
        if operation == "asked":
            return self.vault.credential.asked
        if operation == "sets":
            sets = [self.client.one("set_secret", [self.values["name"], f"v{n}"], {}) for n in range(*arguments)]
            return [secret.properties.version for secret in sets]
        if operation == "restore_secret_backup":
            arguments = [base64.b64decode(arguments[0])]
        if operation.startswith("list_"):
            return self.pages(self.client.pages(operation, arguments, named))
        if operation.startswith("begin_"):
            return self.client.settled(operation, arguments, named)
        result = self.client.one(operation, arguments, dates(named))
        return {"blob": base64.b64encode(result).decode()} if operation == "backup_secret" else result

    def pages(self, pages):
        """The listing of a vault that other rows use too: only what belongs to this row."""
        expect(len(pages) < MOST_PAGES, "the listing does not end")
        items = [item for page in pages for item in page if item.name.startswith(self.values["name"])]
        return {"sizes": [len(page) for page in pages], "items": items}

    def check(self, step, result):
        for path, wanted in self.fill(step.get("result", {})).items():
            got = plain(at(result, path))
            expect(got == wanted, f"{path} is {got!r}, expected {wanted!r}")
        for path, pattern in step.get("match", {}).items():
            got = str(at(result, path))
            pattern = self.fill(pattern)
            expect(re.search(pattern, got), f"{path} is {got!r}, expected {pattern}")
        for path in step.get("absent", []):
            expect(at(result, path) in (None, {}, []), f"{path} is there")
        for path, count in step.get("length", {}).items():
            got = len(at(result, path))
            expect(got == count, f"{path} holds {got}, expected {count}")
        for path in step.get("sorted", []):
            got = [item.version for item in at(result, path)]
            expect(got == sorted(got), f"{path} is in another order than that of the ids")

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


def form(item):
    kind, _, rest = item[1:].partition(":")
    if kind == "repeat":
        text, _, times = rest.partition(":")
        return text * int(times)
    if kind == "upper":
        return rest.upper()
    if kind == "tags":
        return {f"key-{index}": "v" for index in range(int(rest))}
    if kind == "long-tag":
        key, _, value = rest.partition(":")
        return {"k" * int(key): "v" * int(value)}
    if kind == "scope":
        return f"{rest}/.default"
    raise ValueError(f"no form @{kind}")


def dates(named):
    """The SDK takes dates, a table holds seconds."""
    return {
        key: datetime.fromtimestamp(value, timezone.utc) if key in ("expires_on", "not_before") else value
        for key, value in named.items()
    }


def at(item, path):
    for key in path.split(".") if path else []:
        if item is None:
            return None
        if isinstance(item, dict):
            item = item.get(key)
        elif isinstance(item, list):
            item = item[int(key)] if int(key) < len(item) else None
        else:
            item = getattr(item, key)
    return item


def plain(value):
    return int(value.timestamp()) if isinstance(value, datetime) else value


def expect(condition, what):
    if not condition:
        raise Mismatch(what)


def describe(error):
    inner = (error.error.innererror or {}).get("code") if error.error else None
    code = error.error.code if error.error else None
    return f"{error.status_code} {code} {inner}: {error.error.message if error.error else error.message}"


def check_error(error, wanted):
    if "contains" in wanted:
        expect(wanted["contains"] in error.message, f"text {error.message!r}, expected to hold {wanted['contains']!r}")
    status = wanted.get("status", error.status_code)
    expect(error.status_code == status, f"{describe(error)}, expected status {status}")
    code = error.error.code if error.error else None
    expect(code == wanted.get("code"), f"code {code}, expected {wanted.get('code')}")
    inner = (error.error.innererror or {}).get("code") if error.error else None
    expect(inner == wanted.get("inner"), f"inner code {inner}, expected {wanted.get('inner')}")
    if "text" in wanted:
        expect(error.error.message == wanted["text"], f"text {error.error.message!r}, expected {wanted['text']!r}")
    if "begins" in wanted:
        text = error.error.message
        expect(text.startswith(wanted["begins"]), f"text {text!r}, expected to begin with {wanted['begins']!r}")


def fault_row(operation, call, fault):
    """A 401 is asked again with a new token; the second one is the answer."""
    rule = {"operation": operation, "error": fault["error"], "times": fault.get("times", 1), **fault.get("rule", {})}
    return {
        "id": f"fault/{operation}/{fault['error']}",
        "state": "live",
        "steps": [{"do": ["get_secret", "$name"]}, {"do": ["control", "faults", rule]}, {"do": call, "error": fault["expect"]}],
    }


def kinds_of(row):
    """A row without the SDK, or with what only one client has, is played once."""
    is_bare = all(step["do"][0] in ("rest", "advance", "control", "asked") for step in row["steps"])
    return [BlockingClient] if is_bare or "managed" in row.get("login", {}) else [BlockingClient, AsyncClient]


def leave_names(vault):
    client = BlockingClient(vault, None)
    for name in json.loads((HERE / "names.json").read_text()):
        client.one("set_secret", [name, f"value of {name}"], {})
    client.close()


def main():
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    vaults = {name: Vault(name, urls) for name, urls in json.loads(os.environ["STRONGROOM_VAULTS"]).items()}
    rows = [json.loads(line) for line in (HERE / "table.jsonl").read_text().splitlines() if line]
    matrix = json.loads((HERE / "faults.json").read_text())
    cells = [
        fault_row(operation, call, fault)
        for operation, call in matrix["operations"].items()
        for fault in matrix["faults"]
    ]
    played, failed = 0, 0
    for kind, row in ((kind, row) for row in rows + cells for kind in kinds_of(row)):
        played += 1
        try:
            Run(vaults[row.get("vault", "default")], row, kind).play()
        except Exception as problem:  # whatever stops a row, it is the row that failed
            failed += 1
            print(f"not ok  {row['id']} ({kind.name}): {type(problem).__name__}: {problem}")
    leave_names(vaults["default"])
    faults, operations = len(matrix["faults"]), len(matrix["operations"])
    print(f"azure-keyvault-secrets {__version__}: {len(rows)} rows, {operations} operations x {faults} errors")
    print(f"{played - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
