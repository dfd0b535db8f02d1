"""The practice's certificate: made once, renewed by itself, never for a name that is not its own."""

import pytest

from kiosk.actions import certificates
from kiosk.errors import KioskError, Locked
from kiosk.vault import tables, tls
from tests.practices import People


def read(people: People) -> tls.ServerCertificate:
    found = tls.read(people.practice.settings.instance)
    assert found is not None
    return found


def test_it_is_made_once_and_served_again(people: People) -> None:
    first = certificates.prepare(people.system, ["kiosk.meadow.example", "192.168.7.7"])
    assert first.names.dns[0] == "kiosk.meadow.example"
    assert {"127.0.0.1", "::1", "192.168.7.7"} <= {str(one) for one in first.names.addresses}
    pem = tls.file_of(people.practice.settings.instance).read_bytes()
    again = certificates.prepare(people.system)
    assert again == first, "what it was asked for by name before stays in it"
    assert tls.file_of(people.practice.settings.instance).read_bytes() == pem
    assert people.practice.vault.verify_audit().ok


def test_the_authority_s_key_is_sealed_in_the_vault_and_nowhere_else(people: People) -> None:
    certificates.prepare(people.system)
    with people.practice.vault.transaction() as store:
        kept = store.session.get_one(tables.OfficeItem, certificates.PRIVATE_KEY).value_sealed
    assert b"PRIVATE KEY" not in kept
    certificate, own_key = read(people), tls.file_of(people.practice.settings.instance).read_bytes()
    assert own_key.count(b"BEGIN PRIVATE KEY") == 1
    assert certificate.authority_der not in kept


def test_it_is_renewed_thirty_days_before_its_end_and_not_before(people: People) -> None:
    assert not certificates.look_after(people.system), "nothing to look after without TLS"
    first = certificates.prepare(people.system)
    people.clock.forward(days=360)
    assert not certificates.look_after(people.system)
    people.clock.forward(days=7)
    assert certificates.look_after(people.system)
    renewed = read(people)
    assert renewed.ends - first.ends > certificates.tls.CERTIFICATE_LIFE - 2 * tls.RENEWED_BEFORE
    assert renewed.authority_der == first.authority_der, "no device has to trust anything anew"
    assert not certificates.look_after(people.system)


def test_a_locked_practice_renews_nothing_and_serves_what_it_has(people: People) -> None:
    with pytest.raises(KioskError, match="no certificate to serve with yet"):
        certificates.served(people.practice.settings, people.clock())
    certificates.prepare(people.system)
    people.practice.vault.lock()
    assert certificates.served(people.practice.settings, people.clock()) == read(people)
    people.clock.forward(days=370)
    with pytest.raises(Locked):
        certificates.look_after(people.system)
    people.clock.forward(days=100)
    with pytest.raises(KioskError, match="ended on"):
        certificates.served(people.practice.settings, people.clock())


def test_another_network_is_added_to_the_certificate(people: People) -> None:
    first = certificates.prepare(people.system, ["192.168.7.7"])
    both = certificates.prepare(people.system, ["10.1.2.3"])
    assert {*first.names.addresses} < {*both.names.addresses}
    assert both.authority_der == first.authority_der


def test_a_name_that_the_devices_do_not_trust_needs_a_new_authority(people: People) -> None:
    first = certificates.prepare(people.system, ["kiosk.one.example"])
    with pytest.raises(KioskError, match=r"does not vouch for kiosk\.two\.example"):
        certificates.prepare(people.system, ["kiosk.two.example"])
    assert read(people) == first
    new = certificates.prepare(people.system, ["kiosk.two.example"], anew=True)
    assert new.fingerprint != first.fingerprint
    assert "kiosk.one.example" not in new.names.dns


def test_an_authority_that_is_about_to_end_is_not_renewed_again_and_again(people: People) -> None:
    certificates.prepare(people.system)
    people.clock.forward(days=3640)
    certificates.prepare(people.system)
    assert not certificates.look_after(people.system)
    old = read(people)
    people.clock.forward(days=20)
    assert certificates.prepare(people.system).fingerprint != old.fingerprint


@pytest.mark.parametrize("name", ["clinic", "8.8.8.8", "kiosk_.local", "*.example.com", "-a.example", ""])
def test_what_no_practice_owns_gets_no_certificate(name: str) -> None:
    """A bare word could be a whole domain of the internet: the authority would vouch for all below it."""
    for hosts, given in (((), (name,)), ((name,), ())):
        with pytest.raises(KioskError):
            certificates.names_of(hosts, given)


def test_a_file_from_elsewhere_is_not_renewed_but_replaced(people: People) -> None:
    stranger = tls.new_authority("Elsewhere", ["kiosk.local"], people.clock())
    pem = tls.issue(stranger, tls.Names(("kiosk.local",), ()), people.clock())
    tls.write(people.practice.settings.instance, pem)
    people.clock.forward(days=380)
    assert not certificates.look_after(people.system)
    assert certificates.prepare(people.system).authority_der != tls.der(stranger.certificate_pem)


def test_this_machine_s_own_address_stays_in_it_through_many_networks(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates.prepare(people.system)
    for number in range(20):
        address = tls.parse_address(f"192.168.{number}.7")
        assert address
        monkeypatch.setattr(certificates, "private_addresses", lambda address=address: (address,))
        assert certificates.look_after(people.system)
        said = [str(one) for one in read(people).names.addresses]
        assert {"127.0.0.1", "::1", f"192.168.{number}.7"} <= set(said)
    assert len(said) == certificates.MOST_ADDRESSES
