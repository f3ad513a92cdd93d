"""UUIDv7 ids that sort after everything already seen, whatever the clock says (RFC 9562, section 5.7)."""

import re

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_COUNTER_BITS = 12
_RANDOM_BITS = 62


def mint(now_ms: int, random_bits: int, above: str | None = None) -> str:
    """A UUIDv7 for `now_ms` (Unix milliseconds) and 74 `random_bits`, greater than the id `above`.

    When `above` is not in the past, its 48-bit time is kept and its 12-bit counter goes up by one;
    a full counter borrows the next millisecond.
    """
    counter = (random_bits >> _RANDOM_BITS) & 0x7FF  # the top bit stays free for counting up
    tail = random_bits & ((1 << _RANDOM_BITS) - 1)
    if above is not None:
        seen = int(above.replace("-", ""), 16)
        seen_ms, seen_counter = seen >> 80, (seen >> 64) & 0xFFF
        if seen_ms >= now_ms:
            now_ms, counter = seen_ms, seen_counter + 1
            if counter >> _COUNTER_BITS:
                now_ms, counter = seen_ms + 1, 0
    value = (now_ms << 80) | (7 << 76) | (counter << 64) | (0b10 << 62) | tail
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def is_uuid7(text: str) -> bool:
    """Whether `text` is a UUIDv7 in its lower-case form."""
    return UUID7.fullmatch(text) is not None
