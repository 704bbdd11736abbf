"""What the workflows' steps run: through shellcheck, and, for pushing and the message to the client's repository, for real.

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


# How GitHub runs scripts where `shell: bash` is said. Where it isn't, it leaves out `pipefail`.
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]


def workflows():
    for workflow in sorted((ROOT / ".github/workflows").glob("*.yml")):
        yield workflow, yaml.safe_load(workflow.read_text())


def steps():
    for workflow, document in workflows():
        for name, job in document["jobs"].items():
            for step in job.get("steps", []):
                yield f"{workflow.name}, {name}", step


def the_shell_is_named():
    for workflow, document in workflows():
        assert document["defaults"]["run"]["shell"] == "bash", workflow.name
        assert not any("shell" in step for _, step in steps()), "what is tried here is another shell"


def script_of(name):
    [script] = [step["run"] for _, step in steps() if step.get("name") == name]
    return script


def fake(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def a_push_that_fails_is_not_deployed():
    image = "example.org/kairos@sha256:" + "a" * 64
    with tempfile.TemporaryDirectory() as folder:
        told = pathlib.Path(folder, "told")
        environment = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(told)}
        push = pathlib.Path(folder, "deploy/push")
        for script, is_well, says in (f"echo {image}", True, f"image={image}\n"), ("exit 1", False, ""):
            told.write_text("")
            fake(push, script)
            ended = subprocess.run([*SHELL, script_of("Push")], cwd=folder, env=environment, check=False)
            assert (ended.returncode == 0) == is_well, script
            assert told.read_text() == says, told.read_text()
        fake(pathlib.Path(folder, "aws"), f"touch {folder}/asked")
        environment["PATH"] = f"{folder}:{os.environ['PATH']}"
        for no_digest in "", "example.org/kairos:latest", image[:-1], f"{image}\n{image}":
            deploy = [ROOT / "deploy/deploy", no_digest]
            ended = subprocess.run(deploy, env=environment, check=False, capture_output=True, text=True)
            assert ended.returncode == 2 and "by its digest" in ended.stderr, (no_digest, ended)
        assert not pathlib.Path(folder, "asked").exists()


def the_shell_is_sound():
    for where, step in steps():
        if script := step.get("run"):
            assert "${{" not in script, f"{where}: an expression in a script may be anybody's code"
            subprocess.run(["shellcheck", "--shell=bash", "-"], input=script, text=True, check=True)


def what_is_built_is_deployed_as_that():
    [deploy] = [step for _, step in steps() if step.get("name") == "Deploy"]
    [runs_on] = {document["jobs"]["deploy"]["runs-on"] for _, document in workflows() if "deploy" in document["jobs"]}
    assert (runs_on, deploy["env"]["ARCHITECTURE"]) == ("ubuntu-24.04", "x86_64"), "GitHub's other machines are arm64"


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
            fake(pathlib.Path(folder, name), script)
        environment = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "CLIENT_REPOSITORY": "riders/app",
            "GITHUB_SHA": "c0ffee",
            "URL": "https://api.example.org",
        }
        subprocess.run([*SHELL, script_of("Tell it to regenerate")], check=True, cwd=folder, env=environment)
        assert pathlib.Path(folder, "asked").read_text() == "api repos/riders/app/dispatches --input -\n"
        dispatch = pathlib.Path(folder, "dispatch").read_bytes()
        assert len(dispatch) < MOST_BYTES, len(dispatch)
        payload = json.loads(dispatch)["client_payload"]
        assert gzip.decompress(base64.b64decode(payload["openapi_gzip_base64"])) == document
        assert payload["version"] == json.loads(document)["info"]["version"]
        assert payload["commit"] == "c0ffee"


def main():
    the_shell_is_named()
    the_shell_is_sound()
    a_push_that_fails_is_not_deployed()
    what_is_built_is_deployed_as_that()
    actions_are_pinned()
    the_client_is_told(pathlib.Path(sys.argv[1]).resolve())
    print("the workflows' steps are sound")


if __name__ == "__main__":
    main()
