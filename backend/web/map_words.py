"""What the map and the list say, by the names that `static/map-layer.js` knows them by."""

from datetime import datetime
from gettext import gettext as _

from backend.domain.days import PARIS
from backend.domain.errors import N_
from backend.domain.openings import Now, Openings, status
from backend.web.openings import in_all_cases
from backend.web.pages import typeset
from backend.web.public_places import STATE_NAMES

# what the page says too
SOON_MEANS = N_("Le comité les a choisis. La Moneko y arrive : on ne peut pas encore y payer avec.")
NOTHING_FOUND = N_(
    "Aucun lieu ne répond à cette recherche. Demandez moins de choses,"
    " ou cherchez un produit dans « Produits, accès »."
)


def words() -> dict[str, str]:
    """All that the phone says by itself."""
    said = {
        "nearMe": _("Me situer"),
        "nearest": _(
            "Le plus proche : {name}, {distance} à vol d’oiseau. La liste commence par là."
            " Votre position exacte reste sur cet appareil."
        ),
        "nearestFirst": _("Du plus proche au plus loin"),
        "metres": _("à {count} m"),
        "kilometres": _("à {count} km"),
        "places": _("lieux"),
        "nearMeTitle": _("Me situer sur la carte : votre position exacte reste sur cet appareil"),
        "positionUnknown": _(
            "Votre position reste inconnue. Autorisez-la dans les réglages du navigateur, ou déplacez la carte."
        ),
        "zoomIn": _("Rapprocher"),
        "zoomOut": _("Éloigner"),
        "together": _("{count} lieux proches : rapprocher"),
        "close": _("Fermer"),
        "call": _("Appeler le {phone}"),
        "inList": _("Dans la liste"),
        "onMap": _("Voir sur la carte"),
        "groundMissing": _("Le fond de carte ne répond pas. Les lieux restent à leur place."),
        "placesMissing": _("La carte n’a pas pu charger les lieux. La liste, elle, reste là."),
        "addressesMissing": _(
            "La recherche d’adresse ne répond pas. Essayez le nom d’une commune ou d’un commerce."
        ),
        **{state: _(name) for state, name in STATE_NAMES.items()},
        "noAddress": _("Sans adresse"),
        "activeOne": _("{count} lieu où payer en Moneko"),
        "activeMany": _("{count} lieux où payer en Moneko"),
        "soonOne": _("Bientôt : {count} lieu"),
        "soonMany": _("Bientôt : {count} lieux"),
        "soonMeans": _(SOON_MEANS),
        "none": _(NOTHING_FOUND),
        "more": _("Montrer la suite"),
        "choiceOne": _("{count} choix fait"),
        "choiceMany": _("{count} choix faits"),
        "around": _("Autour de {place}"),
        "listMissing": _("La liste n’a pas pu changer. Rechargez la page pour avoir le résultat."),
        **opening_phrases(),
    }
    return {name: typeset(text) for name, text in said.items()}


def opening_phrases() -> dict[str, str]:
    """How one finds a place at the moment that was asked."""
    said = in_all_cases()
    return {
        "open": said[Now.OPEN],
        "openUntil": _("Ouvert jusqu’à {hour}"),
        "openUnknown": said[Now.UNKNOWN],
        "openHoliday": said[Now.DOUBTFUL],
        "openFar": _("Nous ne savons pas pour ce jour-là : appelez avant de venir"),
        "closed": _("Fermé en ce moment"),
    }


def opening_words(known: Openings | None, since: datetime, at: datetime) -> str:
    """« Ouvert jusqu’à 19:00 »: how one finds it then. `since`: before, nobody knows."""
    phrases, then = opening_phrases(), status(known, at)
    if known is not None and not since <= at < known.until:
        said = phrases["openFar"]
    elif then.now is Now.OPEN and then.until is not None:
        hour = then.until.astimezone(PARIS)
        said = phrases["openUntil"].format(hour=f"{hour.hour}:{hour:%M}")
    else:
        said = phrases[_NAMES[then.now]]
    return typeset(said)


_NAMES = {Now.OPEN: "open", Now.CLOSED: "closed", Now.DOUBTFUL: "openHoliday", Now.UNKNOWN: "openUnknown"}
