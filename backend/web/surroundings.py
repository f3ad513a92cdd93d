"""Around what somebody looks: a town or a place of ours, or an address that the address engine knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from gettext import gettext as _

from starlette.requests import Request

from backend.domain.errors import Refusal
from backend.domain.finding import Directory, Spot, metres, spot
from backend.domain.merchants import folded
from backend.geocoding import Geocoder, Unreachable
from backend.web.pages import typeset
from backend.web.public_places import Shown
from backend.web.security import Tries, caller

FAR = 80_000  # metres from every territory: a street of the same name elsewhere in France
lookups = Tries(60, minutes=10)  # the address engine is not ours to wear out


@dataclass(frozen=True)
class Around:
    """A position with its name, or the sentence that says why there is none."""

    spot: Spot | None = None
    label: str = ""
    said: str = ""


NOWHERE = Around()
Named = Iterable[tuple[str, Spot]]
"""Names with a point each."""


def around(
    request: Request, geocoder: Geocoder, shown: Shown, found: Directory, districts: Named, text: str
) -> Around:
    """Where this is: our own names first, which need no engine. `districts`: those whose limits are known."""
    ours = _ours(shown, found, districts, folded(text))
    if ours is not None:
        return Around(ours, text.strip())
    try:
        lookups.check(caller(request))
        lookups.count(caller(request))
        answer = geocoder.locate(text)
    except Refusal:
        return Around(
            said=_said(_("Vous avez cherché beaucoup d’adresses. Attendez dix minutes, puis recommencez."))
        )
    except Unreachable:
        return Around(said=_said(_("La recherche d’adresse ne répond pas. Essayez le nom d’une commune.")))
    near = next((each for each in answer if _is_ours(shown, (each.lat, each.lon))), None)
    if near is None:
        why = (
            _("Nous ne trouvons « {text} » que loin d’ici. Ajoutez la commune.")
            if answer
            else _("Nous ne trouvons pas « {text} » ici. Essayez une commune ou une adresse.")
        )
        return Around(said=_said(why.format(text=text)))
    return Around(spot(near.lat, near.lon), near.label)


def _said(sentence: str) -> str:
    return typeset(sentence)


def _ours(shown: Shown, found: Directory, districts: Named, text: str) -> Spot | None:
    """The middle of a town that has places, a place by its whole name, or a district: `static/map/worker.js` finds them
    in the same order."""
    if not text:
        return None
    spots_of = [place.spot for place in found.places]
    for named in (
        zip(_towns(shown), spots_of, strict=True),
        zip(_names(shown), spots_of, strict=True),
        districts,
    ):
        spots = [point for said, point in named if point is not None and folded(said) == text]
        if spots:
            return sum(lat for lat, _lon in spots) // len(spots), sum(lon for _lat, lon in spots) // len(
                spots
            )
    return None


def _towns(shown: Shown) -> Iterable[str]:
    return (place.city for place in shown.places)


def _names(shown: Shown) -> Iterable[str]:
    return (place.name for place in shown.places)


def _is_ours(shown: Shown, position: tuple[float, float]) -> bool:
    here = spot(*position)
    centres = [spot(each.lat, each.lon) for each in shown.territories]
    return not centres or any(
        centre is not None and here is not None and metres(centre, here) < FAR for centre in centres
    )


def distance_words(far: float | None) -> str:
    """« à 350 m », « à 2,4 km »: `static/map/list.js` says the same."""
    if far is None:
        return ""
    if far < 1000:
        return typeset(_("à {count} m").format(count=max(50, round(far / 50) * 50)))
    kilometres = (
        f"{far / 1000:.1f}".replace(".", ",").removesuffix(",0") if far < 10_000 else f"{far / 1000:.0f}"
    )
    return typeset(_("à {count} km").format(count=kilometres))
