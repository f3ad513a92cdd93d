"""The commands of `python -m backend`: each is one function, and one registration in `_parser`.

Imports stay inside the functions, so that `grid` and `score` never wait for the web server's libraries.
"""

import argparse
from collections.abc import Callable, Sequence
from gettext import gettext as _
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 done, 1 something to correct (said in French), 2 misused."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend", description=_("Les commandes de la caisse commune de l’alimentation.")
    )
    commands = parser.add_subparsers(title=_("commandes"), metavar=_("COMMANDE"), required=True)

    grid = commands.add_parser("grid", help=_("les grilles de critères")).add_subparsers(
        title=_("commandes"), metavar=_("COMMANDE"), required=True
    )
    _add(grid, "check", grid_check, _("vérifie une grille, ou toutes")).add_argument(
        "file", nargs="?", type=Path, metavar=_("FICHIER")
    )
    _add(grid, "publish", grid_publish, _("publie une grille : son contenu ne changera plus")).add_argument(
        "file", type=Path, metavar=_("FICHIER")
    )
    _add(grid, "schema", grid_schema, _("écrit le schéma JSON d’une grille"))
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.set_defaults(run=run)
    return command


def grid_check(arguments: argparse.Namespace) -> int:
    from backend import grids

    return grids.report_check(arguments.file)


def grid_publish(arguments: argparse.Namespace) -> int:
    from backend import grids

    return grids.report_publish(arguments.file)


def grid_schema(_arguments: argparse.Namespace) -> int:
    from backend.domain.grid import json_schema

    print(json_schema(), end="")
    return 0
