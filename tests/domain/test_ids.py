"""Ids: above everything seen, whatever the clock says, and the same on the phone."""

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.ids import is_uuid7, mint

moments = st.integers(0, 2**47)
randoms = st.integers(0, 2**74 - 1) | st.integers(2**73, 2**74 - 1)  # hypothesis prefers small numbers
seen = st.none() | st.builds(mint, moments, randoms)
full_counters = st.builds(mint, moments, randoms).map(lambda seen: f"{seen[:15]}fff{seen[18:]}")


@given(moments, randoms, seen | full_counters)
def test_an_id_sorts_above_what_was_seen(now_ms: int, random_bits: int, above: str | None) -> None:
    minted = mint(now_ms, random_bits, above)
    assert is_uuid7(minted)
    assert above is None or minted > above


@given(moments, randoms, seen | full_counters)
def test_the_phone_mints_the_same_id(
    phone_engine: Any, now_ms: int, random_bits: int, above: str | None
) -> None:
    on_the_phone = phone_engine.ask("mint", nowMs=now_ms, randomBits=str(random_bits), above=above)
    assert on_the_phone == mint(now_ms, random_bits, above)


@given(moments, randoms, st.integers(1, 50))
def test_ids_of_one_moment_rise(now_ms: int, random_bits: int, count: int) -> None:
    minted = [mint(now_ms, random_bits)]
    for _ in range(count):
        minted.append(mint(now_ms, random_bits, minted[-1]))
    assert minted == sorted(set(minted))


def test_an_id_says_its_moment() -> None:
    now_ms = time.time_ns() // 1_000_000
    assert int(mint(now_ms, 0).replace("-", "")[:12], 16) == now_ms
