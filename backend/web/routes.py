"""The sitemap: every address, what answers it, and who may call it."""

from dataclasses import dataclass

from starlette.routing import BaseRoute, Route

from backend.domain.people import Role
from backend.web import (
    accounts,
    agenda,
    announcements,
    board,
    commerce,
    contacts,
    decisions,
    declarations,
    districts,
    documents,
    duplicates,
    erasures,
    feeds,
    field,
    files,
    follow_up,
    followings,
    grids,
    handovers,
    history,
    imports,
    invitations,
    letters,
    limits,
    lists,
    mails,
    merchant_links,
    merchant_side,
    merchants,
    minutes,
    missing,
    moneko_files,
    numbers,
    offline,
    onboarding,
    opening_hours,
    paper_directory,
    paper_grids,
    paper_sheets,
    people,
    person_files,
    photos,
    places,
    planning,
    problems,
    public_sheets,
    public_words,
    questions,
    reading,
    replacements,
    replies,
    reports,
    rounds,
    sales_points,
    sessions,
    signing_in,
    suggestions,
    territories,
    visits,
    wall,
)
from backend.web.security import DEVICE, MERCHANT, PUBLIC, STAFF, Access, Handler, guard, only

COORDINATION = only(Role.COORDINATION)
ADMINISTRATION = only(Role.ADMIN)
MONEKO = only(Role.MONEKO)
ASSESSMENT = only(Role.COORDINATION, Role.COMMITTEE)
ACCOMPANIMENT = only(Role.MONEKO, Role.COORDINATION)
STATISTICS = only(Role.COORDINATION, Role.COMMITTEE, Role.RESEARCH)
DATA = only(Role.COORDINATION, Role.RESEARCH)
# who reads merchants' files: the committee what is on its agenda, Moneko what was approved
READERS = only(Role.COORDINATION, Role.COMMITTEE, Role.MONEKO)


@dataclass(frozen=True)
class Declared:
    """One line of the sitemap."""

    method: str
    path: str
    handler: Handler
    access: Access
    limit: str = "import_mb"  # the setting that says how large its form may be


def _get(path: str, handler: Handler, access: Access) -> Declared:
    return Declared("GET", path, handler, access)


def _post(path: str, handler: Handler, access: Access, limit: str = "import_mb") -> Declared:
    return Declared("POST", path, handler, access, limit)


SITEMAP: tuple[Declared, ...] = (
    # the public map and list
    _get("/", places.home_page, PUBLIC),
    _get("/carte.js", places.map_script, PUBLIC),
    _get("/lieux.json", places.map_points, PUBLIC),
    _get("/carte/lignes/{block}.json", places.map_lines, PUBLIC),
    _get("/carte/limites.json", limits.show, PUBLIC),
    _get("/carte/adresses.json", places.map_search, PUBLIC),
    _get("/carte/{z}/{x}/{y}.json", places.map_tile, PUBLIC),
    _get("/embed", places.embedded, PUBLIC),
    _get("/apercu.png", public_sheets.home_picture, PUBLIC),
    # what phones keep of these
    _get("/sw.js", offline.worker, PUBLIC),
    _get("/hors-ligne", offline.no_network, PUBLIC),
    _get("/hors-ligne.json", offline.to_keep, PUBLIC),
    _get("/hors-ligne/fiche", offline.frame, PUBLIC),
    _get("/hors-ligne/fiches/{block}.json", offline.sheets, PUBLIC),
    # what other sites take
    _get("/donnees", feeds.explain, PUBLIC),
    _get("/donnees/{name}", feeds.show, PUBLIC),
    Declared("OPTIONS", "/donnees/{name}", feeds.allow, PUBLIC),
    # the sheet of each sales point
    _get("/lieux/{slug}", public_sheets.show, PUBLIC),
    _get("/lieux/{slug}/{digest}.png", public_sheets.picture, PUBLIC),
    _get("/papier", paper_directory.show, PUBLIC),
    _get("/papier/{territory}/{form}.pdf", paper_directory.download, PUBLIC),
    _get("/lieux/{slug}/report", reports.form, PUBLIC),
    _post("/lieux/{slug}/reports", reports.send, PUBLIC),
    _get("/lieux/{slug}/thanks", reports.thank, PUBLIC),
    _get("/suggest", suggestions.form, PUBLIC),
    _get("/suggest/thanks", suggestions.thank, PUBLIC),
    _post("/suggestions", suggestions.send, PUBLIC),
    # the field app and its API
    _get("/app/{name:path}", files.app, PUBLIC),
    _post("/api/devices", field.join, PUBLIC),
    Declared("DELETE", "/api/devices/me", field.leave, DEVICE),
    Declared("DELETE", "/api/devices/me/people/{id}", field.leave_one, DEVICE),
    _get("/api/field", field.field, DEVICE),
    _post("/api/journal", field.journal, DEVICE),
    Declared("GET", "/api/merchants", field.all_merchants, DEVICE),
    Declared("PUT", "/api/photos/{sha256}", field.photo, DEVICE),
    Declared("GET", "/api/photos/{sha256}", field.shown_photo, DEVICE),
    # files and explanations
    _get("/static/{version}/{name:path}", files.static, PUBLIC),
    _get("/problemes/{code}", problems.explain, PUBLIC),
    # signing in
    _get("/sign-in", signing_in.show, PUBLIC),
    _post("/sign-in", signing_in.sign_in, PUBLIC),
    _post("/sign-out", signing_in.sign_out, STAFF),
    # the board, the merchants and their sales points
    _get("/board", board.show, COORDINATION),
    _get("/merchants", board.index, READERS),
    _post("/merchants", merchants.add, COORDINATION),
    _get("/merchants/new", merchants.add_form, COORDINATION),
    _get("/merchants/{id}", merchants.show, READERS),
    _get("/merchants/{id}/edit", merchants.edit_form, COORDINATION),
    _post("/merchants/{id}/edits", merchants.edit, COORDINATION),
    _post("/merchants/{id}/records", merchants.record, COORDINATION),
    _post("/merchants/{id}/followings", followings.follow, COORDINATION),
    _post("/merchants/{id}/reports/{report}/handling", reports.handle, ACCOMPANIMENT),
    _get("/merchants/{id}/contacts/new", contacts.form, COORDINATION),
    _post("/merchants/{id}/contacts", contacts.add, COORDINATION),
    _get("/merchants/{id}/contacts/{contact}/edit", contacts.form, COORDINATION),
    _post("/merchants/{id}/contacts/{contact}/edits", contacts.edit, COORDINATION),
    _post("/merchants/{id}/contacts/{contact}/removal", contacts.remove, COORDINATION),
    _get("/merchants/{id}/documents/new", documents.add_form, COORDINATION),
    _post("/merchants/{id}/documents", documents.add, COORDINATION, "document_mb"),
    _get("/merchants/{id}/documents/{document}", documents.download, READERS),
    _post("/merchants/{id}/documents/{document}/removal", documents.remove, COORDINATION),
    _get("/merchants/{id}/places/new", sales_points.add_form, COORDINATION),
    _post("/merchants/{id}/places", sales_points.add, COORDINATION),
    _get("/merchants/{id}/places/{place}/edit", sales_points.edit_form, COORDINATION),
    _post("/merchants/{id}/places/{place}/edits", sales_points.edit, COORDINATION),
    _get("/merchants/{id}/places/{place}/hours", opening_hours.form, COORDINATION),
    _post("/merchants/{id}/places/{place}/hours", opening_hours.write, COORDINATION),
    _get("/merchants/{id}/places/{place}/position", sales_points.position_form, COORDINATION),
    _post("/merchants/{id}/places/{place}/position", sales_points.put, COORDINATION),
    _post("/merchants/{id}/places/{place}/searches", sales_points.look_again, COORDINATION),
    # merchants that look like one
    _get("/duplicates", duplicates.index, COORDINATION),
    _get("/merchants/{id}/duplicates/{other}", duplicates.compare, COORDINATION),
    _post("/merchants/{id}/mergers", duplicates.merge, COORDINATION),
    _post("/merchants/{id}/distinctions", duplicates.tell_apart, COORDINATION),
    _get("/lists/{name}.{form}", lists.download, COORDINATION),
    # numbers, and what research takes away
    _get("/numbers", numbers.show, STATISTICS),
    _get("/missing", missing.show, STATISTICS),
    _get("/research", numbers.show_research, DATA),
    _get("/research/data.zip", numbers.research, DATA),
    # files of merchants
    _get("/imports", imports.show_form, COORDINATION),
    _post("/imports", imports.send, COORDINATION),
    _get("/imports/{id}", imports.show, COORDINATION),
    _post("/imports/{id}/application", imports.apply, COORDINATION),
    # visits, and the inhabitants who make them
    _get("/merchants/{id}/visits/new", planning.plan_form, COORDINATION),
    _post("/merchants/{id}/visits", planning.plan, COORDINATION),
    _get("/visits/{id}", reading.show, ASSESSMENT),
    _get("/visits/{id}/edit", planning.edit_form, COORDINATION),
    _post("/visits/{id}/edits", planning.edit, COORDINATION),
    _get("/visits/{id}/calendar.ics", visits.ics, COORDINATION),
    _post("/visits/{id}/questions", questions.ask, COORDINATION),
    _get("/visits/{id}/visit.pdf", reading.printed, ASSESSMENT),
    _get("/visits/{id}/history", history.show, ASSESSMENT),
    _get("/grids/{territory}/{version}/paper.pdf", paper_grids.of_grid, ASSESSMENT),
    _get("/visits/{id}/grid.pdf", paper_grids.of_visit, COORDINATION),
    _get("/visits/{id}/paper", paper_sheets.show, COORDINATION),
    _post("/visits/{id}/paper", paper_sheets.save, COORDINATION),
    _post("/visits/{id}/release", visits.release, COORDINATION),
    _post("/visits/{id}/cancellation", visits.cancel, COORDINATION),
    _get("/visits/{id}/replacements/new", replacements.choose, COORDINATION),
    _post("/visits/{id}/replacements", replacements.replace, COORDINATION),
    _get("/rounds/new", rounds.new, COORDINATION),
    _post("/rounds", rounds.plan, COORDINATION),
    _get("/rounds/{id}", rounds.show, COORDINATION),
    _get("/rounds/{id}/cards.pdf", rounds.cards, COORDINATION),
    _get("/rounds/{id}/calendar.ics", rounds.ics, COORDINATION),
    _get("/visits/{id}/invitations", invitations.of_visit, COORDINATION),
    _post("/visits/{id}/invitations", invitations.make_for_visit, COORDINATION),
    _get("/photos/{sha256}/{size}", photos.show, ASSESSMENT),
    _get("/people", people.show, COORDINATION),
    _post("/people", people.add, COORDINATION),
    _get("/people/{id}", person_files.show, COORDINATION),
    _post("/people/{id}/edits", person_files.edit, COORDINATION),
    _post("/people/{id}/ties", person_files.note_tie, COORDINATION),
    _post("/people/{id}/ties/{tie}/end", person_files.end_tie, COORDINATION),
    _get("/people/{id}/erasure", erasures.show, COORDINATION),
    _post("/people/{id}/erasures", erasures.erase, COORDINATION),
    _get("/visits/{id}/entries/{entry}/erasure", erasures.show_entry, COORDINATION),
    _post("/visits/{id}/entries/{entry}/erasures", erasures.erase_entry, COORDINATION),
    _get("/territories/{id}/districts", districts.show, COORDINATION),
    _post("/territories/{id}/districts", districts.edit, COORDINATION),
    _get("/people/{id}/invitation", invitations.of_person, COORDINATION),
    _post("/people/{id}/invitations", invitations.make_anew, COORDINATION),
    _post("/devices/{id}/revocation", people.revoke, COORDINATION),
    # accounts, territories, grids
    _get("/accounts", accounts.index, ADMINISTRATION),
    _post("/accounts", accounts.add, ADMINISTRATION),
    _get("/accounts/{id}", accounts.show, ADMINISTRATION),
    _post("/accounts/{id}/edits", accounts.edit, ADMINISTRATION),
    _post("/accounts/{id}/roles", accounts.give_role, ADMINISTRATION),
    _post("/accounts/{id}/roles/{role}/end", accounts.take_back, ADMINISTRATION),
    _post("/accounts/{id}/passphrases", accounts.renew_passphrase, ADMINISTRATION),
    _post("/accounts/{id}/sessions/end", accounts.end_sessions, ADMINISTRATION),
    _post("/accounts/{id}/closure", accounts.close, ADMINISTRATION),
    _get("/territories", territories.index, ADMINISTRATION),
    _post("/territories", territories.add, ADMINISTRATION),
    _get("/territories/{id}/edit", territories.edit_form, ADMINISTRATION),
    _post("/territories/{id}/edits", territories.edit, ADMINISTRATION),
    _get("/grids", grids.index, COORDINATION),
    _get("/grids/{territory}/{version}", grids.show, COORDINATION),
    # e-mails
    _get("/mails", mails.index, COORDINATION),
    _post("/mails/{id}/tries", mails.try_again, COORDINATION),
    _get("/unsubscribe/{token}", mails.unsubscribe_form, PUBLIC),
    _post("/unsubscribe/{token}", mails.unsubscribe, PUBLIC),
    _post("/subscriptions/{token}", mails.subscribe, PUBLIC),
    # decisions
    _get("/merchants/{id}/decisions", decisions.show, ASSESSMENT),
    _post("/merchants/{id}/decisions", decisions.record, COORDINATION),
    _post("/merchants/{id}/told", decisions.tell, COORDINATION),
    _post("/merchants/{id}/public-words", public_words.write, COORDINATION),
    # the committee's sessions
    _get("/sessions", sessions.index, ASSESSMENT),
    _post("/sessions", sessions.add, COORDINATION),
    _post("/territories/{id}/quorum", sessions.set_quorum, COORDINATION),
    _get("/sessions/{id}", sessions.show, ASSESSMENT),
    _post("/sessions/{id}/edits", sessions.edit, COORDINATION),
    _post("/sessions/{id}/presence", sessions.note_presence, COORDINATION),
    _post("/sessions/{id}/items", agenda.add_items, COORDINATION),
    _post("/sessions/{id}/removals", agenda.remove_item, COORDINATION),
    _post("/sessions/{id}/moves", agenda.move_item, COORDINATION),
    _get("/sessions/{id}/agenda.pdf", agenda.print_agenda, ASSESSMENT),
    _get("/sessions/{id}/merchants/{merchant}", wall.show, ASSESSMENT),
    _get("/sessions/{id}/merchants/{merchant}/dossier.pdf", wall.print_one, ASSESSMENT),
    _get("/sessions/{id}/minutes.pdf", minutes.show, ASSESSMENT),
    _post("/sessions/{id}/closure", sessions.close, COORDINATION),
    # following up
    _get("/follow-up", follow_up.show, ASSESSMENT),
    _post("/merchants/{id}/commitments/{commitment}/followings", follow_up.note, COORDINATION),
    # the merchant's side: for the teams, then for the merchant behind their personal link
    _get("/merchants/{id}/decisions/{decision}/letter.pdf", letters.for_staff, ASSESSMENT),
    _post("/merchants/{id}/decisions/{decision}/letters", letters.with_link, COORDINATION),
    _get("/merchants/{id}/side", merchant_side.show, ASSESSMENT),
    _post("/merchants/{id}/links", merchant_links.make, COORDINATION),
    _post("/merchants/{id}/links/{link}/revocation", merchant_links.revoke, COORDINATION),
    _post("/merchants/{id}/releases", merchant_side.release, COORDINATION),
    _post("/merchants/{id}/corrections/{correction}/handling", merchant_side.handle_report, COORDINATION),
    _post("/merchants/{id}/appeals/{appeal}/steps", merchant_side.handle_appeal, COORDINATION),
    _get("/commerce/acces/{secret}", merchant_links.arrive, PUBLIC),
    _get("/commerce/ouvrir", merchant_links.door, PUBLIC),
    _post("/commerce/sessions", merchant_links.enter, PUBLIC),
    _post("/commerce/sorties", merchant_links.leave, MERCHANT),
    _get("/commerce", commerce.show, MERCHANT),
    _get("/commerce/grille", declarations.show, MERCHANT),
    _post("/commerce/declarations", declarations.declare, MERCHANT),
    _post("/commerce/lieux/{place}/erreurs", commerce.report, MERCHANT),
    _get("/commerce/decisions/{decision}", replies.show, MERCHANT),
    _get("/commerce/decisions/{decision}/lettre.pdf", letters.for_merchant, MERCHANT),
    _post("/commerce/decisions/{decision}/reponses", replies.reply, MERCHANT),
    _post("/commerce/decisions/{decision}/recours", replies.appeal, MERCHANT),
    # Moneko's accompaniment
    _get("/onboarding", onboarding.show, ACCOMPANIMENT),
    _get("/onboarding/{id}", onboarding.show_merchant, ACCOMPANIMENT),
    _post("/onboarding/{id}/steps", onboarding.tick, MONEKO),
    _post("/onboarding/{id}/status", onboarding.set_status, MONEKO),
    _post("/onboarding/{id}/end", onboarding.give_up, MONEKO),
    _get("/gap", onboarding.show_gaps, ACCOMPANIMENT),
    _get("/gap.{form}", lists.download_gap, ACCOMPANIMENT),
    # the files for Moneko's back-office, and those that come from it
    _get("/handovers", handovers.show, ACCOMPANIMENT),
    _post("/handovers", handovers.make, MONEKO),
    _get("/handovers/{id}", handovers.show_made, ACCOMPANIMENT),
    _get("/handovers/{id}/file", handovers.download, ACCOMPANIMENT),
    # what its software is told by itself
    _get("/announcements", announcements.index, MONEKO),
    _get("/announcements/format", announcements.explain, MONEKO),
    _post("/announcements/tries", announcements.try_again, MONEKO),
    _get("/moneko-files", moneko_files.show_form, MONEKO),
    _post("/moneko-files", moneko_files.send, MONEKO),
    _get("/moneko-files/{id}", moneko_files.show, MONEKO),
    _post("/moneko-files/{id}/application", moneko_files.apply, MONEKO),
    _get("/partners", moneko_files.show_partners, MONEKO),
    _post("/partners", moneko_files.link, MONEKO),
)


def routes() -> list[BaseRoute]:
    """The sitemap as Starlette routes, each behind its door."""
    return [
        Route(line.path, guard(line.handler, line.access, line.limit), methods=[line.method])
        for line in SITEMAP
    ]
