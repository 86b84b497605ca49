"""deploy/kubernetes.yaml against Kubernetes' own schemas, and what no schema knows."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.s3 import RunningS3

FILE = Path("deploy/kubernetes.yaml")
OBJECTS: dict[str, Any] = {each["kind"]: each for each in yaml.safe_load_all(FILE.read_text())}
POD = OBJECTS["Deployment"]["spec"]["template"]["spec"]
(SERVER,), (FETCHER,) = POD["containers"], POD["initContainers"]
DRAIN_S = 25  # docs/operations.md


@pytest.mark.parametrize("version", ["1.25", "1.31", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("kind", OBJECTS)
def test_the_objects_are_kubernetes_own(kind: str, version: str) -> None:
    kubernetes_validate.validate(OBJECTS[kind], version, strict=True)


def test_a_misspelt_field_would_be_seen() -> None:
    wrong = {**OBJECTS["Service"], "spce": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_they_are_one_another_s() -> None:
    labels = OBJECTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert OBJECTS["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert OBJECTS["Service"]["spec"]["selector"] == labels
    assert OBJECTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    target = OBJECTS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", "segmentation")
    assert OBJECTS["Deployment"]["metadata"]["name"] == "segmentation"
    assert POD["serviceAccountName"] == OBJECTS["ServiceAccount"]["metadata"]["name"]
    (port,) = SERVER["ports"]
    assert OBJECTS["Service"]["spec"]["ports"][0]["targetPort"] == port["name"]
    assert FETCHER["image"] == SERVER["image"]
    assert "replicas" not in OBJECTS["Deployment"]["spec"]  # or each apply would undo the scaling


def test_every_probe_asks_ping() -> None:
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert SERVER[name]["httpGet"] == {"path": "/ping", "port": "http"}
    starting = SERVER["startupProbe"]
    assert starting["periodSeconds"] * starting["failureThreshold"] == 600


def test_requests_under_way_are_answered_before_the_end() -> None:
    (_, wait_s) = SERVER["lifecycle"]["preStop"]["exec"]["command"]
    assert POD["terminationGracePeriodSeconds"] == 30
    assert int(wait_s) + DRAIN_S < 30


def test_nothing_is_allowed_that_it_does_not_need() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] > 0
    assert POD["automountServiceAccountToken"] is False
    for container in (SERVER, FETCHER):
        closed = container["securityContext"]
        assert closed["readOnlyRootFilesystem"] is True
        assert closed["allowPrivilegeEscalation"] is False
        assert closed["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= container["resources"].keys()
        mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
        assert mounts.keys() == {"/opt/ml/model", "/tmp"}  # noqa: S108  # in the container
    mounted = {each["name"]: each.get("readOnly") for each in SERVER["volumeMounts"]}
    assert mounted == {"model": True, "tmp": None}
    assert all("emptyDir" in volume for volume in POD["volumes"])


@pytest.fixture
def fetch(s3: RunningS3, tmp_path: Path) -> Callable[[bytes], tuple[int, str]]:
    """Runs the init container's own code on an archive in S3, with the container's folders moved.

    Gives its exit code and what it said.
    """
    (tmp_path / "model").mkdir()
    (tmp_path / "tmp").mkdir()

    def run(archive: bytes) -> tuple[int, str]:
        s3.put("kubernetes", "pets/model.tar.gz", archive)
        (code,) = FETCHER["args"]
        code = code.replace("/tmp/", f"{tmp_path}/tmp/")  # noqa: S108  # in the container
        code = code.replace("/opt/ml/model", str(tmp_path / "model"))
        environment = {each["name"]: each["value"] for each in FETCHER["env"]} | s3.environment
        environment["MODEL"] = environment["MODEL"].replace("s3://models/", "s3://kubernetes/")
        environment |= {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "tmp")}
        command = [sys.executable, "-W", "ignore", "-c", code]
        ended = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True
        )
        return ended.returncode, ended.stderr

    return run


def packed(*members: tarfile.TarInfo) -> bytes:
    """A model.tar.gz of a file and others, which are empty."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.add("demo/model/hyperparams.json", "hyperparams.json")
        for member in members:
            archive.addfile(member)
    return content.getvalue()


def test_the_init_container_unpacks_a_model_out_of_s3(
    fetch: Callable[[bytes], tuple[int, str]], tmp_path: Path
) -> None:
    assert fetch(packed()) == (0, "")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["hyperparams.json"]
    assert list((tmp_path / "tmp").iterdir()) == []  # the server's, too


def test_the_init_container_refuses_what_the_server_would(
    fetch: Callable[[bytes], tuple[int, str]], tmp_path: Path
) -> None:
    link = tarfile.TarInfo("model_best.params")
    link.type, link.linkname = tarfile.SYMTYPE, "hyperparams.json"
    code, said = fetch(packed(link))
    assert code == 1
    assert said.startswith("error: model.tar.gz is not a usable model archive: ")
    assert said.count("\n") == 1
    assert list((tmp_path / "tmp").iterdir()) == []
