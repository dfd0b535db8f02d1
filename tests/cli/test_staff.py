"""Who works here, from the command line."""

from tests.cli.test_commands import given, instance, run

__all__ = ["instance"]


def test_somebody_comes_is_listed_and_leaves(instance: str) -> None:
    new = ["--new-passphrase-fd", given("a passphrase of her own")[1]]
    who = ["--name", "Jean Abara", "--role", "therapist", "--role", "front_desk"]
    done = run("--instance", instance, "staff", "add", "jean", *who, *given(), *new)
    assert done.exit_code == 0, done.stderr
    assert (
        "jean  Jean Abara  therapist, front_desk"
        in run("--instance", instance, "staff", "list", *given()).stdout
    )
    other = ["--new-passphrase-fd", given("another one of hers")[1]]
    done = run("--instance", instance, "staff", "reset", "jean", *given(), *other)
    assert done.exit_code == 0, done.stderr
    assert run("--instance", instance, "staff", "remove", "jean", *given()).exit_code == 0
    assert "jean" not in run("--instance", instance, "staff", "list", *given()).stdout


def test_an_unknown_role_is_named_with_those_there_are(instance: str) -> None:
    done = run("--instance", instance, "staff", "add", "jean", "--name", "Jean", "--role", "boss", *given())
    assert done.exit_code == 2
    assert "'front_desk', 'therapist', 'owner'" in done.stderr
