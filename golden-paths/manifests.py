#!/usr/bin/env python3
"""Checks what kustomize made of a service: what a cluster's policies ask for is there, and what refers leads somewhere.

    manifests.py FILE          check the manifests
    manifests.py --rules FILE  print the groups of the PrometheusRule, as promtool wants them (JSON is YAML)
"""

import json
import subprocess
import sys

LABELS = {"app.kubernetes.io/name", "environment", "service", "team"}


def documents(path: str) -> list:
    try:
        import yaml
    except ModuleNotFoundError:
        # kubectl reads YAML wherever manifests are checked.
        command = ["kubectl", "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", path]
        text = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
        return json.loads(text)["items"]
    with open(path, encoding="utf-8") as file:
        return [document for document in yaml.safe_load_all(file) if document]


def main() -> None:
    rules, path = sys.argv[1] == "--rules", sys.argv[-1]
    kinds: dict = {}
    for document in documents(path):
        kinds.setdefault(document["kind"], []).append(document)
    if rules:
        print(json.dumps({"groups": kinds["PrometheusRule"][0]["spec"]["groups"]}))
        return

    def one(kind: str) -> dict:
        assert len(kinds.get(kind, [])) == 1, f"one {kind} is wanted: {sorted(kinds)}"
        return kinds[kind][0]

    deployment = one("Deployment")
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    security = container["securityContext"]
    assert LABELS <= set(deployment["metadata"]["labels"]) & set(pod["metadata"]["labels"]), "labels are missing"
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert security["allowPrivilegeEscalation"] is False and security["capabilities"]["drop"] == ["ALL"]
    assert security["readOnlyRootFilesystem"] is True
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in ("/healthz", "/readyz"), probe
    for bound in ("requests", "limits"):
        assert {"cpu", "memory"} <= set(container["resources"][bound]), bound
    assert container["image"] != "service-image", "the overlay names no image"
    selected = deployment["spec"]["selector"]["matchLabels"].items()
    for kind, selector in (
        ("Service", one("Service")["spec"]["selector"]),
        ("NetworkPolicy", one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]),
        ("PodDisruptionBudget", one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]),
    ):
        assert selector.items() <= pod["metadata"]["labels"].items(), f"{kind} selects other pods"
    assert selected <= pod["metadata"]["labels"].items(), "the deployment selects other pods"
    maps = {document["metadata"]["name"] for document in kinds["ConfigMap"]}
    for source in container["envFrom"]:
        assert source["configMapRef"]["name"] in maps, f"no {source}"
    accounts = [document["metadata"]["name"] for document in kinds["ServiceAccount"]]
    assert pod["spec"]["serviceAccountName"] in accounts
    for document in kinds["ConfigMap"]:
        for name, text in document["data"].items():
            if name.endswith(".json"):
                assert json.loads(text)["panels"], f"{name} shows nothing"


if __name__ == "__main__":
    main()
