"""What merchants of the demo say behind their links: one before its visit, and one that was declined and appeals."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from backend.domain.errors import Refusal
from backend.storage import appeals, decisions, declarations, merchant_links, merchants, replies
from backend.storage.declarations import Said
from backend.storage.merchant_links import MerchantSession

GRID = "nantes-ouest/depart-1"
MANY = 500  # far more merchants than the demo has
BEFORE_ITS_VISIT, DECLINED = "Chez Tante Guimauve", "Supérette Tout-Venant"
DECLARED = {
    "entrer-circuler": Said(
        "2", "Une marche à l’entrée. J’ai une rampe derrière la porte, il suffit de sonner."
    ),
    "horaires": Said("3"),
    "de-saison": Said("2", "Tout l’été, oui. En mars, je complète avec un grossiste de Rezé."),
    "gaspillage": Said("3", "Les parts qui restent partent le soir à 3 €."),
}
REPLY = (
    "Bonjour. J’ai lu la lettre. Le matin, c’est parce que je suis seul à la caisse l’après-midi."
    "\nJe comprends que cela ait choqué."
)
APPEAL = (
    "Depuis le 1er du mois, une personne travaille avec moi l’après-midi. Tout le monde est servi de la même façon,"
    " à toute heure. Revenez voir."
)


def settle(
    session: Session,
    merchant_ids: Mapping[str, str],
    moment: Callable[[int], datetime],
    *,
    by: str,
) -> None:
    """Write it all, before the committee prepares its evening; `moment`: so many days from today."""
    who = _behind_a_link(session, merchant_ids[BEFORE_ITS_VISIT], moment(-6), by)
    changes = {name: (Said(), said) for name, said in DECLARED.items()}
    declarations.declare(session, who, GRID, changes, moment(-4))
    who = _behind_a_link(session, merchant_ids[DECLINED], moment(-58), by)
    decision = decisions.latest(session, who.merchant_id)
    if decision is not None:
        replies.reply(session, who, decision.id, REPLY, moment(-50))
        appeals.appeal(session, who, decision.id, APPEAL, moment(-5).date(), moment(-5))
    session.flush()


def _behind_a_link(session: Session, merchant_id: str, at: datetime, by: str) -> MerchantSession:
    """A link that the coordination gave, and that the merchant opened at once."""
    secret, _new = merchant_links.make(session, merchant_id, _form_key(merchant_id), "", at, by=by)
    link = merchant_links.by_secret(session, secret, at)
    merchant_links.opened(session, link.id, at)
    return MerchantSession(link.id, merchant_id)


def _form_key(merchant_id: str) -> str:
    """Known to everyone who reads this: the demo says its links aloud, as it does its passphrase."""
    return hashlib.sha256(merchant_id.encode()).hexdigest()[:32]


def secret_of_the_declined(session: Session, now: datetime) -> str | None:
    """The secret of the link that the declined merchant had from the start; None once it was replaced or withdrawn."""
    found = merchants.of_territory(session, GRID.partition("/")[0], MANY)
    merchant_id = next((each.id for each in found if each.name == DECLINED), "")
    link = merchant_links.current(session, merchant_id)
    if link is None:
        return None
    try:
        return merchant_links.make(session, merchant_id, _form_key(merchant_id), "", now, by=link.created_by)[
            0
        ]
    except Refusal:
        return None
