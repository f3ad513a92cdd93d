"""The demo's documents: a signed charter and the picture of a shelf, kept with one merchant's file."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from backend.storage import documents, merchants
from backend.storage.documents import Kept
from backend.web.house import House

FILES = {"Charte signée": "documents/charte.pdf", "Étiquettes du rayon": "photos/etiquettes.jpg"}


def settle(session: Session, home: House, folder: Path, merchant_id: str, now: datetime, *, by: str) -> None:
    """Keep them, as somebody of the coordination would."""
    merchant = merchants.get(session, merchant_id)
    for title, name in FILES.items():
        with (folder / name).open("rb") as file:
            sent = home.documents.read(file)
            kept = Kept(sent.sha256, sent.media, sent.size)
            room_mb = home.settings.documents_mb
            documents.add(session, merchant, title, kept, now, by=by, room_mb=room_mb)
            home.documents.keep(sent)
