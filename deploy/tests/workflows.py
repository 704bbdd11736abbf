"""What the workflows' steps run: through shellcheck, and, for the message to the client's repository, for real.

Takes the program, such as `target/debug/kairos`.
"""

import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What GitHub takes in a dispatch.
MOST_BYTES = 64 * 1024


def steps():
    for workflow in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for name, job in yaml.safe_load(workflow.read_text())["jobs"].items():
            for step in job.get("steps", []):
                yield f"{workflow.name}, {name}", step


def the_shell_is_sound():
    for where, step in steps():
        if script := step.get("run"):
            assert "${{" not in script, f"{where}: an expression in a script may be anybody's code"
            subprocess.run(["shellcheck", "--shell=bash", "-"], input=script, text=True, check=True)


def actions_are_pinned():
    for where, step in steps():
        if action := step.get("uses"):
            version = action.split("@")[1]
            assert version.count(".") == 2 or len(version) == 40, f"{where}: {action}"


def the_client_is_told(program):
    with tempfile.TemporaryDirectory() as folder:
        document = subprocess.run([program, "openapi"], check=True, capture_output=True, cwd=folder, env={}).stdout
        document = json.dumps(json.loads(document), separators=(",", ":")).encode()
        pathlib.Path(folder, "document").write_bytes(document)
        for name, script in {"curl": "cat document", "gh": 'echo "$*" >asked; cat >dispatch'}.items():
            fake = pathlib.Path(folder, name)
            fake.write_text(f"#!/bin/sh\n{script}\n")
            fake.chmod(0o755)
        [script] = [step["run"] for _, step in steps() if step.get("name") == "Tell it to regenerate"]
        environment = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "CLIENT_REPOSITORY": "riders/app",
            "GITHUB_SHA": "c0ffee",
            "URL": "https://api.example.org",
        }
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], check=True, cwd=folder, env=environment)
        assert pathlib.Path(folder, "asked").read_text() == "api repos/riders/app/dispatches --input -\n"
        dispatch = pathlib.Path(folder, "dispatch").read_bytes()
        assert len(dispatch) < MOST_BYTES, len(dispatch)
        payload = json.loads(dispatch)["client_payload"]
        assert gzip.decompress(base64.b64decode(payload["openapi_gzip_base64"])) == document
        assert payload["version"] == json.loads(document)["info"]["version"]
        assert payload["commit"] == "c0ffee"


def main():
    the_shell_is_sound()
    actions_are_pinned()
    the_client_is_told(pathlib.Path(sys.argv[1]).resolve())
    print("the workflows' steps are sound")


if __name__ == "__main__":
    main()
