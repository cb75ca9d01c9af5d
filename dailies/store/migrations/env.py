"""Alembic's entry. It is run by `dailies.store` at every open, on a connection whose transaction is already begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
