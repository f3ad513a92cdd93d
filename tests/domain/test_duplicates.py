"""Which merchants look like one and the same, and which do not."""

import pytest

from backend.domain.duplicates import Known, Reason, pairs, reasons

HERE, NEXT_DOOR, FAR = (47.2093, -1.5987), (47.2094, -1.5988), (47.3, -1.7)


def known(id: str, name: str, postcode: str = "44100", **more: object) -> Known:
    return Known(id, name, postcodes=frozenset({postcode} if postcode else ()), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (known("a", "Le Fournil de Zola"), known("b", "Fournil Zola"), [Reason.NAME]),
        (known("a", "Épicerie des Bourderies"), known("b", "EPICERIE BOURDERIES", ""), [Reason.NAME]),
        (known("a", "Zola", siret="1"), known("b", "SARL Martin", "44000", siret="1"), [Reason.SIRET]),
        (known("a", "Zola", phone="02"), known("b", "Martin", phone="02"), [Reason.PHONE]),
        (
            known("a", "Boulangerie Martin", positions=(HERE,)),
            known("b", "Boulangeries Martin et fils", "44000", positions=(NEXT_DOOR,)),
            [Reason.NAME, Reason.NEAR],
        ),
        (known("a", "Biocoop", positions=(HERE,)), known("b", "Biocoop", "44300", positions=(FAR,)), []),
        (known("a", "Boulangerie"), known("b", "Boulangerie du Port"), []),
        (known("a", "La Criée", positions=(HERE,)), known("b", "Le Marché", positions=(HERE,)), []),
    ],
)
def test_merchants_look_alike_by_siret_telephone_name_and_distance(
    one: Known, other: Known, why: list[Reason]
) -> None:
    assert list(reasons(one, other)) == why
    assert list(reasons(other, one)) == why


def test_pairs_told_apart_are_not_proposed_again_and_the_same_siret_comes_first() -> None:
    everyone = [
        known("a", "Fournil de Zola"),
        known("b", "Le Fournil Zola"),
        known("c", "Martin", "44000", siret="1"),
        known("d", "Durand", "44300", siret="1"),
    ]
    assert [(pair.first, pair.second) for pair in pairs(everyone)] == [("c", "d"), ("a", "b")]
    assert [pair.first for pair in pairs(everyone, {frozenset("ab")})] == ["c"]
