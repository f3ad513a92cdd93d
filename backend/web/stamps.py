"""Whether what was made of the data still says what the data says, in less than a millisecond."""

from typing import Protocol

from backend.storage import published
from backend.web.house import House


class Stamped(Protocol):
    """`version`: of the data it was made from (`published.version`); `stamp`: of the database, when that was last
    looked at, alone in its list."""

    @property
    def version(self) -> int: ...
    @property
    def stamp(self) -> list[str]: ...


def unchanged(home: House, made: Stamped) -> bool:
    """Whether nothing that is published was written since."""
    stamp = home.db.version()
    if made.stamp[0] != stamp:
        with home.db.read() as session:
            if published.version(session) != made.version:
                return False
        made.stamp[0] = stamp
    return True
