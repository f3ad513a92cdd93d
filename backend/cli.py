"""The commands of `python -m backend`: each is one function, and one registration in `_parser`.

Imports stay inside the functions, so that `grid` and `score` never wait for the web server's libraries.
"""

import argparse
import errno
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from getpass import getpass
from gettext import gettext as _
from gettext import ngettext
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

STAFF_ROLES = ("coordination", "committee", "moneko", "research", "admin")
SHORTEST_PASSPHRASE = 12

if TYPE_CHECKING:
    from sqlmodel import Session
    from uvicorn import Config

    from backend.domain.grid_rules import Finding
    from backend.domain.scoring import Rules
    from backend.photos import Photos
    from backend.settings import Settings
    from backend.storage.engine import Database


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0 done, 1 something to correct (and said), 2 misused."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend", description=_("Les commandes de la caisse commune de l’alimentation.")
    )
    commands = parser.add_subparsers(title=_("commandes"), metavar=_("COMMANDE"), required=True)

    _add(commands, "demo", demo, _("ouvre une caisse de démonstration, sur un territoire inventé"))
    _add(commands, "serve", serve, _("ouvre la caisse, sur HOST et PORT"))

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

    score = _add(commands, "score", score_cases, _("calcule les propositions d’un fichier de cas"))
    score.add_argument("file", type=Path, metavar=_("FICHIER"))
    score.add_argument("--engine", choices=("python", "js"), default="python", help=_("quel moteur calcule"))

    territory = commands.add_parser("territory", help=_("les territoires")).add_subparsers(
        title=_("commandes"), metavar=_("COMMANDE"), required=True
    )
    add = _add(territory, "add", territory_add, _("ajoute un territoire, à faire avant ses comptes"))
    add.add_argument("id", metavar="ID", help=_("le nom du dossier de ses grilles, par exemple nantes-ouest"))
    add.add_argument("name", metavar=_("NOM"))
    add.add_argument("lat", metavar="LAT", help=_("le milieu de sa carte, en degrés"))
    add.add_argument("lon", metavar="LON")
    add.add_argument("--phone", default="", metavar=_("TÉLÉPHONE"), help=_("celui de la coordination"))
    add.add_argument("--email", default="", metavar="EMAIL", help=_("celle de la coordination"))

    outline = _add(territory, "outline", territory_outline, _("charge les limites d’un territoire"))
    outline.add_argument("id", metavar="ID")
    outline.add_argument("source", metavar=_("FICHIER"), help=_("du GeoJSON, ou son adresse en https"))
    outline.add_argument(
        "only",
        nargs="*",
        metavar=_("NOM"),
        help=_("les noms ou les codes de ses communes ; sans eux, toutes"),
    )

    user = commands.add_parser("user", help=_("les comptes de l’équipe")).add_subparsers(
        title=_("commandes"), metavar=_("COMMANDE"), required=True
    )
    add = _add(user, "add", user_add, _("donne un rôle et une phrase de passe à quelqu’un de l’équipe"))
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("role", choices=STAFF_ROLES, metavar="ROLE", help=", ".join(STAFF_ROLES))
    add.add_argument("--name", default="", metavar=_("NOM"), help=_("le nom affiché, sinon l’adresse"))
    add.add_argument("--territory", metavar=_("TERRITOIRE"), help=_("par exemple nantes-ouest"))
    add.add_argument(
        "--ask", action="store_true", help=_("demande la phrase de passe au lieu d’en inventer une")
    )

    remove = _add(
        user, "remove", user_remove, _("enlève un rôle à quelqu’un, ou tous, et ferme ses sessions")
    )
    remove.add_argument("email", metavar="EMAIL")
    remove.add_argument("role", nargs="?", choices=STAFF_ROLES, metavar="ROLE", help=", ".join(STAFF_ROLES))
    _add(user, "list", user_list, _("montre qui a quel rôle"))

    backup = _add(commands, "backup", backup_made, _("met toute la caisse dans un fichier, même ouverte"))
    backup.add_argument("file", type=Path, metavar=_("FICHIER"))
    restore = _add(commands, "restore", backup_restored, _("remet la caisse d’une sauvegarde"))
    restore.add_argument("file", type=Path, metavar=_("FICHIER"))
    restore.add_argument("--replace", action="store_true", help=_("à la place de la caisse qui est ici"))

    _add(commands, "verify", verify, _("recalcule tout et nomme ce qui ne concorde pas"))
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


def demo(_arguments: argparse.Namespace) -> int:
    from backend import demo
    from backend.app import open_house

    settings = _demo_settings()
    listening = _listen(settings)
    if listening is None:
        return 1
    with listening:
        home = open_house(settings)
        try:
            demo.seed(home, datetime.now(UTC))
            print(*demo.welcome(home, datetime.now(UTC)), sep="\n", flush=True)
        except demo.NotADemoError:
            sentence = _(
                "{folder} contient déjà une vraie caisse. Choisissez un autre dossier avec DATA_DIR."
            )
            print(sentence.format(folder=settings.data_dir), file=sys.stderr)
            return 1
        finally:
            home.db.close()
        return _serve(settings, listening)


def _demo_settings() -> "Settings":
    """A folder of its own and the address one really opens, unless they are set."""
    from backend.settings import Settings

    given = Settings()
    own = {
        "data_dir": given.data_dir / "demo",
        "public_url": f"http://localhost:{given.port}",
        "mail_url": "file",
    }
    missing = {name: value for name, value in own.items() if name not in given.model_fields_set}
    return given.model_copy(update=missing)


def serve(_arguments: argparse.Namespace) -> int:
    from backend.settings import Settings

    settings = Settings()
    listening = _listen(settings)
    if listening is None:
        return 1
    with listening:
        sentence = _("La caisse écoute sur {host}, port {port}. Son adresse publique : {url}")
        said = sentence.format(host=settings.host, port=settings.port, url=settings.public_url)
        print(said, flush=True)
        return _serve(settings, listening)


def _listen(settings: "Settings") -> socket.socket | None:
    """A socket on HOST and PORT; None when it cannot be had, and why is said."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        sentence = _("Impossible d’écouter sur {host}, port {port}. Vérifiez HOST et PORT.")
        if error.errno == errno.EADDRINUSE:
            sentence = _(
                "Le port {port} est déjà pris. Arrêtez l’autre programme, ou changez de port : PORT={other}."
            )
        print(
            sentence.format(host=settings.host, port=settings.port, other=settings.port + 1), file=sys.stderr
        )
        return None


def _serve(settings: "Settings", listening: socket.socket) -> int:
    """Answer until told to stop."""
    import uvicorn

    server = uvicorn.Server(_answering(settings))
    # uvicorn closes all, then raises the signal again, to our handler: to be told to stop is no failure
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    return 0 if server.started else 1


def _answering(settings: "Settings") -> "Config":
    """How requests are answered. TRUSTED_PROXIES are believed about who calls."""
    import uvicorn

    from backend.app import create_app

    return uvicorn.Config(
        create_app(settings),
        access_log=False,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
    )


def grid_check(arguments: argparse.Namespace) -> int:
    from backend import grids

    files = grids.check_all(grids.CRITERIA) if arguments.file is None else grids.check_file(arguments.file)
    errors = sum(_say(file, findings) for file, findings in files.items())
    if errors:
        print(
            ngettext("{count} chose à corriger.", "{count} choses à corriger.", errors).format(count=errors)
        )
        return 1
    checked = ngettext(
        "{count} grille vérifiée, rien à corriger.", "{count} grilles vérifiées, rien à corriger.", len(files)
    )
    print(checked.format(count=len(files)))
    return 0


def grid_publish(arguments: argparse.Namespace) -> int:
    from backend import grids
    from backend.domain.grid import GridError

    try:
        errors = grids.publish(arguments.file)
    except GridError as error:
        errors = [error.finding]
    if _say(arguments.file, errors):
        return 1
    print(_("Publiée : son contenu ne changera plus. Enregistrez aussi criteria/published.toml dans git."))
    return 0


def _say(file: Path, findings: "Sequence[Finding]") -> int:
    """Prints what there is to say about a grid file; returns how many things have to be corrected."""
    name = os.path.relpath(file)
    for finding in findings:
        kind = _("à corriger") if finding.severity == "error" else _("à voir")
        print(f"{name}:{finding.line}: {kind} : {finding.said(_)}")
    return sum(finding.severity == "error" for finding in findings)


def grid_schema(_arguments: argparse.Namespace) -> int:
    from backend.domain.grid import json_schema

    print(json_schema(), end="")
    return 0


def score_cases(arguments: argparse.Namespace) -> int:
    from backend.score_cases import CasesError, by_javascript, by_python

    engine = by_javascript if arguments.engine == "js" else by_python
    try:
        for summary in engine(arguments.file):
            print(json.dumps(summary, separators=(",", ":")))
    except CasesError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def territory_add(arguments: argparse.Namespace) -> int:
    from backend import grids
    from backend.domain.territories import told
    from backend.settings import Settings
    from backend.storage import territories

    def add(session: "Session") -> None:
        grids.must_have_folder(Settings().criteria_dir, arguments.id)
        given = {name: getattr(arguments, name) for name in ("name", "phone", "email", "lat", "lon")}
        territories.add(session, arguments.id, told(**given))

    if not _written(add):
        return 1
    print(_("{name} est prêt.").format(name=arguments.name))
    return 0


def territory_outline(arguments: argparse.Namespace) -> int:
    from backend import shapes
    from backend.domain.errors import Refusal
    from backend.storage import outlines

    try:
        found = shapes.read(_bytes_of(arguments.source), arguments.only)
    except (OSError, Refusal) as error:
        print(error, file=sys.stderr)
        return 1
    if not _written(lambda session: outlines.load(session, arguments.id, found, datetime.now(UTC))):
        return 1
    print(_("Limites chargées : {names}.").format(names=", ".join(each.name for each in found)))
    return 0


def _bytes_of(source: str) -> bytes:
    """Of a file, or of an address on the web. Raises OSError."""
    if not source.startswith(("https://", "http://")):
        return Path(source).read_bytes()
    with urlopen(source, timeout=60) as answer:
        whole: bytes = answer.read()
    return whole


def user_add(arguments: argparse.Namespace) -> int:
    from backend.domain import details
    from backend.domain.people import Role
    from backend.storage import accounts
    from backend.web.signing_in import passphrases

    passphrase = _asked_passphrase() if arguments.ask else accounts.invented_passphrase()
    if passphrase is None:
        return 1
    hired = _written(
        lambda session: accounts.hire(
            session,
            details.email(arguments.email),
            arguments.name,
            Role(arguments.role),
            datetime.now(UTC),
            territory_id=arguments.territory,
            passphrase_hash=passphrases.hash(passphrase),
        )
    )
    if not hired:
        return 1
    print(_("{email} peut se connecter.").format(email=arguments.email))
    if not arguments.ask:
        print(_("Sa phrase de passe, affichée cette seule fois : {it}").format(it=passphrase))
    return 0


def user_remove(arguments: argparse.Namespace) -> int:
    from backend.domain.people import Role
    from backend.storage import accounts

    role = Role(arguments.role) if arguments.role else None
    now = datetime.now(UTC)
    if not _written(lambda session: accounts.dismiss(session, arguments.email, role, now)):
        return 1
    sentence = _("{email} n’a plus ce rôle.") if role else _("{email} n’a plus accès.")
    print(sentence.format(email=arguments.email))
    return 0


def user_list(_arguments: argparse.Namespace) -> int:
    from backend.storage import accounts

    def say(session: "Session") -> None:
        for person, grant in accounts.staff(session):
            where = grant.territory_id or _("tous les territoires")
            print(f"{person.email or person.name}\t{grant.role}\t{where}")

    return 0 if _written(say) else 1


def _written(work: "Callable[[Session], object]") -> bool:
    """Do `work` in this installation's database; False when it is refused, and that is said."""
    from backend.domain.errors import Refusal
    from backend.settings import Settings
    from backend.storage.engine import Database

    db = Database(Settings().sqlalchemy_url)
    try:
        db.migrate()
        db.write(work)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return False
    finally:
        db.close()
    return True


def _asked_passphrase() -> str | None:
    """Typed twice unseen, or one line of the standard input; None when it is too short, and that is said."""
    if sys.stdin.isatty():
        typed = getpass(_("Phrase de passe : "))
        if getpass(_("La même, encore une fois : ")) != typed:
            print(_("Les deux ne sont pas les mêmes. Recommencez."), file=sys.stderr)
            return None
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    if len(typed) < SHORTEST_PASSPHRASE:
        sentence = _("Une phrase de passe a au moins {count} signes : plusieurs mots, par exemple.")
        print(sentence.format(count=SHORTEST_PASSPHRASE), file=sys.stderr)
        return None
    return typed


def backup_made(arguments: argparse.Namespace) -> int:
    from backend import backups

    def make(db: "Database", photos: "Photos") -> None:
        made = backups.make(arguments.file, db, photos, datetime.now(UTC))
        for sha256 in made.missing:
            _say_lost(sha256)
        for sha256 in made.lost:
            _say_document_lost(sha256)
        photo_count = ngettext("{count} photo", "{count} photos", made.photos).format(count=made.photos)
        print(_("{file} est prêt : toute la base, {photos}.").format(file=arguments.file, photos=photo_count))

    return 0 if _with_all(make) else 1


def backup_restored(arguments: argparse.Namespace) -> int:
    from backend import backups, erased
    from backend.settings import Settings

    settings = Settings()
    known, rules = erased.remembered(settings.data_dir), _rules(settings)
    try:
        with backups.opened(arguments.file) as backup, backups.alone(settings.data_dir):
            done = _with_all(
                lambda db, photos: backups.restore(
                    backup, db, photos, rules, replace=arguments.replace, erased=known
                )
            )
    except backups.BackupError as error:
        print(error, file=sys.stderr)
        return 1
    if not done:
        return 1
    sentence = _("La caisse est celle du {when}. Les téléphones renverront d’eux-mêmes ce qu’ils gardent.")
    print(sentence.format(when=f"{backup.made_at:%d/%m/%Y, %H:%M} UTC"))
    return verify(arguments)


def _with_all(work: "Callable[[Database, Photos], object]") -> bool:
    """Do `work` with this installation's database and photos; False when it cannot be done, and that is said."""
    from backend.backups import BackupError
    from backend.domain.errors import Refusal
    from backend.photos import Photos
    from backend.settings import Settings
    from backend.storage.engine import Database

    settings = Settings()
    db = Database(settings.sqlalchemy_url)
    try:
        work(db, Photos(settings.data_dir, settings.photo_store_url, settings.photo_mb))
    except (BackupError, Refusal) as refusal:
        print(refusal, file=sys.stderr)
        return False
    finally:
        db.close()
    return True


def _say_lost(sha256: str) -> None:
    print(_("photo {sha256} : reçue, mais introuvable sur le disque").format(sha256=sha256))


def _say_document_lost(sha256: str) -> None:
    print(_("document {sha256} : gardé, mais introuvable sur le disque").format(sha256=sha256))


def _rules(settings: "Settings") -> Mapping[str, "Rules"]:
    from backend import grids

    return {grid_id: grid.rules() for grid_id, grid in grids.load_all(settings.criteria_dir).items()}


def verify(_arguments: argparse.Namespace) -> int:
    from backend.documents import Documents
    from backend.photos import Photos
    from backend.settings import Settings
    from backend.storage.documents import due
    from backend.storage.engine import Database
    from backend.storage.verify import differences, photos_due

    settings = Settings()
    rules = _rules(settings)
    photos = Photos(settings.data_dir, settings.photo_store_url, settings.photo_mb)
    db = Database(settings.sqlalchemy_url)
    with db.read() as session:
        wrong = list(differences(session, rules))
        lost = [sha256 for sha256 in photos_due(session) if not photos.has(sha256)]
        kept = Documents(photos, settings.document_mb)
        gone = [sha256 for sha256, media in due(session) if not kept.has(sha256, media)]
    db.close()
    for one in wrong:
        line = _("{table} {id}, {column} : noté {stored}, recalculé {computed}")
        print(line.format(**vars(one)))
    for sha256 in lost:
        _say_lost(sha256)
    for sha256 in gone:
        _say_document_lost(sha256)
    if wrong or lost or gone:
        return 1
    print(_("Tout concorde."))
    return 0
