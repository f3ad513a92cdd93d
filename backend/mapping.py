"""The public map, composed by folium: what it draws, in which order, with which controls. The one adapter of folium.

Only the script that folium writes is used. Its HTML is not: that would link CDNs, forbid zooming and need inline
scripts. The files it expects are vendored (`web/static/vendor`), and the script is served as a file of ours.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.plugins import LocateControl
from folium.template import Template
from folium.utilities import JsCode

MAP_ID = "map_places"  # the element the map is drawn in: folium's name for its map, once the ids are fixed
CLOSEST = 19  # the largest scale
HERE = (47.21, -1.62)  # between Nantes Ouest and the Pays de Retz, when there is nothing to show yet

Position = tuple[float, float]
"""Latitude and longitude, WGS 84 degrees."""


@dataclass(frozen=True)
class Ground:
    """The pictures under the places: an address with {z}, {x} and {y}, and the mention it is due (HTML)."""

    tile_url: str
    attribution: str


class PlacesLayer(MacroElement):
    """Our layer: hands the map to `map-layer.js`, with what it draws first; the rest it fetches."""

    _name = "PlacesLayer"
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            places.show({{ this._parent.get_name() }}, {{ this.places }}, {{ this.words }});
        {% endmacro %}
        """
    )

    def __init__(self, places: Mapping[str, Any], words: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.places, self.words = _literal(places), _literal(words)


def _literal(value: Any) -> str:
    """JSON in which no text holds a brace: branca reads what it rendered as a template once more, and would run
    whatever a merchant called `{{ … }}`."""
    return _TEXTS.sub(lambda text: text[0].replace("{", "\\u007b").replace("}", "\\u007d"), json.dumps(value))


_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')


class Breath(MacroElement):
    """Lets the phone draw and answer before it goes on: what folium writes is one long piece of work otherwise."""

    _name = "Breath"
    _template = Template(
        "{% macro script(this, kwargs) %}\n            await places.breath();\n        {% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]


class NearMe(LocateControl):
    """folium's locate control, with options that may be functions: its own template takes plain JSON only."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.locate({{ this.options|tojavascript }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )


def script(
    positions: Sequence[Position],
    ground: Ground,
    layer_url: str,
    places: Mapping[str, Any],
    words: Mapping[str, str],
) -> str:
    """The map as a JavaScript module: the same arguments give the same bytes.

    It opens on `positions`, imports our layer from `layer_url` and tells it of the `places`: what its first view
    draws, and how to fetch the rest. `words`: what it says. Both by the names that `map-layer.js` documents.
    """
    drawn = _compose(positions, ground, places, words)
    _fix_ids(drawn)
    root = Figure()
    drawn.add_to(root)
    root.render()
    return f'import * as places from "{layer_url}";\n{root.script.render()}'


def _compose(
    positions: Sequence[Position], ground: Ground, places: Mapping[str, Any], words: Mapping[str, str]
) -> folium.Map:
    drawn = folium.Map(
        location=HERE,
        zoom_start=10,
        tiles=None,
        max_zoom=CLOSEST,
        control_scale=True,
        zoom_control=False,  # our layer adds it, with French names
    )
    if positions:
        # before the ground, which would be fetched twice and zoomed; no pin under the button above nor under the
        # zoom on the right
        drawn.fit_bounds(
            _around(positions), padding_top_left=(28, 80), padding_bottom_right=(64, 32), max_zoom=15
        )
    Breath().add_to(drawn)
    folium.TileLayer(
        ground.tile_url,
        attr=ground.attribution,
        max_zoom=CLOSEST,
        max_native_zoom=18,
        referrer_policy="origin",  # some tile servers ask who calls; our pages tell strangers nothing else
    ).add_to(drawn)
    Breath().add_to(drawn)
    _near_me(words).add_to(drawn)
    Breath().add_to(drawn)
    PlacesLayer(places, words).add_to(drawn)  # last: it finds the map where it opens
    return drawn


def _near_me(words: Mapping[str, str]) -> NearMe:
    """The position is asked for on a tap and drawn on the phone; it goes nowhere."""
    return NearMe(  # type: ignore[no-untyped-call]
        position="topright",
        icon="near-me",
        icon_loading="near-me",
        show_popup=False,
        show_compass=False,
        locate_options={"maxZoom": 15},
        strings={"title": words["nearMeTitle"], "text": words["nearMe"]},
        create_button_callback=JsCode("places.nearMeButton"),
        on_location_error=JsCode("places.positionUnknown"),
    )


def _around(positions: Sequence[Position]) -> list[list[float]]:
    return [[least(position[axis] for position in positions) for axis in (0, 1)] for least in (min, max)]


def _fix_ids(drawn: folium.Map) -> None:
    """folium draws a random id for each element, which would change the bytes at each start. Two of one kind may not
    share theirs: the second would take the place of the first."""
    drawn._id = MAP_ID.removeprefix("map_")
    for rank, element in enumerate(drawn._children.values()):
        element._id = str(rank)
