"""Committee"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0007'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('weekly_letter',
    sa.Column('territory_id', sa.String(), nullable=False),
    sa.Column('monday', sa.Date(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_weekly_letter_territory_id_territory')),
    sa.PrimaryKeyConstraint('territory_id', 'monday', name=op.f('pk_weekly_letter'))
    )
    op.create_table('committee_session',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('territory_id', sa.String(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('others', sa.Integer(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('minutes', sa.JSON(), nullable=True),
    sa.Column('created_by', sa.String(), nullable=False),
    sa.Column('created_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('closed_by', sa.String(), nullable=True),
    sa.Column('closed_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], name=op.f('fk_committee_session_closed_by_person')),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_committee_session_created_by_person')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_committee_session_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_committee_session'))
    )
    op.create_index('ix_committee_session_territory_id', 'committee_session', ['territory_id'], unique=False)
    op.create_table('agenda_item',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('session_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('added_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('removed_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['added_by'], ['person.id'], name=op.f('fk_agenda_item_added_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_agenda_item_merchant_id_merchant')),
    sa.ForeignKeyConstraint(['session_id'], ['committee_session.id'], name=op.f('fk_agenda_item_session_id_committee_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agenda_item')),
    sa.UniqueConstraint('session_id', 'merchant_id', name=op.f('uq_agenda_item_session_id_merchant_id'))
    )
    op.create_index('ix_agenda_item_merchant_id', 'agenda_item', ['merchant_id'], unique=False)
    op.create_table('session_presence',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('session_id', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('noted_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('noted_by', sa.String(), nullable=False),
    sa.Column('removed_at', tables.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['noted_by'], ['person.id'], name=op.f('fk_session_presence_noted_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_session_presence_person_id_person')),
    sa.ForeignKeyConstraint(['session_id'], ['committee_session.id'], name=op.f('fk_session_presence_session_id_committee_session')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_presence'))
    )
    op.create_index('ix_session_presence_person_id', 'session_presence', ['person_id'], unique=False)
    op.create_index('ix_session_presence_session_id', 'session_presence', ['session_id'], unique=False)
    op.create_table('decision_vote',
    sa.Column('decision_id', sa.String(), nullable=False),
    sa.Column('session_id', sa.String(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('present', sa.Integer(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('in_favour', sa.Integer(), nullable=False),
    sa.Column('against', sa.Integer(), nullable=False),
    sa.Column('abstained', sa.Integer(), nullable=False),
    sa.Column('recused', sa.Integer(), nullable=False),
    sa.Column('ballots', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_vote_decision_id_decision')),
    sa.ForeignKeyConstraint(['session_id'], ['committee_session.id'], name=op.f('fk_decision_vote_session_id_committee_session')),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_decision_vote'))
    )
    op.create_index('ix_decision_vote_session_id', 'decision_vote', ['session_id'], unique=False)
    op.create_table('commitment_following',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('commitment_id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('noted_on', sa.Date(), nullable=False),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('recorded_at', tables.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['commitment_id'], ['decision_commitment.id'], name=op.f('fk_commitment_following_commitment_id_decision_commitment')),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], name=op.f('fk_commitment_following_recorded_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment_following'))
    )
    op.create_index('ix_commitment_following_commitment_id', 'commitment_following', ['commitment_id'], unique=False)
    with op.batch_alter_table('decision') as batch:
        batch.add_column(sa.Column('returns_on', sa.Date(), nullable=True))
    with op.batch_alter_table('territory') as batch:
        batch.add_column(sa.Column('quorum', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('territory') as batch:
        batch.drop_column('quorum')
    with op.batch_alter_table('decision') as batch:
        batch.drop_column('returns_on')
    for name in (
        'weekly_letter', 'commitment_following', 'decision_vote', 'session_presence', 'agenda_item', 'committee_session'
    ):
        op.drop_table(name)
