"""What costs seconds and anyone may ask for (pictures, paper): made one at a time, while everybody else is answered."""

from collections.abc import Callable

from anyio import to_thread

from backend.web.assets import Kept
from backend.web.house import House


async def made_once(home: House, kept: Kept[bytes], name: str, make: Callable[[], bytes]) -> bytes:
    """What is kept under this name, made now if it is not: who waits for a turn holds no thread that others need."""
    body = kept.get(name)
    if body is None:
        body = await to_thread.run_sync(
            lambda: kept.get(name) or kept.keep(name, make()), limiter=home.one_at_a_time
        )
    return body
