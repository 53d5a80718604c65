"""Drives the Vault emulator with hvac: every row of table.jsonl, then every operation of faults.json against every error
there. Statuses and texts come from the fact sheet of the service (`source` names its section), not from the emulator.

    interop.py URL      exits 1 when a row fails; the last line is `N passed, N failed`

A row begins with an empty server, and has `steps`, run in order. A step does one call of hvac, by its dotted name, and may
say what must come of it: `error` (the class of hvac, status, text), `result` (values by path), `match` (patterns),
`absent` (paths that lead to nothing). `save` keeps values for later steps as `$key`; `token` does the call with another
token. Besides hvac's, there are the calls `rest`, `advance` and `fault`.
"""

import json
import re
import sys
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import hvac
from hvac.exceptions import VaultError
from rows import expect, read_table, run_all

HERE = Path(__file__).parent
ROOT = "root"


class Server:
    def __init__(self, url):
        self.url = url

    def control(self, path, body):
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}", data=json.dumps(body).encode(), method="POST"
        )
        urllib.request.urlopen(request, timeout=10).close()

    def advance(self, seconds):
        self.control("clock", {"advanceMs": seconds * 1000})

    def fault(self, rule):
        self.control("faults", rule)

    def rest(self, method, path, body=None, headers=None, token=ROOT):
        """One request without hvac, for what it hides."""
        request = urllib.request.Request(
            f"{self.url}/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Vault-Token": token, **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return self.answer(answer)
        except urllib.error.HTTPError as error:
            return self.answer(error)

    @staticmethod
    def answer(answer):
        text = answer.read()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return {"status": answer.status, "headers": headers, "body": json.loads(text) if text else None}


class Run:
    """One row at work."""

    def __init__(self, server, row):
        self.server = server
        self.row = row
        self.values = {}

    def play(self):
        self.server.control("reset", None)
        for step in self.row["steps"]:
            self.step(step)

    def step(self, step):
        name, *arguments = self.fill(step["do"])
        named = arguments.pop() if arguments and isinstance(arguments[-1], dict) and name not in PLAIN else {}
        client = hvac.Client(url=self.server.url, token=self.fill(step.get("token", ROOT)))
        try:
            result = self.call(client, name, arguments, named)
        except VaultError as error:
            expect("error" in step, f"{name} refused: {describe(error)}")
            check_error(error, self.fill(step["error"]))
            return
        expect("error" not in step, f"{name} accepted, where the service refuses")
        self.check(step, result)
        for key, path in step.get("save", {}).items():
            self.values[key] = str(at(result, path))

    def call(self, client, name, arguments, named):
        if name in PLAIN:
            return getattr(self.server, name)(*arguments)
        target = client
        for part in name.split("."):
            target = getattr(target, part)
        result = target(*arguments, **named)
        return {"status": result.status_code} if hasattr(result, "status_code") else result

    def check(self, step, result):
        for path, wanted in self.fill(step.get("result", {})).items():
            got = at(result, path)
            expect(got == wanted, f"{path} is {got!r}, expected {wanted!r}")
        for path, pattern in self.fill(step.get("match", {})).items():
            got = str(at(result, path))
            expect(re.search(pattern, got), f"{path} is {got!r}, expected {pattern}")
        for path in step.get("absent", []):
            expect(at(result, path) in (None, {}, []), f"{path} is there")

    def fill(self, item):
        if isinstance(item, dict):
            return {self.fill(key): self.fill(value) for key, value in item.items()}
        if isinstance(item, list):
            return [self.fill(value) for value in item]
        if not isinstance(item, str):
            return item
        for key in sorted(self.values, key=len, reverse=True):
            item = item.replace(f"${key}", self.values[key])
        return item


PLAIN = ("rest", "advance", "fault")


def at(item, path):
    for key in path.split("/") if path else []:
        if item is None:
            return None
        if isinstance(item, list):
            item = item[int(key)] if int(key) < len(item) else None
        else:
            item = item.get(key) if isinstance(item, dict) else getattr(item, key)
    return item


def describe(error):
    return f"{type(error).__name__} {error}"


def check_error(error, wanted):
    name, text = wanted
    expect(type(error).__name__ == name, f"{describe(error)}, expected {name}")
    got = (error.errors or [""])[0] if not isinstance(error.errors, str) else error.errors
    expect(text is None or got == text, f"text {got!r}, expected {text!r}")


def fault_row(operation, call, fault):
    rule = {"operation": operation, "status": fault["status"], "times": 1}
    return {
        "id": f"fault/{operation}/{fault['status']}",
        "steps": [*PREPARE, {"do": ["fault", rule]}, {**call, "error": [fault["error"], fault["text"]]}],
    }


PREPARE = [
    {"do": ["sys.enable_secrets_engine", {"backend_type": "kv", "path": "old", "options": {"version": "1"}}]},
    {"do": ["secrets.kv.v1.create_or_update_secret", "a", {"secret": {"v": 1}, "mount_point": "old"}]},
    {"do": ["secrets.kv.v2.create_or_update_secret", "a", {"secret": {"v": 1}}]},
    {"do": ["sys.enable_auth_method", {"method_type": "approle"}]},
    {"do": ["auth.approle.create_or_update_approle", "app", {"token_policies": ["default"]}]},
    {"do": ["auth.approle.read_role_id", "app"], "save": {"roleId": "data/role_id"}},
    {"do": ["auth.approle.generate_secret_id", "app"], "save": {"secretId": "data/secret_id"}},
    {
        "do": ["auth.token.create", {"policies": ["default"], "ttl": "1h"}],
        "save": {"token": "auth/client_token", "accessor": "auth/accessor"},
    },
    {
        "do": ["rest", "POST", "sys/wrapping/wrap", {"v": 1}, {"X-Vault-Wrap-TTL": "60"}],
        "save": {"wrapping": "body/wrap_info/token"},
    },
]


def main():
    server = Server(sys.argv[1])
    rows = read_table(HERE / "table.jsonl")
    matrix = json.loads((HERE / "faults.json").read_text())
    cells = [
        fault_row(operation, call, fault)
        for operation, call in matrix["operations"].items()
        for fault in matrix["faults"]
    ]
    faults, operations = len(matrix["faults"]), len(matrix["operations"])
    return run_all(
        f"hvac {version('hvac')}: {len(rows)} rows, {operations} operations x {faults} errors",
        [(row["id"], Run(server, row).play) for row in rows + cells],
    )


if __name__ == "__main__":
    sys.exit(main())
