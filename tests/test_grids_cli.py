"""`python -m backend grid`, as the person who edits the grids meets it: on copies of the real files."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend import grids
from backend.cli import main
from backend.domain.grid import GridError, content_hash, parse

ROOT = Path(__file__).parents[1]


@pytest.fixture
def criteria(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "criteria", tmp_path / "criteria"))


@pytest.fixture
def nantes(criteria: Path) -> Path:
    """The published grid."""
    return criteria / "nantes-ouest" / "depart-1.toml"


@pytest.fixture
def retz(criteria: Path) -> Path:
    """The draft."""
    return criteria / "pays-de-retz" / "depart-1.toml"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def line_of(file: Path, part: str) -> int:
    text = file.read_text(encoding="utf-8")
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[str]]:
    """The exit code and the lines said, with plain spaces."""
    code = main(["grid", *map(str, arguments)])
    return code, re.sub("[\u00a0\u202f]", " ", capsys.readouterr().out).splitlines()


def found(directory: Path) -> dict[str, list[tuple[int, str]]]:
    """What the check of a whole folder says, by file, with plain spaces; files with nothing to say left out."""
    return {
        file.relative_to(directory).as_posix(): [
            (each.line, re.sub("[\u00a0\u202f]", " ", each.sentence)) for each in findings
        ]
        for file, findings in grids.check_all(directory).items()
        if findings
    }


# Checking


def test_the_grids_of_the_house_have_nothing_to_correct() -> None:
    command = [sys.executable, "-m", "backend", "grid", "check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 grilles vérifiées, rien à corriger.\n", "")


def test_one_grid_can_be_checked(nantes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", nantes) == (0, ["1 grille vérifiée, rien à corriger."])


def test_each_problem_is_said_with_its_file_and_line(
    retz: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(retz.parent)
    change(retz, "weight = 4", "weight = -4")
    change(retz, "conditional = 45", "conditional = 145")
    assert run(capsys, "check", "depart-1.toml") == (
        1,
        [
            f"depart-1.toml:{line_of(retz, 'conditional = 145')}: à corriger :"
            " « conditional » doit être entre 0 et 100.",
            f"depart-1.toml:{line_of(retz, 'weight = -4')}: à corriger :"
            " « prix-producteurs » : « weight » doit être plus grand que 0.",
            "2 choses à corriger.",
        ],
    )


def test_a_warning_is_said_and_is_no_failure(retz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = retz.read_text(encoding="utf-8")
    retz.write_text(text[: text.rindex("[[criteria]]")], encoding="utf-8")
    code, lines = run(capsys, "check", retz)
    assert code == 0
    assert re.fullmatch(
        r".*depart-1\.toml:\d+: à voir : Cette grille a 14 critères ; les comités en ont retenu 15\.",
        lines[0],
    )
    assert lines[1:] == ["1 grille vérifiée, rien à corriger."]


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_opened_is_said_to_be_so(
    criteria: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("check", "publish"):
        code, lines = run(capsys, command, criteria / "nantes-ouest" / name)
        assert code == 1
        assert lines[0].endswith(
            ":1: à corriger : Ce fichier n’existe pas ou ne peut pas être ouvert : vérifiez son nom."
        )


def test_a_file_that_is_not_utf8_names_the_line(retz: Path) -> None:
    retz.write_bytes(retz.read_text(encoding="utf-8").replace("\u202f", " ").encode("cp1252"))
    sentence = "Cette ligne n’est pas en UTF-8 : dans votre éditeur, enregistrez le fichier en UTF-8."
    assert found(retz.parents[1]) == {"pays-de-retz/depart-1.toml": [(3, sentence)]}


def test_a_file_saved_by_a_windows_editor_is_the_same_grid(nantes: Path, criteria: Path) -> None:
    before = grids.load_all(criteria)
    nantes.write_bytes(nantes.read_text(encoding="utf-8").replace("\n", "\r\n").encode("utf-8-sig"))
    assert found(criteria) == {}
    assert grids.load_all(criteria) == before


def test_a_copy_left_beside_its_grid_is_found(nantes: Path, criteria: Path) -> None:
    copy = shutil.copy(nantes, nantes.with_name("copie.toml"))
    sentence = "Le fichier s’appelle « copie.toml » et non « depart-1.toml » : donnez-leur le même nom."
    assert found(criteria) == {"nantes-ouest/copie.toml": [(line_of(Path(copy), "version ="), sentence)]}


@pytest.mark.parametrize("place", ["depart-1.toml", "retz/essais/depart-1.toml"])
def test_a_grid_in_no_territory_s_folder_is_found(retz: Path, criteria: Path, place: str) -> None:
    (criteria / place).parent.mkdir(parents=True, exist_ok=True)
    retz.rename(criteria / place)
    [(file, [(line, sentence)])] = found(criteria).items()
    assert (file, line) == (place, line_of(criteria / place, "territory ="))
    assert sentence.startswith(
        f"Le dossier s’appelle « {(criteria / place).parent.name} » et non « pays-de-retz »"
    )


# Loading


def test_every_grid_is_loaded_by_its_id(criteria: Path) -> None:
    loaded = grids.load_all(criteria)
    assert {name: grid.status for name, grid in loaded.items()} == {
        "nantes-ouest/depart-1": "published",
        "pays-de-retz/depart-1": "draft",
    }
    assert grids.published(criteria) == {
        "nantes-ouest/depart-1": content_hash(loaded["nantes-ouest/depart-1"])
    }


def test_a_folder_without_any_grid_loads_none(tmp_path: Path) -> None:
    assert (grids.load_all(tmp_path), grids.published(tmp_path)) == ({}, {})


def test_no_grid_is_loaded_while_one_has_something_to_correct(nantes: Path, criteria: Path) -> None:
    change(nantes, "fait tout le tour.", "fait le tour.")
    with pytest.raises(
        grids.UnusableGridError, match=rf"depart-1\.toml:{line_of(nantes, 'version =')}: .* a changé"
    ):
        grids.load_all(criteria)


def test_a_grid_to_think_about_is_loaded_all_the_same(retz: Path, criteria: Path) -> None:
    text = retz.read_text(encoding="utf-8")
    retz.write_text(text[: text.rindex("[[criteria]]")], encoding="utf-8")
    assert len(grids.load_all(criteria)["pays-de-retz/depart-1"].criteria) == 14


# Publishing


def test_a_published_grid_with_one_changed_word_is_found(
    nantes: Path, criteria: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(nantes, "Que deviennent les invendus", "Où vont les invendus")
    sentence = (
        "« nantes-ouest/depart-1 » a changé depuis sa publication :"
        " remettez son texte d’avant, ou faites une nouvelle version."
    )
    assert found(criteria) == {"nantes-ouest/depart-1.toml": [(line_of(nantes, "version ="), sentence)]}
    before = nantes.read_bytes()
    code, lines = run(capsys, "publish", nantes)
    assert code == 1
    assert lines[0].endswith(sentence)
    assert nantes.read_bytes() == before


def test_publishing_freezes_a_draft(retz: Path, criteria: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft, hashes = (
        retz.read_text(encoding="utf-8"),
        (criteria / "published.toml").read_text(encoding="utf-8"),
    )
    assert run(capsys, "publish", retz) == (
        0,
        ["Publiée : son contenu ne changera plus. Enregistrez aussi criteria/published.toml dans git."],
    )
    assert retz.read_text(encoding="utf-8") == draft.replace('status = "draft"', 'status = "published"')
    frozen = f'"pays-de-retz/depart-1" = "{content_hash(parse(draft))}"\n'
    assert (criteria / "published.toml").read_text(encoding="utf-8") == hashes + frozen
    assert found(criteria) == {}

    change(retz, "sans aide et fait tout le tour", "sans aide et fait le tour")
    assert [line for line, _ in found(criteria)["pays-de-retz/depart-1.toml"]] == [line_of(retz, "version =")]


def test_the_first_publication_makes_the_file_of_hashes(retz: Path, criteria: Path) -> None:
    (criteria / "published.toml").unlink()
    assert grids.publish(retz) == []
    assert list(grids.published(criteria)) == ["pays-de-retz/depart-1"]


def test_publishing_keeps_the_line_ends_of_the_file_and_of_the_hashes(retz: Path, criteria: Path) -> None:
    retz.write_bytes(retz.read_bytes().replace(b"\n", b"\r\n"))
    hashes = criteria / "published.toml"
    hashes.write_bytes(hashes.read_bytes().rstrip(b"\n"))
    draft = retz.read_bytes()
    assert grids.publish(retz) == []
    assert retz.read_bytes() == draft.replace(b'status = "draft"', b'status = "published"')
    assert set(grids.published(criteria)) == {"nantes-ouest/depart-1", "pays-de-retz/depart-1"}


def test_publishing_again_changes_nothing(nantes: Path, criteria: Path) -> None:
    before = nantes.read_bytes(), (criteria / "published.toml").read_bytes()
    assert grids.publish(nantes) == []
    assert (nantes.read_bytes(), (criteria / "published.toml").read_bytes()) == before


def test_a_publication_cut_in_the_middle_is_found_and_repaired_by_publishing_again(
    retz: Path, criteria: Path
) -> None:
    draft = retz.read_bytes()
    assert grids.publish(retz) == []
    retz.write_bytes(draft)  # the hash was written, the status was not
    [(_, sentence)] = found(criteria)["pays-de-retz/depart-1.toml"]
    assert "est déjà publiée et ne redevient pas un brouillon" in sentence
    assert grids.publish(retz) == []
    assert found(criteria) == {}
    assert (criteria / "published.toml").read_text(encoding="utf-8").count("pays-de-retz") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight = 4", "weight = 0"),
        ('version = "depart-1"', 'version = "depart-2"'),
        ("[decision]", "[decision"),
    ],
    ids=["a broken rule", "another name than its file", "broken TOML"],
)
def test_what_has_something_to_correct_is_not_published(
    retz: Path, criteria: Path, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(retz, old, new)
    before = retz.read_bytes(), (criteria / "published.toml").read_bytes()
    code, lines = run(capsys, "publish", retz)
    assert code == 1
    assert f":{line_of(retz, new)}: à corriger :" in lines[0]
    assert (retz.read_bytes(), (criteria / "published.toml").read_bytes()) == before


def test_publishing_says_everything_there_is_to_correct(
    retz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(retz, "weight = 4", "weight = 0")
    change(retz, "favorable = 65", "favorable = 5")
    code, lines = run(capsys, "publish", retz)
    assert code == 1
    assert [int(line.split(":")[1]) for line in lines] == [
        line_of(retz, "favorable = 5"),
        line_of(retz, "weight = 0"),
    ]


def test_a_withdrawn_grid_stays_usable_and_is_not_published_again(nantes: Path, criteria: Path) -> None:
    change(nantes, 'status = "published"', 'status = "withdrawn"')
    assert found(criteria) == {}
    assert grids.load_all(criteria)["nantes-ouest/depart-1"].status == "withdrawn"
    [finding] = grids.publish(nantes)
    assert (finding.line, finding.sentence.replace("\u00a0", " ")) == (
        line_of(nantes, 'status = "withdrawn"'),
        "« nantes-ouest/depart-1 » est retirée et ne se publie plus : faites une nouvelle version.",
    )


def test_a_published_grid_whose_file_is_gone_is_found(nantes: Path, criteria: Path) -> None:
    nantes.unlink()
    sentence = "Le fichier de « nantes-ouest/depart-1 » manque : remettez-le, des visites s’appuient dessus."
    assert found(criteria) == {"published.toml": [(3, sentence)]}
    with pytest.raises(grids.UnusableGridError):
        grids.load_all(criteria)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        (
            '" = "',
            '" = "0',
            3,
            "L’empreinte de « nantes-ouest/depart-1 » est abîmée : remettez la dernière version de ce fichier.",
        ),
        (
            '"nantes-ouest/depart-1" = ',
            "nantes-ouest/depart-1 = ",
            3,
            "Cette ligne n’a pas la forme « clé = valeur » :"
            " vérifiez le signe égal, les virgules et les guillemets.",
        ),
    ],
    ids=["a hash", "TOML"],
)
def test_damaged_hashes_are_found_and_nothing_is_published_over_them(
    retz: Path, criteria: Path, old: str, new: str, line: int, sentence: str
) -> None:
    hashes = criteria / "published.toml"
    change(hashes, old, new)
    before = hashes.read_bytes()
    assert found(criteria) == {"published.toml": [(line, sentence)]}
    [(file, [finding])] = grids.check_file(retz).items()
    assert (file, finding.line) == (hashes, line)
    with pytest.raises(GridError):
        grids.publish(retz)
    assert hashes.read_bytes() == before
    with pytest.raises(grids.UnusableGridError):
        grids.load_all(criteria)
