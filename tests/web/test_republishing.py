"""What is made for everyone is made again behind the back of those who read it."""

import threading

from backend.web.republishing import Republished


def large(_thing: int) -> bool:
    return False


def test_the_old_one_is_given_while_the_next_is_being_made() -> None:
    kept, may_end = Republished[int](), threading.Event()

    def make(before: int | None) -> int:
        if before is not None:
            may_end.wait()
        return (before or 0) + 1

    assert kept.get(lambda _: True, make, large) == 1
    assert [kept.get(lambda made: made == 2, make, large) for _ in range(5)] == [1] * 5
    may_end.set()
    kept.wait()
    assert kept.get(lambda made: made == 2, make, large) == 2


def test_what_is_small_is_waited_for() -> None:
    kept = Republished[int]()
    made = [kept.get(lambda thing, n=n: thing == n, lambda _, n=n: n, lambda _: True) for n in (1, 2, 3)]
    assert made == [1, 2, 3]


def test_one_that_fails_leaves_the_old_one_and_is_tried_again() -> None:
    kept, tries = Republished[int](), list[int]()

    def make(before: int | None) -> int:
        tries.append(1)
        if len(tries) == 2:
            raise ValueError("no")
        return len(tries)

    assert kept.get(lambda _: True, make, large) == 1
    assert kept.get(lambda made: made == 3, make, large) == 1
    kept.wait()
    kept.get(lambda made: made == 3, make, large)
    kept.wait()
    assert kept.get(lambda _: True, make, large) == 3
