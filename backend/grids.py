"""The grids on disk, `criteria/<territory>/<version>.toml`, and the `published.toml` that freezes them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from backend.domain.errors import N_, Refusal
from backend.domain.grid import Grid, GridError, as_published, check, content_hash, parse, parse_hashes
from backend.domain.grid_rules import Finding
from backend.domain.toml_lines import lines_of, nearest_line

CRITERIA = Path(__file__).resolve().parent.parent / "criteria"
_HASHES = "published.toml"
_HASHES_HEADER = (
    "# Les empreintes des grilles publiées : une grille publiée ne change plus.\n"
    "# « python -m backend grid publish FICHIER » ajoute une ligne ici. Ne modifiez rien à la main.\n"
)

Findings = dict[Path, list[Finding]]
"""What there is to say about each file."""


class UnusableGridError(Exception):
    """A grid file has something to correct; the message is `file:line: sentence`."""


def load_all(directory: Path) -> dict[str, Grid]:
    """Every grid under `directory`, by id. Raises `UnusableGridError` for the first error there is."""
    for file, findings in check_all(directory).items():
        for finding in _errors(findings):
            raise UnusableGridError(f"{file}:{finding.line}: {finding.sentence}")
    grids = [parse(_text(file)) for file in _files(directory)]
    return {grid.id: grid for grid in grids}


def published(directory: Path) -> dict[str, str]:
    """The content hash of each published version, by grid id. Raises `GridError` for a damaged file."""
    file = directory / _HASHES
    return parse_hashes(_text(file)) if file.exists() else {}


def folders(directory: Path) -> list[str]:
    """The territories that have a folder of grids here."""
    return sorted(
        each.name for each in directory.iterdir() if each.is_dir() and not each.name.startswith(".")
    )


def must_have_folder(directory: Path, territory_id: str) -> None:
    """Raises folder_missing unless there is a folder for the grids of this territory."""
    if territory_id not in folders(directory):
        raise Refusal("folder_missing", id=territory_id or "…")


def check_all(directory: Path) -> Findings:
    """What there is to say about every file under `directory`, be it nothing."""
    findings = _check(_files(directory), directory)
    return {**findings, **_lost(directory)} if directory / _HASHES not in findings else findings


def check_file(file: Path) -> Findings:
    """What there is to say about one grid file, which lies in its territory's folder."""
    return _check([file], _criteria_of(file))


def publish(file: Path) -> list[Finding]:
    """Freezes a draft: notes its content hash, then sets its status. Publishing again changes nothing.

    Returns what to correct first, and then nothing is written. Raises `GridError` for an unreadable file.
    """
    directory = _criteria_of(file)
    known = published(directory)
    draft = _text(file)
    try:
        grid = parse(draft)
    except GridError:
        return _errors(check(draft, known, _place(file)))
    text = as_published(draft)
    errors = _errors(check(text, {grid.id: content_hash(grid), **known}, _place(file)))
    if grid.status == "withdrawn":
        message = N_("« {id} » est retirée et ne se publie plus : faites une nouvelle version.")
        errors.append(Finding("error", ("status",), message, {"id": grid.id}, line=_line(text, "status")))
    if not errors:
        # the hash first: if the second writing fails, the check says so and publishing again repairs it
        if grid.id not in known:
            _add_hash(directory / _HASHES, grid)
        file.write_bytes(text.encode())
    return errors


def _check(files: Iterable[Path], directory: Path) -> Findings:
    try:
        hashes = published(directory)
    except GridError as error:
        return {directory / _HASHES: [error.finding]}
    return {file: _check_one(file, hashes) for file in files}


def _check_one(file: Path, hashes: Mapping[str, str]) -> list[Finding]:
    try:
        return check(_text(file), hashes, _place(file))
    except GridError as error:
        return [error.finding]


def _lost(directory: Path) -> Findings:
    """Published versions whose file is gone."""
    file = directory / _HASHES
    message = N_("Le fichier de « {id} » manque : remettez-le, des visites s’appuient dessus.")
    lost = [grid_id for grid_id in published(directory) if not (directory / f"{grid_id}.toml").exists()]
    if not lost:
        return {}
    text = _text(file)
    return {file: [Finding("error", (each,), message, {"id": each}, line=_line(text, each)) for each in lost]}


def _files(directory: Path) -> list[Path]:
    # every folder deep, so that a misplaced grid is said to be so instead of being overlooked
    return sorted(file for file in directory.rglob("*.toml") if file != directory / _HASHES)


def _criteria_of(file: Path) -> Path:
    return file.resolve().parent.parent


def _place(file: Path) -> tuple[str, str]:
    return file.resolve().parent.name, file.stem


def _line(text: str, key: str) -> int:
    return nearest_line(lines_of(text), (key,))


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _add_hash(file: Path, grid: Grid) -> None:
    text = _text(file) if file.exists() else _HASHES_HEADER
    end = "" if text.endswith("\n") else "\n"
    file.write_bytes(f'{text}{end}"{grid.id}" = "{content_hash(grid)}"\n'.encode())


def _text(file: Path) -> str:
    """The text of `file`, whichever way its lines end. Raises `GridError` when it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        message = N_("Ce fichier n’existe pas ou ne peut pas être ouvert : vérifiez son nom.")
        raise GridError(Finding("error", (), message)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = N_("Cette ligne n’est pas en UTF-8 : dans votre éditeur, enregistrez le fichier en UTF-8.")
        raise GridError(Finding("error", (), message, line=data.count(b"\n", 0, error.start) + 1)) from error
