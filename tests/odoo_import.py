"""Odoo's own rules of import, as its documentation tells them: external ids, `field/id`, empty cells, types.

Nothing of ours is imported here: it stands for the other side.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

CHARS = {
    *(
        "company_name",
        "commercial_company_name",
        "business_name",
        "street",
        "street2",
        "city",
        "zip",
        "phone",
    ),
    *(
        "company_email",
        "website",
        "detailed_activity",
        "opening_time",
        "contact_name",
        "function",
        "email_pro",
    ),
    *("phone_pro", "message_from_candidate", "name", "siret", "email"),
}
SELECTIONS = {"lead_type": {"membership_web_application", "membership_request"}}
BOOLEANS = {"itinerant", "is_company"}
FLOATS = {"partner_latitude", "partner_longitude"}
RELATIONS = {"country_id": {"base.fr", "base.be"}}
REQUIRED = {"crm.lead": {"lead_type"}, "res.partner": {"name"}}


@dataclass
class Odoo:
    """One model's records, by external id. `load` imports a file, or raises what Odoo would show."""

    model: str
    records: dict[str, dict[str, object]] = field(default_factory=dict)

    def load(self, file: bytes) -> None:
        rows = csv.reader(io.StringIO(file.decode("utf-8"), newline=""), strict=True)
        columns = next(rows)
        assert columns[0] == "id", "no external id: importing again would make everything twice"
        assert len(set(columns)) == len(columns), "a column twice"
        for row in rows:
            assert len(row) == len(columns), f"a record of {len(row)} cells"
            self._write(dict(zip(columns, row, strict=True)))

    def _write(self, row: Mapping[str, str]) -> None:
        external_id = row["id"]
        assert re.fullmatch(r"(\w+\.)?[\w-]+", external_id), f"no external id: {external_id!r}"
        record = self.records.setdefault(external_id, {})
        for column, cell in row.items():
            if column != "id":
                self._set(record, column, cell)
        assert all(record.get(name) for name in REQUIRED[self.model]), (
            f"{external_id}: a required field is empty"
        )

    def _set(self, record: dict[str, object], column: str, cell: str) -> None:
        """An empty cell erases; a column that is not there leaves what was."""
        name, _slash, by_id = column.partition("/")
        if not cell:
            record.pop(name, None)
        elif by_id:
            assert by_id == "id", column
            assert cell in RELATIONS[name], f"no record {cell} for {name}"
            record[name] = cell
        elif name in BOOLEANS:
            assert cell.lower() in ("1", "true", "yes", "0", "false", "no"), cell
            record[name] = cell.lower() in ("1", "true", "yes")
        elif name in FLOATS:
            record[name] = float(cell)
        elif name in SELECTIONS:
            assert cell in SELECTIONS[name], cell
            record[name] = cell
        else:
            assert name in CHARS, f"no field {name}"
            record[name] = cell
