"""Bringing a store to this version's schema.

With an engine of its own and foreign keys off: a batch change of a parent table otherwise empties its
children by their cascade. They are checked afterwards.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from kiosk.errors import SettingsError
from kiosk.vault.engine import make_engine


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


def upgrade(url: str) -> None:
    """Raises SettingsError where the store was written by a newer version of this application."""
    engine = make_engine(url, foreign_keys=False)
    try:
        config = _config(engine)
        _refuse_newer(engine, config)
        command.upgrade(config, "head")
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"{len(broken)} rows lost their parents in a migration")
    finally:
        engine.dispose()


def _refuse_newer(engine: Engine, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in known:
        raise SettingsError(
            "This practice was opened by a newer version of the application.",
            "Install that version or a newer one.",
        )
