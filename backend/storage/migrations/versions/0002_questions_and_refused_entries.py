"""Questions of the coordination, and entries that were refused"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('question',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('criterion', sa.String(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('asked_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_question_asked_by_person')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_question_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question'))
    )
    op.create_index(op.f('ix_question_visit_id'), 'question', ['visit_id'], unique=False)
    op.create_table('refused_entry',
    sa.Column('entry_id', sa.String(), nullable=False),
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_refused_entry_visit_id_visit')),
    sa.PrimaryKeyConstraint('entry_id', 'visit_id', name=op.f('pk_refused_entry'))
    )
    op.create_index(op.f('ix_refused_entry_visit_id'), 'refused_entry', ['visit_id'], unique=False)


def downgrade() -> None:
    op.drop_table('refused_entry')
    op.drop_table('question')
