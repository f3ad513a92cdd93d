"""In Firefox and in WebKitGTK too: one visit with a network, then none, and nothing of a whole visit is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.storage import visits
from backend.web.house import House
from tests.e2e.field_app import CRITERIA
from tests.e2e.other_browsers import NAMES, Person, missing, running
from tests.e2e.test_photos import jpeg
from tests.servers import Server
from tests.town import Town, code_for

CHOOSE_FRENCH = """
const choice = document.querySelector('#language');
if (choice && choice.value !== 'fr') {
  choice.value = 'fr';
  choice.dispatchEvent(new Event('change'));
}
return Boolean(choice) && document.documentElement.lang === 'fr';
"""
CHOOSE_FILE = "label.quiet.camera input"


@pytest.fixture(params=NAMES)
def person(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Person]:
    name: str = request.param
    if reason := missing(name):
        pytest.skip(reason)
    (tmp_path / "profile").mkdir()
    with running(name, tmp_path / "profile") as driver:
        yield Person(driver)


def photos(folder: Path) -> list[Path]:
    files = [folder / f"photo-{n}.jpg" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(jpeg((800, 600), seed=n))
    return files


def test_after_one_visit_with_a_network_a_whole_visit_is_made_without(
    person: Person, home: House, town: Town, live_server: Server, tmp_path: Path
) -> None:
    address = f"{live_server.address}/app/"
    person.driver.open(address)
    person.until(CHOOSE_FRENCH)
    person.driver.open(f"{address}#code={code_for(home, town.amina)}")
    person.sees("À faire", "h2")
    person.until("return Boolean(navigator.serviceWorker.controller)")
    # the worker holds a page once all of the app is kept
    live_server.kill()
    person.driver.open(address)
    person.touches("Épicerie des Bourderies", "a")
    person.touches("Commencer la visite", "button")
    for here in range(1, CRITERIA + 1):
        person.sees(f"{here} sur 15", "a")
        person.until(
            "const level = document.querySelectorAll('.level')[arguments[0]]; if (level) level.click();"
            " return Boolean(level)",
            here % 3,
        )
        person.sees("Enregistré sur ce téléphone", ".kept .state")
        if here == 2:
            for count, file in enumerate(photos(tmp_path), 1):
                person.until(f"return Boolean(document.querySelector('{CHOOSE_FILE}'))")
                person.driver.give_files(CHOOSE_FILE, [file])
                person.until("return document.querySelectorAll('.photo img').length === arguments[0]", count)
        person.touches("Suivant" if here < CRITERIA else "Relire tout", ".steps a")
    person.sees("Vous avez répondu à tout.")
    person.touches("Terminer la visite", ".steps a")
    person.touches("Terminer la visite", "button")
    person.sees("C’est enregistré sur ce téléphone.")
    person.driver.picture(tmp_path / "closed.png")
    live_server.start()
    person.touches("Revenir à mes visites", "a")
    person.touches("Envoyer maintenant", "button")
    person.sees("reçu par la caisse", ".state")
    with home.db.read() as session:
        reading = visits.read(session, visits.get(session, town.visit), home.rules)
    assert reading.received
    assert len(reading.state["photos"]) == 3
    assert len(reading.state["sheets"]["duo"]) == CRITERIA
