"""Planning"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('district',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('territory_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('added_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_district_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district'))
    )
    with op.batch_alter_table('district', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_district_territory_id'), ['territory_id'], unique=False)
    op.create_table('mail_refusal',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mail_refusal_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_refusal'))
    )
    with op.batch_alter_table('mail_refusal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_refusal_person_id'), ['person_id'], unique=False)
    op.create_table('merchant_tie',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('noted_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('noted_by', sa.String(), nullable=False),
    sa.Column('ended_at', tables.Instant(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['ended_by'], ['person.id'], name=op.f('fk_merchant_tie_ended_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_tie_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['noted_by'], ['person.id'], name=op.f('fk_merchant_tie_noted_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_merchant_tie_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_tie'))
    )
    with op.batch_alter_table('merchant_tie', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merchant_tie_merchant_id'), ['merchant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_merchant_tie_person_id'), ['person_id'], unique=False)
    op.create_table('person_file',
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('slots', sa.JSON(), nullable=False),
    sa.Column('away_from', sa.Date(), nullable=True),
    sa.Column('away_until', sa.Date(), nullable=True),
    sa.Column('district_id', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('edited_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('edited_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_person_file_district_id_district')),
    sa.ForeignKeyConstraint(['edited_by'], ['person.id'], name=op.f('fk_person_file_edited_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_file_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_person_file'))
    )
    op.create_table('round',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('territory_id', sa.String(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('planned_by', sa.String(), nullable=False),
    sa.Column('created_at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['planned_by'], ['person.id'], name=op.f('fk_round_planned_by_person')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_round_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round'))
    )
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_territory_id'), ['territory_id'], unique=False)
    op.create_table('reminder',
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reminder_person_id_person')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_reminder_visit_id_visit')),
    sa.PrimaryKeyConstraint('visit_id', 'person_id', 'planned_on', name=op.f('pk_reminder'))
    )
    op.create_table('round_visit',
    sa.Column('visit_id', sa.String(), nullable=False),
    sa.Column('round_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_visit_round_id_round')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_round_visit_visit_id_visit')),
    sa.PrimaryKeyConstraint('visit_id', name=op.f('pk_round_visit'))
    )
    with op.batch_alter_table('round_visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_visit_round_id'), ['round_id'], unique=False)
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.add_column(sa.Column('calendar', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('not_after', tables.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('trying_since', tables.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('unsure_since', tables.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('said', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('retried_at', tables.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('mail', schema=None) as batch_op:
        for name in ('retried_at', 'said', 'unsure_since', 'trying_since', 'not_after', 'calendar'):
            batch_op.drop_column(name)
    for name in (
        'round_visit', 'reminder', 'round', 'person_file', 'merchant_tie', 'mail_refusal', 'district'
    ):
        op.drop_table(name)
