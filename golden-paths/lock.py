#!/usr/bin/env python3
"""Writes the lock files of the service skeletons anew.

Which packages a service needs depends on the answers, so a lock file in a skeleton is a template itself. This script
renders each combination of database, cache and queue, lets the language's own tool lock it, and puts the results
together: what only some combinations have gets a condition.

    golden-paths/lock.py [python|typescript|web|go|rust]...        (PORTWAY names the program, else target/debug/portway)
"""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PORTWAY = os.environ.get("PORTWAY", str(HERE.parent / "target/debug/portway"))
PYTHON = os.environ.get("PYTHON", "python3")
TEMPLATES = {"web": "static-web-app.yaml"}
CHOICES = {"database": "postgresql", "cache": "redis", "queue": "rabbitmq"}
COMBINATIONS = [frozenset(c) for n in range(4) for c in itertools.combinations(CHOICES, n)]
NAME, MODULE = "golden-path", "example.com/golden/path"


def render(template: str, combination: frozenset, out: Path) -> None:
    answers = {"name": NAME, "description": "x", "owner": "group:default/x", "repoUrl": "example.com?owner=golden&repo=path"}
    answers |= {choice: CHOICES[choice] if choice in combination else "none" for choice in CHOICES}
    sets = itertools.chain.from_iterable(("--set", f"{key}={value}") for key, value in answers.items())
    command = [PORTWAY, "template", "render", HERE / TEMPLATES.get(template, f"{template}-service.yaml"), "--out", out, "--replace", *sets]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def condition(present: set) -> str | None:
    """What is true for exactly the combinations in `present`; None for all of them."""
    if present == set(COMBINATIONS):
        return None

    def monotone(these: set) -> str | None:
        if any(bigger not in these for one in these for bigger in COMBINATIONS if bigger >= one):
            return None
        least = [one for one in these if not any(other < one for other in these)]
        terms = [" and ".join(f"values.{c} == '{CHOICES[c]}'" for c in CHOICES if c in one) for one in least]
        return " or ".join(f"({term})" if " and " in term and len(terms) > 1 else term for term in sorted(terms))

    if found := monotone(present):
        return found
    if found := monotone(set(COMBINATIONS) - present):
        return f"not ({found})"
    each = [" and ".join(f"values.{c} {'==' if c in one else '!='} '{CHOICES[c]}'" for c in CHOICES) for one in present]
    return " or ".join(f"({term})" for term in sorted(each))


def merged(units: dict) -> str:
    """`units`: for each combination, texts in their order under sorted keys."""
    where: dict = {}
    for combination, texts in units.items():
        for unit in texts:
            where.setdefault(unit, set()).add(combination)
    out, current = [], None
    for (_, text), present in sorted(where.items(), key=lambda item: item[0]):
        wanted = condition(present)
        if wanted != current:
            if current:
                out.append("{% endif %}\n")
            if wanted:
                out.append(f"{{% if {wanted} %}}\n")
            current = wanted
        out.append(text)
    if current:
        out.append("{% endif %}\n")
    return "".join(out)


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE).stdout


def lines(text: str) -> list:
    return [(line, line + "\n") for line in text.splitlines() if line]


def python(folders: dict) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        units = {}
        for combination, folder in folders.items():
            groups = tomllib.loads((folder / "pyproject.toml").read_text())["dependency-groups"]
            extra = groups["dev"] if "dev" in name else []
            report = run(folder, PYTHON, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-", *extra, ".")
            found = [item["metadata"] for item in json.loads(report)["install"]]
            pins = sorted(f"{item['name'].lower().replace('_', '-')}=={item['version']}" for item in found if item["name"] != NAME)
            units[combination] = lines("\n".join(pins))
        (HERE / "skeletons/python" / name).write_text(merged(units))


def typescript(folders: dict) -> None:
    npm("typescript", folders)


def web(folders: dict) -> None:
    # It has no choices: one stands for all.
    npm("web", dict.fromkeys(folders, next(iter(folders.values()))))


def npm(language: str, folders: dict) -> None:
    units = {}
    for combination, folder in folders.items():
        run(folder, "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        packages = json.loads((folder / "package-lock.json").read_text())["packages"]
        texts = []
        for path, package in packages.items():
            if path:
                package.pop("resolved", None)
                body = json.dumps({path: package}, indent=2, ensure_ascii=False)
                body = "\n".join("  " + line for line in body.splitlines()[1:-1])
                texts.append((path, body + ",\n"))
        units[combination] = texts
    manifest = (HERE / "skeletons" / language / "package.json").read_text()
    root = "".join(f"  {line}\n" for line in re.search(r'  "engines".*(?=\n})', manifest, re.S)[0].splitlines())
    root = re.sub(r"^ +(\{%)", r"\1", root, flags=re.M)
    body = merged(units).rstrip().removesuffix(",")
    head = '{\n  "name": "${{ values.name }}",\n  "version": "0.1.0",\n  "lockfileVersion": 3,\n  "requires": true,\n  "packages": {\n'
    own = '    "": {\n      "name": "${{ values.name }}",\n      "version": "0.1.0",\n' + re.sub(r"^  ", "    ", root, flags=re.M) + "    },\n"
    (HERE / "skeletons" / language / "package-lock.json").write_text(head + own + body + "\n  }\n}\n")


def go_sum(line: str) -> tuple:
    """The order that Go writes: by module, then by version as a version."""
    module, version, _ = line.split()
    version, _, manifest = version.partition("/")
    numbers, _, pre = version.removeprefix("v").partition("+")[0].partition("-")
    return module, tuple(int(number) for number in numbers.split(".")), not pre, pre, manifest


def go(folders: dict) -> None:
    sums, needs = {}, {}
    for combination, folder in folders.items():
        run(folder, "go", "mod", "tidy")
        sums[combination] = [(go_sum(line), text) for line, text in lines((folder / "go.sum").read_text())]
        found = re.findall(r"^\t(\S+ \S+)( // indirect)?$", (folder / "go.mod").read_text(), re.M)
        needs[combination] = [((bool(mark), need), f"\t{need}{mark}\n") for need, mark in found]
    (HERE / "skeletons/go/go.sum").write_text(merged(sums))
    parts = [merged({c: [unit for unit in units if unit[0][0] is indirect] for c, units in needs.items()}) for indirect in (False, True)]
    head = "module ${{ values.module }}\n\ngo 1.26.0\n"
    (HERE / "skeletons/go/go.mod").write_text(head + "".join(f"\nrequire (\n{part})\n" for part in parts))


def rust(folders: dict) -> None:
    units, own = {}, {}
    for combination, folder in folders.items():
        # The toolchain that is here resolves for the one that is asked for just as well.
        (folder / "rust-toolchain.toml").unlink()
        run(folder, "cargo", "generate-lockfile", "--quiet")
        blocks = (folder / "Cargo.lock").read_text().split("\n[[package]]\n")[1:]
        texts = [(block, f"\n[[package]]\n{block.rstrip()}\n") for block in blocks]
        mine = next(block for block, _ in texts if block.startswith(f'name = "{NAME}"\n'))
        own[combination] = [(line, line + "\n") for line in re.findall(r'^ ".*",$', mine, re.M)]
        units[combination] = [unit for unit in texts if unit[0] is not mine]
    head = "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n"
    root = '\n[[package]]\nname = "${{ values.name }}"\nversion = "0.1.0"\ndependencies = [\n' + merged(own) + "]\n"
    (HERE / "skeletons/rust/Cargo.lock").write_text(head + root + merged(units))


def main() -> None:
    every = {"python": python, "typescript": typescript, "web": web, "go": go, "rust": rust}
    for language in sys.argv[1:] or every:
        with tempfile.TemporaryDirectory() as temporary:
            folders = {}
            for combination in COMBINATIONS:
                folders[combination] = Path(temporary) / ("-".join(sorted(combination)) or "none")
                render(language, combination, folders[combination])
            every[language](folders)
        print(f"locked {language}")


if __name__ == "__main__":
    main()
