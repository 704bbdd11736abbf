"""What `deploy/run` would run: the program as the image starts it, with the settings that the script hands to Docker.

Takes the program, such as `target/debug/kairos`. What stands where Docker stands starts it on this machine.
"""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the image says, in deploy/Dockerfile.
IMAGE = {"HOST": "0.0.0.0", "DATA_DIR": "/data", "ENVIRONMENT": "production"}
PRODUCTION = """ENVIRONMENT=production
SECRET_KEY=0123456789abcdef0123456789abcdef
FRONTEND_URL=https://ride.example.org
MAIL_FROM='Kairos <kairos@example.org>'
RESEND_API_KEY="re_test"
DATABASE_URL=sqlite://kairos.db
HOST=198.51.100.1
"""


def docker(arguments):
    """`docker run`, as far as settings go."""
    program, data = os.environ["KAIROS"], os.environ["DATA"]
    environment, rest = dict(IMAGE), list(arguments[1:])
    while (option := rest.pop(0)).startswith("--"):
        if option in ("--rm", "--init", "--read-only"):
            continue
        value = rest.pop(0)
        if option == "--env":
            environment.update([value.split("=", 1)])
        if option == "--volume" and value.endswith(":/data/.env:ro"):
            file = pathlib.Path(value.split(":")[0])
            # The user inside is another one; nobody else comes there.
            assert file.stat().st_mode & stat.S_IROTH and not file.parent.stat().st_mode & stat.S_IRWXO
            shutil.copy(file, pathlib.Path(data, ".env"))
            pathlib.Path(data, "copied-from").write_text(str(file))
    assert option == "kairos:server", option
    sys.exit(subprocess.run([program, *rest], env=environment, cwd=data, check=False).returncode)


def told(program, settings=None):
    """What `deploy/run check` says."""
    with tempfile.TemporaryDirectory() as folder:
        fake, data, file = (pathlib.Path(folder, name) for name in ("bin/docker", "data", "settings"))
        fake.parent.mkdir()
        data.mkdir()
        fake.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" docker "$@"\n')
        fake.chmod(0o755)
        if settings:
            file.write_text(settings)
            file.chmod(0o600)
        environment = {
            "PATH": f"{fake.parent}:{os.environ['PATH']}",
            "KAIROS": program,
            "DATA": str(data),
            "ENV_FILE": str(file),
        }
        ended = subprocess.run([ROOT / "deploy/run", "check"], env=environment, check=False, capture_output=True, text=True)
        assert ended.returncode == 0, ended
        if settings:
            copy = pathlib.Path(data, "copied-from").read_text()
            assert not pathlib.Path(copy).parent.exists(), "the settings lie about"
        return ended.stdout


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    bare = told(program)
    assert "environment  local\n" in bare and "listens on   http://127.0.0.1:8000" in bare, bare
    configured = told(program, PRODUCTION)
    # The address is the one inside, whatever the file says; values are without their quotes.
    assert "environment  production\n" in configured and "listens on   http://127.0.0.1:8000" in configured, configured
    assert "through Resend" in configured, configured
    print("deploy/run hands over the settings")


if __name__ == "__main__":
    if sys.argv[1:2] == ["docker"]:
        docker(sys.argv[2:])
    main()
