"""The recipe of the image and of several machines: every path, variable, command and name in it exists."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from dailies.cli import main
from dailies.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "dailies"}
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
STEPS = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
COPIED = [step.split()[1:] for step in STEPS if step.startswith("COPY ") and "--from" not in step]


def said(word: str) -> list[str]:
    """What follows an instruction of the Dockerfile."""
    return [step.removeprefix(f"{word} ") for step in STEPS if step.startswith(f"{word} ")]


def test_what_the_image_copies_exists_and_is_let_through() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    sources = [source for *each, _ in COPIED for source in each]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
    assert sorted(sources) == sorted(allowed)


def test_the_image_has_everything_that_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["only-include"], *wheel["force-include"], project["project"]["readme"], "pyproject.toml"}
    assert needed <= {source for *each, _ in COPIED for source in each}


def test_the_image_is_nobodys_root_and_says_whether_it_is_well() -> None:
    user = said("USER")[-1]
    assert any(f"--home-dir /data --create-home {user}" in step for step in said("RUN"))
    assert STEPS.index(f"USER {user}") < STEPS.index(next(step for step in STEPS if step.startswith("ENTRYPOINT")))
    assert "/healthz" in said("HEALTHCHECK")[0]
    compile(json.loads(said("HEALTHCHECK")[0].split(" CMD ")[1])[2], "health check", "exec")
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"] == ">=3.11"
    assert all(step.startswith("python:3.1") for step in said("FROM"))


def test_every_command_is_one_of_ours() -> None:
    assert json.loads(said("ENTRYPOINT")[0]) == list(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    )
    commands = [json.loads(said("CMD")[0]), *(s["command"] for s in OURS.values() if "command" in s)]
    assert [command[0] for command in commands] == ["run", "worker", "sandbox"]
    for name, *options in commands:
        command = main.get_command(None, name)
        assert command is not None
        known = {option for each in command.params for option in each.opts}
        if name != "sandbox":  # which passes its options on
            assert {option for option in options if option.startswith("--")} <= known
    named = set(re.findall(r"`dailies ([a-z]+)`", DOCUMENT))
    assert named <= set(main.list_commands(None))


def variables(service: dict[str, Any]) -> dict[str, str]:
    """A service's variables as compose would fill them in: what has no default is `x` 40 times."""
    filled = {}
    for name, value in service.get("environment", {}).items():
        filled[name] = re.sub(
            r"\$\{\w+(?::-([^}]*))?(?::\?[^}]*)?\}", lambda m: m[1] if m[1] is not None else "x" * 40, value
        )
    return filled


def test_every_variable_is_known() -> None:
    known = set(re.findall(r"^\| `(DAILIES_[A-Z_]+)`", README, re.MULTILINE))
    for name, service in OURS.items():
        given = {variable for variable in service.get("environment", {}) if variable.startswith("DAILIES_")}
        assert given <= known, name
    asked = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert asked == {"POSTGRES_PASSWORD", "BUCKET_PASSWORD", "DAILIES_SECRET"}
    for name in set(re.findall(r"\$\{(\w+)", TEXT)):
        assert name in DOCUMENT, name


@pytest.mark.parametrize("name", ["app-1", "app-2", "worker"])
def test_the_settings_of_every_process_are_valid_and_agree(name: str, tmp_path: Path) -> None:
    settings = Settings.from_env(variables(SERVICES[name]) | {"DAILIES_HOME": str(tmp_path)})
    assert settings.works is (name == "worker")
    assert settings.sandbox_url == "http://gateway:9000"
    shared = {k: v for k, v in variables(SERVICES[name]).items() if k != "DAILIES_WORKER"}
    assert shared == variables(SERVICES["worker"])


def test_services_name_each_other_and_what_is_mounted_is_there() -> None:
    everything = variables(SERVICES["worker"])
    addresses = ("DAILIES_DATABASE_URL", "DAILIES_SANDBOX_URL", "AWS_ENDPOINT_URL")
    hosts = [urlsplit(everything[name]).hostname for name in addresses]
    upstreams = re.findall(r"([a-z0-9-]+):8501", CADDY)
    for host in [*upstreams, *hosts]:
        assert host in SERVICES, host
    assert upstreams == SERVICES["proxy"]["depends_on"]
    assert set(re.findall(r"\{\$(\w+)", CADDY)) == set(SERVICES["proxy"]["environment"])
    bucket = everything["DAILIES_MEDIA_URL"].removeprefix("s3://")
    assert f"mkdir -p /data/{bucket} " in SERVICES["bucket"]["entrypoint"][2]
    assert everything["AWS_ACCESS_KEY_ID"] == SERVICES["bucket"]["environment"]["MINIO_ROOT_USER"]
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], mount
        for other in service.get("depends_on", []):
            assert other in SERVICES


def test_the_documents_commands_name_services_and_files() -> None:
    for name in re.findall(r"--no-deps ([a-z0-9-]+)|exec -T ([a-z]+)|cp ([a-z]+):", DOCUMENT):
        assert "".join(name) in SERVICES
    for path in (".streamlit/secrets.example.toml", "compose.yaml"):
        assert path in DOCUMENT
        assert (ROOT / path).exists()
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
