"""A running fund with very many sales points, for what must hold then too."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from backend.domain.merchants import Kind
from backend.domain.products import Family
from backend.domain.territories import Told as Description
from backend.settings import Settings
from backend.storage import merchants, publications
from backend.storage.engine import Database
from backend.storage.territories import add as add_territory
from tests.servers import Server
from tests.town import NANTES


def rows(count: int, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Merchants in two hundred towns, with a few hundred different opening hours."""
    chance = random.Random(count)
    towns = [
        (chance.uniform(46.9, 47.8), chance.uniform(-2.4, -1.0), f"Commune {rank}") for rank in range(200)
    ]
    hours = [
        f"Mo-Fr {start:02}:{half:02}-12:30,14:00-{end}:00; Sa {start:02}:00-{noon}:30; PH off"
        for start in (7, 8, 9, 10)
        for half in (0, 15, 30)
        for end in (18, 19, 20)
        for noon in (12, 13)
    ]
    kinds, families = list(Kind), list(Family)
    found: dict[str, list[dict[str, Any]]] = {"merchant": [], "sales_point": []}
    for rank in range(count):
        lat, lon, town = chance.choice(towns)
        name = f"{chance.choice(('Épicerie', 'Fournil', 'Ferme', 'Panier', 'Halles'))} {chance.choice(WORDS)} {rank}"
        found["merchant"].append(
            {
                "id": f"m{rank:08}",
                "territory_id": NANTES,
                "name": name,
                "kind": chance.choice(kinds).value,
                "search": name.lower(),
                "stage": "active",
                "stage_since": now,
                "standing": "active" if rank % 5 else "soon",
                "created_at": now,
                "phone": f"02 61 {rank % 90 + 10} 00 01",
                "families": chance.choice(families).value,
            }
        )
        found["sales_point"].append(
            {
                "id": f"p{rank:08}",
                "merchant_id": f"m{rank:08}",
                "slug": f"{name.lower().replace(' ', '-')}",
                "address": f"{rank % 300} rue {chance.choice(WORDS)}",
                "postcode": "44100",
                "city": town,
                "lat": round(lat + chance.gauss(0, 0.015), 6),
                "lon": round(lon + chance.gauss(0, 0.02), 6),
                "placing": "found",
                "opening_hours": chance.choice(hours) if rank % 6 else "",
                "takes_moneko": True,
                "access": ("", "yes", "limited", "no")[rank % 4],
            }
        )
    return found


WORDS = (
    "Bellevue",
    "Chantenay",
    "Zola",
    "Tenu",
    "Rouans",
    "Viarme",
    "Procé",
    "Sillon",
    "Doulon",
    "Erdre",
    "Loire",
)


def add_places(session: Session, count: int) -> list[list[float]]:
    """A territory with so many public sales points; gives where they are."""
    add_territory(session, NANTES, Description("Nantes Ouest", phone="", email="", lat=47.2, lon=-1.6))
    session.flush()
    made = rows(count, datetime.now(UTC))
    for table, lines in made.items():
        for start in range(0, len(lines), 1000):
            session.execute(
                insert(SQLModel.metadata.tables[table]), _complete(table, lines[start : start + 1000])
            )
    return [[line["lat"], line["lon"]] for line in made["sales_point"]]


class Land:
    """A running fund with so many places, and a second hand on its database."""

    def __init__(self, folder: Path, count: int, tile_url: str = "") -> None:
        self.count = count
        self.server = Server(folder, **({"TILE_URL": tile_url} if tile_url else {}))
        self.server.warm = False  # what it ends with, and what it costs, are its own
        self.database = Database(Settings(_env_file=None, data_dir=folder).sqlalchemy_url)  # type: ignore[call-arg]
        self.database.migrate()
        self.points = self.database.write(lambda session: add_places(session, count))
        # as in a fund that has lived: else its server would begin by dating all of them
        publications.keep_dated(self.database, lambda: datetime.now(UTC), lambda: None)
        self.server.start()

    def rename(self, name: str) -> None:
        """One edit by the coordination."""

        def work(session: Session) -> None:
            merchant = merchants.get(session, "m00000000")
            merchant.name = name
            session.add(merchant)

        self.database.write(work)

    def close(self) -> None:
        self.server.stop()
        self.database.close()


def _complete(table: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines with what every row has to say."""
    columns = SQLModel.metadata.tables[table].columns
    defaults = {
        column.name: _default(column)
        for column in columns
        if column.name not in lines[0] and not column.nullable
    }
    return [defaults | line for line in lines]


def _default(column: Any) -> Any:
    kind = str(column.type)
    return [] if kind == "JSON" else 0 if kind == "INTEGER" else False if kind == "BOOLEAN" else ""
