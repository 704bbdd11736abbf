"""The template as a stack, on an emulator of AWS: made, changed and deleted by the script that deploys, and its resources read back.

Then the same template with the program as a zip, since images need Docker: requests go through its HTTP API to the real program, on a
real mongod. Takes the emulator's command and the program, such as `target/debug/kairos`.
"""

import contextlib
import gzip
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile

from surroundings import ROOT, Cloud, MailServer, free_port, gone, initiate, mongod, running

TEMPLATE = ROOT / "deploy/template.yaml"
IMAGE = "kairos@sha256:" + "0" * 64
SECRET = "0123456789abcdef0123456789abcdef"
SETTINGS = {
    "SECRET_KEY": SECRET,
    "FRONTEND_URL": "https://ride.example.org",
    "MAIL_FROM": "Kairos <kairos@example.org>",
    "CORS_ORIGINS": "https://ride.example.org,https://other.example.org",
    "REGISTRATION": "invite",
}


def the_stack_is_made_changed_and_deleted(cloud):
    endpoint = cloud.deploy("kairos", IMAGE, DATABASE_URL="mongodb+srv://ann:s3cret@db.example.org/kairos", RESEND_API_KEY="re_test", **SETTINGS)
    assert endpoint.startswith("http"), endpoint
    resources = cloud.resources("kairos")
    in_template = set(re.findall(r"^  (\w+):\n    Type: AWS::", TEMPLATE.read_text(), re.MULTILINE))
    assert set(resources) == in_template, set(resources) ^ in_template
    assert {resource["ResourceStatus"] for resource in resources.values()} == {"CREATE_COMPLETE"}
    named = {name: resource["PhysicalResourceId"] for name, resource in resources.items()}

    function = cloud.ask("lambda").get_function(FunctionName="kairos")["Configuration"]
    assert (function["MemorySize"], function["Timeout"], function["PackageType"]) == (256, 15, "Image")
    variables = function["Environment"]["Variables"]
    assert variables["SECRET_KEY"] == SECRET and variables["ENVIRONMENT"] == "production"
    for key in ("CORS_ORIGINS", "REGISTRATION"):
        assert variables[key] == SETTINGS[key]
    assert (variables["DEFAULT_VISIBILITY"], variables["NEARBY_DISTANCE_METERS"]) == ("public", "100000"), variables

    policy = cloud.ask("iam").get_role_policy(RoleName=named["Role"], PolicyName="its-own-log")["PolicyDocument"]
    [statement] = policy["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"], statement
    assert ":log-group:/aws/lambda/kairos" in statement["Resource"], statement
    groups = cloud.ask("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert kept["/aws/lambda/kairos"] == kept["/aws/vendedlogs/apis/kairos"] == 30, kept

    gateway = cloud.ask("apigatewayv2")
    api = {"ApiId": named["Api"]}
    assert gateway.get_api(**api)["ProtocolType"] == "HTTP"
    [integration] = gateway.get_integrations(**api)["Items"]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    [route] = gateway.get_routes(**api)["Items"]
    assert route["RouteKey"] == "$default"
    [stage] = gateway.get_stages(**api)["Items"]
    assert stage["StageName"] == "$default" and stage["AutoDeploy"]
    # The emulator keeps these as the template writes them, which the AWS command doesn't know.
    with urllib.request.urlopen(f"{cloud.environment['AWS_ENDPOINT_URL']}/v2/apis/{named['Api']}/stages") as answer:
        [raw] = json.load(answer)["items"]
    assert raw["defaultRouteSettings"] == {"ThrottlingRateLimit": "100", "ThrottlingBurstLimit": "200"}, raw
    assert json.loads(stage["AccessLogSettings"]["Format"])["path"] == "$context.path"
    assert stage["AccessLogSettings"]["DestinationArn"].endswith(":log-group:/aws/vendedlogs/apis/kairos")

    [target] = cloud.ask("events").list_targets_by_rule(Rule=named["Schedule"].split("/")[-1])["Targets"]
    assert target["Arn"] == function["FunctionArn"]
    callers = json.loads(cloud.ask("lambda").get_policy(FunctionName="kairos")["Policy"])["Statement"]
    services = {caller["Principal"]["Service"] for caller in callers}
    assert services == {"apigateway.amazonaws.com", "events.amazonaws.com"}, callers
    [once] = cloud.ask("lambda").list_function_event_invoke_configs(FunctionName="kairos")["FunctionEventInvokeConfigs"]
    assert (once["MaximumRetryAttempts"], once["MaximumEventAgeInSeconds"]) == (0, 60), once
    alarms = cloud.ask("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["MetricName"] for alarm in alarms} == {"Errors", "Throttles", "5xx"}

    # What isn't said again stays.
    cloud.deploy("kairos", IMAGE.replace("0", "1"), MEMORY_SIZE="512", PLATFORM="linux/arm64")
    function = cloud.ask("lambda").get_function(FunctionName="kairos")
    assert function["Configuration"]["Architectures"] == ["arm64"], function["Configuration"]
    assert function["Configuration"]["MemorySize"] == 512
    assert function["Code"]["ImageUri"] == IMAGE.replace("0", "1"), function["Code"]
    assert function["Configuration"]["Environment"]["Variables"]["SECRET_KEY"] == SECRET

    cloud.delete("kairos")
    assert gone(cloud.ask("lambda").get_function, FunctionName="kairos")
    assert gone(cloud.ask("iam").get_role, RoleName=named["Role"])
    assert gone(gateway.get_api, **api)
    assert not cloud.ask("logs").describe_log_groups()["logGroups"]
    assert not cloud.ask("cloudwatch").describe_alarms()["MetricAlarms"]


def make_the_role(cloud, stack, **parameters):
    cloudformation = cloud.ask("cloudformation")
    # The provider is there already, and so nothing is made in its place: the emulator knows none.
    parameters |= {"GitHubRepository": "riders/kairos", "ProviderArn": "arn:aws:iam::000000000000:oidc-provider/github"}
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=(ROOT / "deploy/github-role.yaml").read_text().replace("AWS::IAM::OIDCProvider", "AWS::SNS::Topic"),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def pushes_to(cloud, role):
    [_, pushing] = cloud.ask("iam").get_role_policy(RoleName=role, PolicyName="push")["PolicyDocument"]["Statement"]
    return pushing["Resource"]


def the_role_of_github_is_made(cloud):
    make_the_role(cloud, "kairos-github")
    named = cloud.resources("kairos-github")
    role = cloud.ask("iam").get_role(RoleName=named["Role"]["PhysicalResourceId"])["Role"]
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    who = trusted["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert who == "repo:riders/kairos:environment:production", who
    [repository] = cloud.ask("ecr").describe_repositories(repositoryNames=["kairos"])["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert pushes_to(cloud, named["Role"]["PhysicalResourceId"]) == repository["repositoryArn"]
    deploying = cloud.ask("iam").get_role_policy(RoleName=named["Role"]["PhysicalResourceId"], PolicyName="deploy")
    about_roles = [
        statement
        for statement in deploying["PolicyDocument"]["Statement"]
        if any(action.startswith(("iam:", "sts:", "*")) for action in actions(statement))
    ]
    # It makes no roles, and gives away one, to one.
    [statement] = about_roles
    function_role = cloud.ask("iam").get_role(RoleName=named["FunctionRole"]["PhysicalResourceId"])["Role"]["Arn"]
    assert (actions(statement), statement["Resource"]) == (["iam:PassRole"], function_role), statement
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, statement

    # These are known by the names that the template gives them, and those of other stacks are nothing to it.
    alarms = re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm$", TEMPLATE.read_text(), re.MULTILINE)
    statements = deploying["PolicyDocument"]["Statement"]
    [about_alarms] = [statement for statement in statements if actions(statement)[0].startswith("cloudwatch:")]
    named_there = {resource.split(":alarm:")[1] for resource in about_alarms["Resource"]}
    assert named_there == {f"kairos-{alarm}-*" for alarm in alarms}, named_there

    # A stack whose function gets that role makes none.
    cloud.deploy("given", IMAGE, DATABASE_URL="mongodb://db.example.org/kairos", FUNCTION_ROLE=function_role, **SETTINGS)
    assert "Role" not in cloud.resources("given")
    function = cloud.ask("lambda").get_function(FunctionName="given")["Configuration"]
    assert function["Role"] == function_role, function
    cloud.delete("given")

    # A repository that was there before, as `deploy/push` makes it, stays as it is.
    make_the_role(cloud, "beside", RepositoryIsThere="yes")
    beside = cloud.resources("beside")
    assert "Images" not in beside, beside
    assert pushes_to(cloud, beside["Role"]["PhysicalResourceId"]) == repository["repositoryArn"]


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def the_image_is_pushed(cloud, folder):
    """By the script, to the emulator's ECR. What stands where Docker stands only notes what it is asked for."""
    calls, digest = pathlib.Path(folder, "docker-calls"), "@sha256:" + "a" * 64
    docker = pathlib.Path(folder, "fakes/docker")
    docker.parent.mkdir()
    docker.write_text(
        f"""#!/bin/bash
echo "$*" >>{calls}
case $1 in
  login) cat >/dev/null ;;
  image) echo "elsewhere/kairos{digest}" && echo "${{!#%:*}}{digest}" ;;
esac
"""
    )
    docker.chmod(0o755)
    environment = cloud.environment | {"PATH": f"{docker.parent}:{os.environ['PATH']}"}
    for _ in range(2):
        told = subprocess.run([ROOT / "deploy/push", "by-hand"], env=environment, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        [repository] = cloud.ask("ecr").describe_repositories(repositoryNames=["by-hand"])["repositories"]
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert told.stdout == repository["repositoryUri"] + digest + "\n", told.stdout
    login, tag, push = calls.read_text().splitlines()[:3]
    assert login == "login --username AWS --password-stdin " + repository["repositoryUri"].split("/")[0]
    assert tag.startswith("tag kairos:lambda ") and push.startswith("push ")


def zipped(program):
    """The program as Lambda takes it without an image. What debuggers want of it is left out."""
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = pathlib.Path(folder, "bootstrap")
        subprocess.run(["strip", "-o", bootstrap, program], check=True)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(bootstrap, "bootstrap")
        return buffer.getvalue()


def the_program_answers_behind_the_http_api(cloud, port, program, database, mails):
    cloud.ask("s3").create_bucket(Bucket="code")
    cloud.ask("s3").put_object(Bucket="code", Key="kairos.zip", Body=zipped(program))
    image = "      PackageType: Image\n      Code:\n        ImageUri: !Ref ImageUri\n"
    code = "      Runtime: provided.al2023\n      Handler: bootstrap\n      Code: { S3Bucket: code, S3Key: kairos.zip }\n"
    template = TEMPLATE.read_text()
    assert image in template
    parameters = {
        "ImageUri": IMAGE,
        "SecretKey": SECRET,
        "DatabaseUrl": database,
        "FrontendUrl": "https://ride.example.org",
        "MailFrom": "Kairos <kairos@example.org>",
        "MailServer": "127.0.0.1",
        "MailPort": str(mails.server_address[1]),
    }
    cloudformation = cloud.ask("cloudformation")
    cloudformation.create_stack(
        StackName="zipped",
        TemplateBody=template.replace(image, code),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="zipped", WaiterConfig={"Delay": 1})
    api = cloud.resources("zipped")["Api"]["PhysicalResourceId"]

    def call(method, path, body=None, status=200, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}",
            method=method,
            data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"host": f"{api}.execute-api.localhost:{port}", "content-type": "application/json"} | headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                told, found, names = answer.read(), answer.status, answer.headers
        except urllib.error.HTTPError as error:
            told, found, names = error.read(), error.code, error.headers
        assert found == status, (method, path, found, told)
        if names["content-encoding"] == "gzip":
            told = gzip.decompress(told)
        return (json.loads(told) if told and names["content-type"] == "application/json" else told), names

    health, _ = call("GET", "/api/v1/health")
    assert (health["status"], health["store"]) == ("ok", "mongodb"), health
    pong, names = call("GET", "/api/v1/")
    assert pong == "pong" and names["x-request-id"]
    rider = {"email": "ann@example.org", "name": "Ann", "password": "on two wheels"}
    call("POST", "/api/v1/users/register", rider, status=201)
    assert mails.recipients == ["ann@example.org"], mails.recipients
    form = b"username=ann@example.org&password=on+two+wheels"
    tokens, _ = call("POST", "/api/v1/auth/token", form, content_type="application/x-www-form-urlencoded")
    signed_in = {"authorization": "Bearer " + tokens["access_token"]}
    journey, _ = call("POST", "/api/v1/journeys/", {"name": "Down the Danube 🚲"}, status=201, **signed_in)
    seen, _ = call("GET", f"/api/v1/journeys/{journey['_id']}", **signed_in)
    assert seen == journey
    call("GET", "/api/v1/users/me", status=401)
    call("GET", "/api/v1/users/nonsense", status=400, **signed_in)
    page, _ = call("GET", "/docs")
    assert b"<html" in page
    document, names = call("GET", "/api/v1/openapi.json", accept_encoding="gzip")
    assert names["content-encoding"] == "gzip" and document["openapi"] == "3.1.0"
    # EventBridge's event, as the schedule would send it.
    event = {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    answer = cloud.ask("lambda").invoke(FunctionName="zipped", Payload=json.dumps(event))
    assert "FunctionError" not in answer and answer["Payload"].read() == b"null"
    cloud.delete("zipped")


def main():
    emulator, program = (str(pathlib.Path(name).absolute()) for name in sys.argv[1:])
    port, database = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder,
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_REGION": "us-east-1",
        }  # fmt: skip
        servers.enter_context(running([emulator], port, cwd=folder, env=environment))
        cloud = Cloud(port)
        the_stack_is_made_changed_and_deleted(cloud)
        print("the stack is made, changed and deleted")
        the_image_is_pushed(cloud, folder)
        print("the image is pushed")
        the_role_of_github_is_made(cloud)
        print("the role of GitHub is made")
        data = pathlib.Path(folder, "mongod")
        data.mkdir()
        command = [mongod(), "--replSet", "kairos", "--bind_ip", "127.0.0.1", "--port", str(database), "--dbpath", str(data), "--nounixsocket"]
        servers.enter_context(running(command, database))
        initiate(database)
        mails = MailServer()
        the_program_answers_behind_the_http_api(cloud, port, program, f"mongodb://127.0.0.1:{database}/kairos?replicaSet=kairos", mails)
        print("the program answers behind the HTTP API")


if __name__ == "__main__":
    main()
