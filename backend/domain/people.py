"""Roles, and what an invitation code looks like. No identity lives here."""

from enum import StrEnum
from typing import NamedTuple

from backend.domain.errors import N_

CODE_LENGTH = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is misread
_MISREAD = str.maketrans("OIL", "011")


class Role(StrEnum):
    """Who one is to the fund (criteria/REGLES.md, 1)."""

    EVALUATOR = "evaluator"
    COORDINATION = "coordination"
    COMMITTEE = "committee"
    MONEKO = "moneko"
    RESEARCH = "research"
    ADMIN = "admin"


STAFF_ROLES = (Role.COORDINATION, Role.COMMITTEE, Role.MONEKO, Role.RESEARCH, Role.ADMIN)
NEEDS_A_TERRITORY = frozenset({Role.COORDINATION, Role.COMMITTEE})

ROLE_NAMES: dict[Role, str] = {
    Role.EVALUATOR: N_("visites"),
    Role.COORDINATION: N_("coordination"),
    Role.COMMITTEE: N_("comité habitant"),
    Role.MONEKO: N_("accompagnement Moneko"),
    Role.RESEARCH: N_("recherche"),
    Role.ADMIN: N_("administration"),
}


class Grant(NamedTuple):
    """A role, on one territory or (None) on all of them."""

    role: Role
    territory_id: str | None


def may_act(grants: tuple[Grant, ...], roles: frozenset[Role], territory_id: str | None = None) -> bool:
    """Whether one of `grants` gives one of `roles`, on `territory_id` when it matters. An admin may all."""
    return any(
        grant.role is Role.ADMIN
        or (
            grant.role in roles
            and (territory_id is None or grant.territory_id is None or grant.territory_id == territory_id)
        )
        for grant in grants
    )


def code_from(secret_bytes: bytes) -> str:
    """A typed code of 50 bits from at least 7 secret bytes."""
    number = int.from_bytes(secret_bytes[:7])
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(CODE_LENGTH))


def normal_code(typed: str) -> str:
    """What a person typed, as the code was printed: case, spaces and look-alikes forgiven."""
    return "".join(typed.upper().translate(_MISREAD).replace("-", " ").split())


def spaced_code(code: str) -> str:
    """The code in two groups, as it is printed."""
    return f"{code[:5]}-{code[5:]}"
