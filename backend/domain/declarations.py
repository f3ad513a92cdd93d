"""What a merchant may say of itself, and when: before the visit, never instead of it."""

WORDS_LIMIT = 1000
OPEN_STATES = frozenset({"planned", "open", "impossible", "cancelled"})


def may_declare(visit_state: str | None) -> bool:
    """Whether a merchant may still write: until the latest visit (None: there was none yet) is closed."""
    return visit_state is None or visit_state in OPEN_STATES
