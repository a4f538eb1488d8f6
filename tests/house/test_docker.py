"""docker/, checked as far as that goes without an engine: schema, lint, the shared odoo.conf."""
import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

DOCKER = Path(__file__).resolve().parents[2] / "docker"
COMPOSES = sorted(DOCKER.glob("compose*.yaml"))


def read(path: Path) -> dict:
    """The file with anchors merged and ${VARIABLE:-default} filled in, as compose would see it."""
    text = re.sub(r"\$\{\w*HOST:[?]?[^}]*\}", "10.0.0.5", path.read_text())
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", r"\1", text)
    content = yaml.safe_load(text)
    return {key: value for key, value in content.items() if not key.startswith("x-")}


@pytest.mark.parametrize("path", COMPOSES, ids=lambda path: path.name)
def test_compose_follows_the_specification(path):  # ALL-7
    compose = PyCompose.from_yaml(yaml.safe_dump(read(path)))
    compose.validate()


def test_compose_refuses_what_the_specification_does_not_know():
    with pytest.raises(ValueError):
        PyCompose.from_yaml("services: {web: {image: odoo, depends_on: 5}}").validate()


@pytest.mark.parametrize("path", COMPOSES, ids=lambda path: path.name)
def test_images_are_pinned_and_volumes_declared(path):
    compose = read(path)
    declared = set(compose.get("volumes", ()))
    for name, service in compose["services"].items():
        assert re.search(r":v?\d", service["image"]), f"{name} follows a moving image"
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in declared or source.isupper() or source.startswith(("/", "."))


def test_every_long_running_service_has_a_health_check():
    services = read(DOCKER / "compose.yaml")["services"]
    built_in = "HEALTHCHECK" in (DOCKER / "Dockerfile").read_text()
    for name, service in services.items():
        assert "healthcheck" in service or ("build" in service and built_in), name


def test_workers_are_reached_through_the_proxy_only():
    services = read(DOCKER / "compose.yaml")["services"]
    assert "ports" not in services["web"] and services["proxy"]["ports"]
    proxy = (DOCKER / "nginx.conf").read_text()
    assert "location /websocket" in proxy and "X-Forwarded-For $remote_addr" in proxy


def test_variables_are_explained():
    example = (DOCKER / ".env.example").read_text()
    text = (DOCKER / "compose.yaml").read_text()
    for variable in set(re.findall(r"\$\{(\w+)", text)):
        assert f"{variable}=" in example, f"{variable} is not in .env.example"


def test_dockerfile_passes_the_linter():
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [shutil.which(linter), "--failure-threshold", "warning", str(DOCKER / "Dockerfile")],
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stdout
    assert re.findall(r"^USER (\w+)", (DOCKER / "Dockerfile").read_text(), re.M)[-1] != "root"


def test_odoo_conf_leaves_the_database_to_the_environment():
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(DOCKER / "odoo.conf")
    options = conf["options"]
    # The image prefers a value in the file to its environment variable.
    assert not {"db_host", "db_port", "db_user", "db_password"} & set(options)
    assert int(options["workers"]) > 0 and options["list_db"] == "False"
