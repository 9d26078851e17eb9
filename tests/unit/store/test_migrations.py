import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from tests.unit.store.samples import a_link
from toolkit.errors import StateError
from toolkit.store import Store, migrations, open_database, upgrade
from toolkit.store.schema import metadata
from toolkit.store.transactions import write_connection


def test_the_tables_are_what_the_schema_says(store):
    with store.transactions.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_the_head_is_the_newest_version():
    scripts = ScriptDirectory(migrations.__path__[0])

    assert scripts.get_heads() == [migrations.HEAD]


def test_upgrading_again_changes_nothing(store):
    store.connection("main").put_links([a_link()])

    upgrade(store.transactions.engine)

    assert migrations.current_version(store.transactions.engine) == migrations.HEAD
    assert len(store.connection("main").links()) == 1


def test_tables_of_a_newer_version_are_left_alone(tmp_path):
    path = tmp_path / "hightonic.db"
    engine = open_database(path)
    with write_connection(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StateError, match="newer version"):
        open_database(path)


def test_a_migration_that_dies_leaves_no_half_made_tables(tmp_path, monkeypatch):
    path = tmp_path / "hightonic.db"

    class PullThePlugError(BaseException):
        pass

    def pull(*_args, **_options):
        raise PullThePlugError

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", pull)
        with pytest.raises(PullThePlugError):
            open_database(path)

    assert not path.exists()
    with Store(open_database(path)) as store:
        assert store.connections() == []


def test_a_file_that_was_signed_and_never_filled_is_ours(tmp_path):
    path = tmp_path / "hightonic.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA application_id = 0x48544E43")
    engine.dispose()

    with Store(open_database(path)) as store:
        assert "link" in inspect(store.transactions.engine).get_table_names()


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgresql(table):
    dialect = postgresql.dialect()

    ddl = [str(CreateTable(table).compile(dialect=dialect))]
    ddl += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]

    # Workers and Slack workspaces serve all connections; everything else belongs to one.
    is_shared = table.name == "worker" or table.name.startswith("slack_")
    assert "connection" in ddl[0] or is_shared
