"""What strangers may write: each would run, ask for something or open something, if read as anything but text."""

from collections.abc import Iterator

from sqlalchemy import Column, Table, Text
from sqlmodel import AutoString, SQLModel

PAYLOADS = (
    "<script>pwned()</script>",
    '"><script>pwned()</script>',
    "'-pwned()-'",
    '<img src=x onerror="pwned()">',
    "<svg onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    '<a href="javascript:pwned()">ici</a>',
    "javascript:pwned()",
    "<body onload=pwned()>",
    "<style>@import '//example.org/x.css';</style>",
    '<div style="background:url(//example.org/x.png)">x</div>',
    "<math><mtext><script>pwned()</script></mtext></math>",
    '" autofocus onfocus="pwned()" x="',
    "</script><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "<!--><script>pwned()</script>-->",
    "{{ pwned() }} {% print(1) %} ${pwned()} `pwned()`",
    '=HYPERLINK("javascript:pwned()";"ici")',
    "<details open ontoggle=pwned()>\u2028\u2029</details>",
)

# columns whose texts the house chose itself: codes, hashes, names of files and of grids
CODES = {
    *(
        "kind",
        "stage",
        "standing",
        "outcome",
        "state",
        "status",
        "method",
        "mode",
        "role",
        "how",
        "why",
        "fate",
    ),
    *(
        "placing",
        "model",
        "name_of",
        "trouble",
        "grid_id",
        "criterion",
        "day",
        "half",
        "planned_at",
        "unusable",
    ),
    *("search", "slug", "source", "media", "sha256", "key", "token_hash", "code_hash", "key_hash"),
}
PUBLIC_CODES = {"families", "access", "payable", "paying"}


def free_texts(table: Table) -> Iterator[Column[str]]:
    """The columns of a table that hold what people wrote."""
    for column in table.columns:
        own = column.primary_key or column.foreign_keys or column.unique
        if not own and column.name not in CODES and isinstance(column.type, AutoString | Text):
            yield column


def fill(row: SQLModel, text: str) -> None:
    """Put a text wherever somebody may write in this row."""
    for column in free_texts(SQLModel.metadata.tables[str(row.__tablename__)]):
        if column.name not in PUBLIC_CODES:
            setattr(row, column.name, text)
