"""The modules that the field app begins with, served as one file: on a slow network each file costs a round trip.

No build step: the sources stay what they are, and this is done when the server starts. Only what our own modules use is
understood: named imports and exports, one statement a line or a braced list, no cycle, no live binding. Whatever else
an import says stops the server at its start, and the tests with it.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping

ENTRY, PACKED = "app.js", "packed.js"
MAP, MAP_PACKED = "map-layer.js", "map-packed.js"
TOGETHER = {  # what the public page begins with, one answer each
    "home.css": ("tokens.css", "pages.css", "vendor/leaflet.css", "map.css"),
    "leaflet-all.js": ("vendor/leaflet.js", "vendor/L.Control.Locate.min.js"),
}

_IMPORT = re.compile(r"""^import\s*(?:\{([^}]*)\}\s*from\s*)?['"](\.[^'"]+)['"];?[ \t]*\n?""", re.M)
_ANY_IMPORT = re.compile(r"^import\b(?!\()", re.M)
_LATER = re.compile(r"""\bimport\((['"])(\.[^'"]+)\1\)""")
_DECLARED = re.compile(r"^export (?=(?:async )?(?:const|function|class)\b\s*(\w+))", re.M)
_LISTED = re.compile(r"(?:^|(?<=[;}]))export\s*\{([^}]*)\};?", re.M)
_COMMENT = re.compile(r"/\*\* @type [^*]*\*/ ?|^[ \t]*/\*\*.*?\*/[ \t]*\n?|^[ \t]*//[^\n]*\n", re.M | re.S)


def packed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of the app, its first modules gathered in `packed.js`; each of them still answers at its own address,
    where later modules find it, and hands over what is in the pack."""
    first = in_order(files)
    pack = "export const modules = {};\n" + "".join(_room(name, _text(files, name)) for name in first)
    return {
        **files,
        **{name: _door(name, _text(files, name)) for name in first},
        PACKED: pack.encode(),
        ENTRY: _entry(_text(files, ENTRY)),
    }


def packed_page(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of the pages, with what the public page begins with put together. The modules of the map stay as they
    are beside the pack: its worker imports some of them too."""
    together = {
        name: b"\n".join(files[part] for part in parts)
        for name, parts in TOGETHER.items()
        if all(part in files for part in parts)
    }
    if MAP not in files:
        return {**files, **together}
    rooms = "".join(_room(name, _text(files, name)) for name in in_order(files, MAP))
    pack = f"export const modules = {{}};\n{rooms}"
    return {**files, **together, MAP_PACKED: pack.encode(), MAP: _entry(_text(files, MAP), MAP, MAP_PACKED)}


def in_order(files: Mapping[str, bytes], entry: str = ENTRY) -> list[str]:
    """The modules that the first one imports at once and those they import, each after what it needs."""
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        for target in _targets(name, _text(files, name)):
            if target not in found:
                visit(target)
        found[name] = None

    visit(entry)
    return [name for name in found if name != entry]


def _text(files: Mapping[str, bytes], name: str) -> str:
    return files[name].decode()


def _targets(name: str, code: str) -> Iterable[str]:
    return (_beside(name, target) for _names, target in _IMPORT.findall(code))


def _beside(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def _room(name: str, code: str) -> str:
    """A module as a function of its own, so that no name of it meets a name of another."""
    given = ", ".join(
        name if name == inside else f"{name}: {inside}" for name, inside in _exports(code).items()
    )
    body = _LISTED.sub("", _DECLARED.sub("", _inside(name, code)))
    return f"modules[{name!r}] = (() => {{\n{body}\nreturn {{ {given} }};\n}})();\n"


def _inside(name: str, code: str) -> str:
    """The code without comments, its imports taken from the pack, what it imports later named from the pack's place."""
    bare = _COMMENT.sub("", code)
    bare = _IMPORT.sub(lambda found: _taken(found[1] or "", _beside(name, found[2])), bare)
    if _ANY_IMPORT.search(bare):
        raise ValueError(f"{name}: an import that packing does not understand")
    return _LATER.sub(lambda found: f"import('./{_beside(name, found[2])}')", bare)


def _taken(names: str, module: str) -> str:
    wanted = ", ".join(name.replace(" as ", ": ") for name in _listed(names))
    return f"const {{ {wanted} }} = modules[{module!r}];\n"


def _exports(code: str) -> dict[str, str]:
    """What a module gives, with the name it has inside."""
    declared = {name: name for name in _DECLARED.findall(code)}
    for names in _LISTED.findall(code):
        for name in _listed(names):
            inside, _as, outside = name.partition(" as ")
            declared[outside or inside] = inside
    return declared


def _listed(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(",") if name.strip()]


def _door(name: str, code: str) -> bytes:
    up = "../" * name.count("/") or "./"
    given = ", ".join(_exports(code))
    return f"import {{ modules }} from '{up}{PACKED}';\nexport const {{ {given} }} = modules[{name!r}];\n".encode()


def _entry(code: str, entry: str = ENTRY, pack: str = PACKED) -> bytes:
    return f"import {{ modules }} from './{pack}';\n{_inside(entry, code)}".encode()
