"""Merchants’ files"""

import sqlalchemy as sa
from alembic import op

from backend.storage import tables

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('distinct_merchants',
    sa.Column('first_id', sa.String(), nullable=False),
    sa.Column('second_id', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_distinct_merchants_by_person')),
    sa.ForeignKeyConstraint(['first_id'], ['merchant.id'], name=op.f('fk_distinct_merchants_first_id_merchant')),
    sa.ForeignKeyConstraint(['second_id'], ['merchant.id'], name=op.f('fk_distinct_merchants_second_id_merchant')),
    sa.PrimaryKeyConstraint('first_id', 'second_id', name=op.f('pk_distinct_merchants'))
    )
    op.create_index(op.f('ix_distinct_merchants_second_id'), 'distinct_merchants', ['second_id'], unique=False)
    op.create_table('merchant_alias',
    sa.Column('old_id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('at', tables.Instant(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['person.id'], name=op.f('fk_merchant_alias_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_alias_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('old_id', name=op.f('pk_merchant_alias'))
    )
    op.create_index(op.f('ix_merchant_alias_merchant_id'), 'merchant_alias', ['merchant_id'], unique=False)
    op.create_table('merchant_contact',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('merchant_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('function', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('added_at', tables.Instant(timezone=True), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['person.id'], name=op.f('fk_merchant_contact_added_by_person')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchant.id'], name=op.f('fk_merchant_contact_merchant_id_merchant')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchant_contact'))
    )
    op.create_index(op.f('ix_merchant_contact_merchant_id'), 'merchant_contact', ['merchant_id'], unique=False)
    for table, added in (('merchant', ('families',)), ('sales_point', ('access', 'access_note'))):
        with op.batch_alter_table(table) as batch:
            for name in added:
                batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=''))
        with op.batch_alter_table(table) as batch:
            for name in added:
                batch.alter_column(name, existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    for table, added in (('merchant', ('families',)), ('sales_point', ('access', 'access_note'))):
        with op.batch_alter_table(table) as batch:
            for name in added:
                batch.drop_column(name)
    op.drop_table('merchant_contact')
    op.drop_table('merchant_alias')
    op.drop_table('distinct_merchants')
