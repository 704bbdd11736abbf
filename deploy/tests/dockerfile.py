"""The Dockerfile's steps, one after the other, in a clean folder, where no container engine runs.

Each stage is a folder; what a `COPY` names must be there and allowed by the .dockerignore, what a `RUN` says is run by the shell that the
file names. The base images are this machine. At the end the last stage is entered, with nothing of this machine around it, and the program
answers from there, as the stage's user. Needs root for that.

    dockerfile.py [--quick] CARGO_TARGET_DIR

builds into that folder. With --quick, cargo leaves out `--release`, so that a debug build that lies there is used.
"""

import fnmatch
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy/Dockerfile"
MOST_MEGABYTES = 40


def instructions():
    """What the file says: pairs of a word and the rest."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    text = "\n".join(lines).replace("\\\n", "\n\0")
    for instruction in re.split(r"\n(?=[A-Z]+ )", text.strip()):
        word, rest = instruction.split(" ", 1)
        yield word, rest.replace("\n\0", "\n").strip()


def allowed():
    """The files of the context, by the .dockerignore: everything is left out but what is let in again."""
    try:
        listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        # Not from a repository: what is built or fetched lies in these.
        files = [
            os.path.relpath(os.path.join(folder, name), ROOT)
            for folder, _, names in os.walk(ROOT)
            for name in names
            if not {"target", "node_modules", "data"} & set(pathlib.Path(folder).parts)
        ]
    rules = [line for line in (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    kept = []
    for file in filter(None, files):
        keep = True
        for rule in rules:
            pattern = rule.removeprefix("!")
            if fnmatch.fnmatch(file, pattern) or file.startswith(pattern + "/"):
                keep = rule.startswith("!")
        if keep and (ROOT / file).is_file():
            kept.append(file)
    return kept


class Stage:
    def __init__(self, folder):
        self.folder = folder
        self.workdir = "/"
        self.environment = {}
        self.shell = ["/bin/sh", "-c"]
        self.user = None
        self.entrypoint = None

    def at(self, path):
        return self.folder / os.path.normpath(os.path.join(self.workdir, path)).lstrip("/")


def copy(stage, rest, stages, context):
    options = re.findall(r"--(\w+)=(\S+)", rest)
    *sources, target = [word for word in rest.split() if not word.startswith("--")]
    options = dict(options)
    into = target.endswith("/") or len(sources) > 1
    for source in sources:
        if "from" in options:
            found = stages[options["from"]].at(source)
        else:
            found = ROOT / source
            names = [file for file in context if file == source or file.startswith(source.rstrip("/") + "/")]
            assert names, f"COPY {source}: the .dockerignore leaves it out, or it is not there"
        if found.is_dir():
            if "from" in options:
                shutil.copytree(found, stage.at(target), dirs_exist_ok=True, symlinks=True)
            else:
                for name in names:
                    place = stage.at(target) / pathlib.Path(name).relative_to(source)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, place)
        else:
            place = stage.at(target) / pathlib.Path(source).name if into else stage.at(target)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, place)
        if "chown" in options:
            user, group = map(int, options["chown"].split(":"))
            for path in [stage.at(target), *stage.at(target).rglob("*")]:
                os.chown(path, user, group)


def build(folder, target_dir, quick):
    stages, stage, context = {}, None, allowed()
    cargo = folder / "cargo"
    cargo.mkdir()
    if quick:
        # What the builds have in common is built once.
        (cargo / "cargo").write_text(
            f'#!/bin/bash\nargs=()\nfor arg; do [ "$arg" = --release ] || args+=("$arg"); done\nexec {shutil.which("cargo")} "${{args[@]}}"\n'
        )
        (cargo / "cargo").chmod(0o755)
    for word, rest in instructions():
        print(f"{word} {rest.splitlines()[0]}", flush=True)
        if word == "FROM":
            name = rest.split(" AS ")[1]
            stage = stages[name] = Stage(folder / name)
            stage.folder.mkdir()
            assert rest.startswith(("scratch AS", "rust:")), rest
        elif word == "SHELL":
            stage.shell = [part.strip('" ') for part in rest.strip("[]").split(",")]
        elif word == "WORKDIR":
            stage.workdir = rest
            stage.at(".").mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            copy(stage, rest, stages, context)
        elif word == "RUN":
            # Each build has a target folder at its own place; here it lies somewhere else, to be used again.
            profile = target_dir / ("debug" if quick else "release")
            link = stage.at("target")
            link.mkdir(exist_ok=True)
            (link / "release").exists() or (link / "release").symlink_to(profile)
            environment = os.environ | {"CARGO_TARGET_DIR": str(target_dir), "PATH": f"{cargo}:{os.environ['PATH']}"}
            subprocess.run([*stage.shell, rest], cwd=stage.at("."), env=environment, check=True)
        elif word == "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "USER":
            stage.user = rest
        elif word == "ENTRYPOINT":
            stage.entrypoint = rest
        else:
            assert word in ("ARG", "VOLUME", "EXPOSE", "HEALTHCHECK"), word
    return stages


def start(stage, *arguments, **settings):
    user = ["--userspec", stage.user] if stage.user else []
    command = ["chroot", *user, str(stage.folder), "/kairos", *arguments]
    # chroot itself is of this machine, and found by the full path.
    command[0] = shutil.which("chroot")
    return subprocess.Popen(command, env=stage.environment | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def the_image_answers(stage):
    refused = start(stage)
    told = refused.communicate(timeout=60)[0]
    assert refused.returncode == 2 and "SECRET_KEY" in told, told
    notices = (stage.folder / "NOTICES.txt").read_text()
    assert start(stage, "licences", ENVIRONMENT="local").communicate(timeout=60)[0] == notices
    # /data is where it may write, and it listens.
    settings = {"ENVIRONMENT": "local", "HOST": "127.0.0.1", "PORT": "18423"}
    server = start(stage, **settings)
    try:
        for _ in range(100):
            asked = start(stage, "health", **settings)
            health = asked.communicate(timeout=60)[0]
            if asked.returncode == 0:
                break
            time.sleep(0.1)
        assert '"status":"ok"' in health, health
    finally:
        server.terminate()
        told = server.communicate(timeout=20)[0]
    assert server.returncode == 0, told
    owner = (stage.folder / "data/kairos.db").stat().st_uid
    assert owner == int(stage.user.split(":")[0]), owner


def main():
    quick = "--quick" in sys.argv
    target_dir = pathlib.Path(sys.argv[-1]).resolve()
    with tempfile.TemporaryDirectory(prefix="kairos-image-") as folder:
        # Whoever enters the image must get there.
        os.chmod(folder, 0o755)
        stages = build(pathlib.Path(folder), target_dir, quick)
        assert stages["lambda"].entrypoint == stages["server"].entrypoint == '["/kairos"]'
        assert stages["server"].user not in (None, "0", "root")
        image = stages["lambda"].folder
        size = sum(file.stat().st_size for file in image.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6
        for file in sorted(file for file in image.rglob("*") if file.is_file()):
            print(f"{file.stat().st_size / 1e6:8.2f} MB  /{file.relative_to(image)}")
        print(f"{size:8.2f} MB in all")
        assert quick or size < MOST_MEGABYTES, f"the image holds {size:.1f} MB, more than {MOST_MEGABYTES}"
        if os.geteuid() == 0:
            the_image_answers(stages["server"])
            print("the program answers from inside the image")
        else:
            print("not root: the image is not entered")


if __name__ == "__main__":
    main()
