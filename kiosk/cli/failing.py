"""What the command line says when something fails: one clear line on stderr, and a status other than 0."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from forms.definition import DefinitionError, UnknownForm
from kiosk.errors import KioskError

ABORTED = 1


class Failing(click.Group):
    """One line that says what is the matter and what to do, for whatever is not a fault of ours."""

    def main(self, *arguments: Any, **more: Any) -> Any:
        """As click's own, which writes four lines for a wrong option, and one word for a stop."""
        run: Callable[..., Any] = super().main
        if not more.pop("standalone_mode", True):
            return run(*arguments, standalone_mode=False, **more)
        try:
            status = run(*arguments, standalone_mode=False, **more)
        except click.exceptions.NoArgsIsHelpError as asked:
            asked.show()
            sys.exit(asked.exit_code)
        except click.ClickException as error:
            fail(_said(error), error.exit_code)
        except click.Abort:
            fail("Stopped before the end. See `kiosk --help`.", ABORTED)
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KioskError, DefinitionError) as error:
            fail(str(error))
        except click.Abort:
            said = f"{ctx.command_path} {ctx.invoked_subcommand} --help"
            fail(f"Stopped before the end. `{said}` says how to give what is asked.", ABORTED)
        except UnknownForm as error:
            fail(f"There is no form {error}. `kiosk forms list` lists them.")
        except BrokenPipeError:
            raise  # who reads our output has read enough: click ends quietly
        except OSError as error:
            fail(f"{error.filename or 'A file'}: {error.strerror or error}.")


def fail(message: str, status: int = 1) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(status)


def _said(error: click.ClickException) -> str:
    words = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = context.command_path if context else "kiosk"
    return f"{words}{'' if words.endswith(('.', '?')) else '.'} See `{where} --help`."
