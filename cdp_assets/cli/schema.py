"""`cdp schema`: JSON Schema of the configuration files, so that an editor completes and checks them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from cdp_assets.home import REPOSITORY, Home
from cdp_assets.output import write_whole


@click.command()
@click.argument("kind", required=False)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write a schema of each kind to this folder."
)
def schema(kind: str | None, out: Path | None) -> None:
    """Print the JSON Schema of a KIND of file, or write them all; without either, list the kinds.

    \b
    Examples:
      ./cdp schema feed
      ./cdp schema --out .cdp/schema      and print how an editor finds them
    """
    from cdp_assets.config.json_schema import file_kinds, file_schema

    if kind is not None and out is not None:
        raise click.UsageError("Expected a KIND or --out, not both.")
    kinds = file_kinds()
    if kind is not None:
        if kind not in kinds:
            raise click.UsageError(f"There is no kind {kind}. Expected one of {', '.join(kinds)}.")
        click.echo(json.dumps(file_schema(kind), indent=2, ensure_ascii=False))
    elif out is None:
        click.echo("\n".join(f"{name:<22}{file.patterns[0]}" for name, file in kinds.items()))
    else:
        out.mkdir(parents=True, exist_ok=True)
        for name in kinds:
            write_whole(out / f"{name}.schema.json", json.dumps(file_schema(name), indent=2, ensure_ascii=False) + "\n")
        click.echo(_wiring(out.resolve(), {name: file.patterns for name, file in kinds.items()}))


def _wiring(out: Path, patterns: dict[str, tuple[str, ...]]) -> str:
    """Say how an editor finds the schemas; paths are relative to the repository, which it has open."""
    home = Home.locate()
    folders = [_shown(home.tenant_config), f"{_shown(home.sandboxes)}/*"]
    schemas = {
        _shown(out / f"{name}.schema.json", "./"): [_below(folder, glob) for folder in folders for glob in globs]
        for name, globs in patterns.items()
    }
    settings = json.dumps({"yaml.schemas": schemas}, indent=2)
    feed = os.path.relpath(out / "feed.schema.json", home.tenant_config / "feeds")
    return (
        f"{len(patterns)} schemas written to {out}\n\n"
        f"VS Code with the YAML extension: in the workspace's .vscode/settings.json\n{settings}\n\n"
        "Any editor with yaml-language-server: the first line of a file, here of one in feeds/\n"
        f"# yaml-language-server: $schema={feed}"
    )


def _below(folder: str, glob: str) -> str:
    """Put a glob below a folder, the `!` of an exclusion first."""
    return f"!{folder}/{glob[1:]}" if glob.startswith("!") else f"{folder}/{glob}"


def _shown(path: Path, here: str = "") -> str:
    """Give a path relative to the repository where it is in it."""
    return here + path.relative_to(REPOSITORY).as_posix() if path.is_relative_to(REPOSITORY) else path.as_posix()
