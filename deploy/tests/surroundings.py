"""What the stack's test has around it: servers, a mail server, and the emulator, asked as AWS is."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

import botocore.exceptions
import botocore.session
import pymongo

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(command, port, **options):
    """A server, from when it listens until the block ends."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert server.poll() is None, f"{command[0]} has ended"
            time.sleep(0.1)
        yield
    finally:
        # Its functions are processes of its own, in the same group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail, and keeps who it was for."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.recipients = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class MailSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().decode().strip():
            command = line.upper()
            if command.startswith("RCPT"):
                self.server.recipients.append(line.split("<")[1].split(">")[0])
            if command == "DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
            self.wfile.write(b"221 bye\r\n" if command == "QUIT" else b"250 ok\r\n")


class Cloud:
    """The emulator, asked as AWS is."""

    def __init__(self, port):
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": tempfile.gettempdir(),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        self.session = botocore.session.get_session()

    def ask(self, service):
        return self.session.create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def deploy(self, stack, image, **settings):
        """What `deploy/deploy` says."""
        told = subprocess.run(
            [ROOT / "deploy/deploy", image, stack], env=self.environment | settings, check=True, stdout=subprocess.PIPE, text=True
        )
        return told.stdout.strip()

    def resources(self, stack):
        return {
            resource["LogicalResourceId"]: resource
            for resource in self.ask("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
        }

    def delete(self, stack):
        cloudformation = self.ask("cloudformation")
        cloudformation.delete_stack(StackName=stack)
        for _ in range(100):
            try:
                if cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE":
                    return
            except botocore.exceptions.ClientError:
                return
            time.sleep(0.1)
        raise AssertionError("the stack is still there")


def gone(call, **arguments):
    """Whether AWS no longer knows what is asked for."""
    try:
        call(**arguments)
    except botocore.exceptions.ClientError:
        return True
    return False


def mongod():
    candidates = [shutil.which("mongod"), ROOT / "target/tmp/mongod/mongod"]
    found = [str(candidate) for candidate in candidates if candidate and pathlib.Path(candidate).exists()]
    assert found, "no mongod: put one on the PATH, or run `cargo test -p kairos`, which fetches one"
    return found[0]


def initiate(port):
    """Makes a mongod the only member of its replica set, and returns when it takes writes."""
    with pymongo.MongoClient("127.0.0.1", port, directConnection=True) as client:
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": "kairos", "members": [member]})
        for _ in range(600):
            if client.admin.command("hello")["isWritablePrimary"]:
                return
            time.sleep(0.1)
        raise AssertionError("the replica set has no primary")
