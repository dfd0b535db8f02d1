"""The second factor: asked once a day at each computer, taken once, and lost without losing oneself."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from kiosk import access
from kiosk.access import second_factor, sessions
from kiosk.actions import own_access, staffing
from kiosk.errors import Invalid, SecondFactorNeeded, SignInNeeded, TooManyTries
from kiosk.vault import tables
from tests.practices import PASSPHRASE, People, make_people

MACHINE = "a computer at the desk"
ELSEWHERE = "another computer"


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[People]:
    """A practice where everybody has a second factor."""
    yield from make_people(tmp_path / "practice", second_factor="required")


def signs_in(people: People, machine: str = MACHINE) -> str:
    return access.sign_in(people.practice, "dorothy", PASSPHRASE, "desk", None, machine)


def half(people: People, token: str) -> access.HalfWay:
    return access.half_way(people.practice, token, "desk")


def code(people: People, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(people.clock.now + timedelta(seconds=30 * steps))


def enrols(people: People) -> tuple[str, str, tuple[str, ...]]:
    """The secret of her authenticator, her session, and the codes that she printed."""
    token = signs_in(people)
    who = half(people, token)
    secret = access.enrolment(who.by, token).secret
    token, codes = access.give_second_factor(who.by, token, code(people, secret), MACHINE)
    return secret, token, codes


def gives(people: People, token: str, given: str, machine: str = MACHINE) -> str:
    return access.give_second_factor(half(people, token).by, token, given, machine)[0]


def is_in(people: People, token: str) -> bool:
    try:
        return sessions.actor_of(people.practice, token, "desk").id == people.desk.id
    except SignInNeeded:
        return False


def test_a_passphrase_alone_opens_nothing_where_a_second_factor_is_required(strict: People) -> None:
    token = signs_in(strict)
    with pytest.raises(SecondFactorNeeded):
        sessions.actor_of(strict.practice, token, "desk")
    assert half(strict, token).enrols


def test_who_enrols_is_in_by_another_token_and_holds_codes_to_print(strict: People) -> None:
    before = signs_in(strict)
    secret = access.enrolment(half(strict, before).by, before).secret
    with pytest.raises(Invalid):
        gives(strict, before, "000000")
    after, codes = access.give_second_factor(half(strict, before).by, before, code(strict, secret), MACHINE)
    assert is_in(strict, after)
    assert not is_in(strict, before)
    assert len(set(codes)) == second_factor.CODES


def test_it_is_asked_once_a_day_at_a_known_computer_and_at_every_other_one(strict: People) -> None:
    secret, _, _ = enrols(strict)
    strict.clock.forward(hours=8)
    assert is_in(strict, signs_in(strict))
    token = signs_in(strict, ELSEWHERE)
    assert not is_in(strict, token)
    assert is_in(strict, gives(strict, token, code(strict, secret), ELSEWHERE))
    strict.clock.forward(hours=17)
    assert not is_in(strict, signs_in(strict))
    assert is_in(strict, signs_in(strict, ELSEWHERE))


def test_a_code_is_taken_once_and_not_after_a_later_one(strict: People) -> None:
    secret, _, _ = enrols(strict)
    strict.clock.forward(minutes=5)
    now, before = code(strict, secret), code(strict, secret, -1)
    assert is_in(strict, gives(strict, signs_in(strict, ELSEWHERE), now, ELSEWHERE))
    for used in (now, before):
        with pytest.raises(Invalid):
            gives(strict, signs_in(strict, "a third one"), used)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_half_a_minute_off(strict: People, steps: int, right: bool) -> None:
    secret, _, _ = enrols(strict)
    strict.clock.forward(minutes=5)
    token = signs_in(strict, ELSEWHERE)
    if right:
        assert is_in(strict, gives(strict, token, code(strict, secret, steps), ELSEWHERE))
    else:
        with pytest.raises(Invalid):
            gives(strict, token, code(strict, secret, steps), ELSEWHERE)


def test_a_printed_code_works_once_however_it_is_typed(strict: People) -> None:
    _, _, codes = enrols(strict)
    assert is_in(strict, gives(strict, signs_in(strict, ELSEWHERE), codes[0].lower().replace("-", " ")))
    with pytest.raises(Invalid):
        gives(strict, signs_in(strict, "a third one"), codes[0])


def test_guessing_is_slowed_down_for_whoever_holds_the_passphrase(strict: People) -> None:
    secret, _, _ = enrols(strict)
    strict.clock.forward(minutes=5)
    token = signs_in(strict, ELSEWHERE)
    for _ in range(5):
        with pytest.raises(Invalid):
            gives(strict, token, "000000")
    with pytest.raises(TooManyTries):
        gives(strict, token, code(strict, secret))


def test_half_way_in_ends_after_ten_minutes(strict: People) -> None:
    token = signs_in(strict)
    strict.clock.forward(minutes=11)
    with pytest.raises(SignInNeeded):
        half(strict, token)


def test_another_phone_takes_the_passphrase_and_a_code_of_the_one_before(strict: People) -> None:
    secret, token, _ = enrols(strict)
    strict.clock.forward(minutes=5)
    with pytest.raises(Invalid):
        own_access.begin_enrolment(strict.desk, PASSPHRASE, "000000", token)
    with pytest.raises(Invalid):
        own_access.begin_enrolment(strict.desk, "not her passphrase", code(strict, secret), token)
    assert is_in(strict, token)
    new = changes_phone(strict, secret, token)
    assert new != secret
    token = gives(strict, token, code(strict, new))
    assert is_in(strict, token)
    strict.clock.forward(minutes=5)
    elsewhere = signs_in(strict, ELSEWHERE)
    with pytest.raises(Invalid):
        gives(strict, elsewhere, code(strict, secret), ELSEWHERE)
    assert is_in(strict, gives(strict, elsewhere, code(strict, new), ELSEWHERE))
    assert changes_phone(strict, new, token, steps=1) not in (secret, new)


def changes_phone(people: People, secret: str, token: str, steps: int = 0) -> str:
    """Half way to another phone; returns its secret."""
    own_access.begin_enrolment(people.desk, PASSPHRASE, code(people, secret, steps), token)
    new = access.enrolment(half(people, token).by, token)
    assert new.replaces
    return new.secret


def test_the_phone_before_counts_until_the_new_one_gave_its_first_code(strict: People) -> None:
    secret, token, codes = enrols(strict)
    strict.clock.forward(minutes=5)
    changes_phone(strict, secret, token)
    with pytest.raises(Invalid):
        gives(strict, token, "000000")
    strict.clock.forward(minutes=1)
    elsewhere = signs_in(strict, ELSEWHERE)
    assert not half(strict, elsewhere).enrols, "nobody with the passphrase alone takes her place"
    assert is_in(strict, gives(strict, elsewhere, code(strict, secret), ELSEWHERE))
    assert is_in(strict, gives(strict, signs_in(strict, "a third one"), codes[0], "a third one"))
    assert half(strict, token).enrols, "what she began goes on"
    assert is_in(strict, signs_in(strict)), "or she leaves it as it was"


def test_each_who_comes_half_way_to_enrol_is_given_another_secret(strict: People) -> None:
    hers, theirs = signs_in(strict), signs_in(strict, ELSEWHERE)
    secrets = {access.enrolment(half(strict, token).by, token).secret for token in (hers, theirs)}
    assert len(secrets) == 2
    again = signs_in(strict)
    assert access.enrolment(half(strict, again).by, again).secret not in secrets


def test_once_somebody_enrolled_nobody_else_who_came_half_way_does(strict: People) -> None:
    theirs = signs_in(strict, ELSEWHERE)
    secret = access.enrolment(half(strict, theirs).by, theirs).secret
    enrols(strict)
    with pytest.raises(SignInNeeded):
        gives(strict, theirs, code(strict, secret), ELSEWHERE)


def test_new_codes_to_print_take_the_passphrase_and_the_second_factor(strict: People) -> None:
    secret, _, codes = enrols(strict)
    strict.clock.forward(minutes=5)
    with pytest.raises(Invalid):
        own_access.new_codes(strict.desk, PASSPHRASE, "")
    with pytest.raises(Invalid):
        own_access.new_codes(strict.desk, "not her passphrase", code(strict, secret))
    new = own_access.new_codes(strict.desk, PASSPHRASE, code(strict, secret))
    assert not set(new) & set(codes)
    assert own_access.new_codes(strict.desk, PASSPHRASE, new[0])


def test_signing_out_half_way_in_ends_it(strict: People) -> None:
    token = signs_in(strict)
    access.sign_out(strict.practice, token, "desk")
    with pytest.raises(SignInNeeded):
        half(strict, token)
    assert strict.count(tables.StaffSession) == 0


def test_the_owner_resets_who_lost_everything(strict: People) -> None:
    _, token, codes = enrols(strict)
    staffing.reset(strict.system, "dorothy", "a passphrase from the owner")
    assert not is_in(strict, token)
    with pytest.raises(Invalid):
        signs_in(strict)
    strict.clock.forward(minutes=5)
    again = access.sign_in(strict.practice, "dorothy", "a passphrase from the owner", "desk", None, MACHINE)
    assert half(strict, again).enrols
    with pytest.raises(Invalid):
        gives(strict, again, codes[1])


def test_the_secret_is_kept_encrypted_and_the_codes_as_hashes(strict: People) -> None:
    secret, _, codes = enrols(strict)
    strict.practice.vault.engine.dispose()
    kept = b"".join(path.read_bytes() for path in strict.practice.settings.instance.glob("practice.db*"))
    for plain in (secret, *codes, *(one.replace("-", "") for one in codes)):
        assert plain.encode() not in kept


def test_misses_elsewhere_do_not_keep_somebody_out_at_a_computer_that_knows_them(strict: People) -> None:
    enrols(strict)
    for _ in range(6):
        with pytest.raises((Invalid, TooManyTries)):
            access.sign_in(strict.practice, "dorothy", "a guess", "the Wi-Fi", None, "a stranger's")
    with pytest.raises(TooManyTries):
        access.sign_in(strict.practice, "dorothy", PASSPHRASE, "the Wi-Fi", None, "a stranger's")
    assert signs_in(strict)


def test_the_trail_says_what_was_given_and_missed(strict: People) -> None:
    enrols(strict)
    with pytest.raises(Invalid):
        gives(strict, signs_in(strict, ELSEWHERE), "000000")
    with access.transaction(strict.system) as desk:
        did = desk.session.scalars(select(tables.AuditEntry.did)).all()
    assert {"enrolled a second factor", "missed the second factor"} <= set(did)
