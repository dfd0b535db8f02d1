"""The day at the front desk: who comes, where each person is, and that no name shows by itself."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kiosk import access
from kiosk.access import Practice
from kiosk.actions import check_in, visit_page
from kiosk.vault import tables
from tests.at_tablet import paired
from tests.desk.on_paper import print_sheet

ROSE = "Rose Nyberg"


def pair_tablet(practice: Practice, dorothy: Any, name: str = "Tablet 1") -> None:
    access.pair(practice, access.make_pairing(dorothy.actor, name), "127.0.0.1")


def row(html: str, visit_id: str) -> str:
    found = re.search(rf'<tr[^>]*data-test="visit-{visit_id}".*?</tr>', html, re.DOTALL)
    assert found
    return found[0]


def test_the_counter_sees_initials_only(dorothy: Any, booked: Mapping[str, str]) -> None:
    dorothy.opens("/desk/")
    assert "R. N." in row(dorothy.html, booked[ROSE])
    assert "Nyberg" not in dorothy.html


def test_names_show_when_asked_for_and_go_by_themselves(dorothy: Any, booked: Mapping[str, str]) -> None:
    dorothy.presses("/desk/names", status=200)
    assert ROSE in row(dorothy.html, booked[ROSE])
    assert 'hx-trigger="load delay:20s"' in dorothy.html
    assert '<noscript><meta http-equiv="refresh" content="20;url=/desk/?by_itself=">' in dorothy.html
    dorothy.opens("/desk/")
    assert "Nyberg" not in dorothy.html


def test_only_who_is_next_has_a_filled_button(dorothy: Any, booked: Mapping[str, str]) -> None:
    dorothy.opens("/desk/")
    assert dorothy.html.count("button primary") == 1
    assert "button primary" in row(dorothy.html, booked[ROSE])


def test_a_visit_arrives_goes_to_the_tablet_and_comes_back(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    pair_tablet(practice, dorothy)
    visit = booked[ROSE]
    dorothy.presses(f"/desk/visits/{visit}/arrived")
    assert "Arrived 12:00 PM" in row(dorothy.html, visit)
    tablet = re.search(r'name="tablet" value="([^"]+)"', row(dorothy.html, visit))
    assert tablet
    dorothy.presses(f"/desk/visits/{visit}/hand", tablet=tablet[1])
    assert "On Tablet 1" in row(dorothy.html, visit)
    dorothy.presses(f"/desk/visits/{visit}/take-back")
    assert "Arrived 12:00 PM" in row(dorothy.html, visit)


def test_with_two_tablets_the_desk_chooses(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    pair_tablet(practice, dorothy)
    pair_tablet(practice, dorothy, "Tablet 2")
    dorothy.presses(f"/desk/visits/{booked[ROSE]}/arrived", **{"from": "visit"})
    assert dorothy.html.count('name="tablet" value="') == 2


def test_who_came_on_another_day_is_shown_with_that_day(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    dorothy.presses(f"/desk/visits/{booked[ROSE]}/arrived", **{"from": "visit"})
    with access.transaction(dorothy.actor) as desk:
        visit = desk.session.get_one(tables.Visit, booked[ROSE])
        assert visit.arrived_at
        visit.arrived_at -= timedelta(days=7)
    dorothy.opens("/desk/")
    assert "Arrived 16 November" in row(dorothy.html, booked[ROSE])


def test_a_code_shows_once(dorothy: Any, booked: Mapping[str, str]) -> None:
    address = f"/desk/visits/{booked[ROSE]}"
    dorothy.opens(address)
    assert 'data-test="make-code"' in dorothy.html
    dorothy.presses(f"{address}/code", status=200)
    assert 'data-test="code"' in dorothy.html
    dorothy.opens(address)
    assert 'data-test="code"' not in dorothy.html


def test_a_code_made_ahead_is_shown_with_the_moment_from_which_it_opens(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    with access.transaction(dorothy.actor) as desk:
        desk.session.get_one(tables.Visit, booked[ROSE]).at += timedelta(days=28)
    dorothy.presses(f"/desk/visits/{booked[ROSE]}/code", status=200)
    assert "It opens this visit from 21 December 2026, 9:30 AM, until its forms are done" in said(dorothy)
    dorothy.presses(f"/desk/visits/{booked['Theo Okafor']}/code", status=200)
    assert "It opens this visit until its forms are done" in said(dorothy)


def said(staff: Any) -> str:
    """The page's words, with plain spaces."""
    return " ".join(staff.html.split())


def test_a_known_client_is_found_by_a_post_and_gets_a_visit(dorothy: Any, booked: Mapping[str, str]) -> None:
    dorothy.opens("/desk/visits/new")
    dorothy.presses("/desk/visits/find", status=200, search="ros")
    therapist = re.search(r'<option value="([^"]+)"', dorothy.html)
    client = re.search(r'name="client_id" value="([^"]+)"', dorothy.html)
    assert therapist
    assert client
    when = {"date": "2026-11-23", "time": "16:15", "minutes": "60", "therapist": therapist[1]}
    dorothy.presses("/desk/visits/new", client_id=client[1], name="", **when)
    assert f'<h1 tabindex="-1" autofocus>{ROSE}</h1>' in dorothy.html


def test_a_wrong_birth_date_is_said_beside_it_and_what_was_typed_stays(dorothy: Any) -> None:
    dorothy.opens("/desk/visits/new")
    given = {"search": "xa", "name": "Xaver Moon", "month": "13", "day": "1", "year": "1990"}
    dorothy.presses(
        "/desk/visits/new", status=422, date="2026-11-23", time="10:00", therapist="nobody", **given
    )
    assert 'data-test="problems"' in dorothy.html
    assert 'value="Xaver Moon"' in dorothy.html


def test_who_checked_in_by_name_is_matched_by_a_person(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    pair_tablet(practice, dorothy)
    tablet = access.paired_tablets(dorothy.actor)[0]
    by = access.Actor(practice, tablet.id, tablet.name, frozenset(), tablet.id, "tablet")
    check_in.by_name(by, {"name": "Rose Nyberg", "month": "4", "day": "27", "year": "1956"})
    dorothy.opens("/desk/")
    assert "Checked in by name" in dorothy.html
    assert "Nyberg" not in dorothy.html
    arrival = re.search(r'data-test="arrival-([^"]+)"', dorothy.html)
    assert arrival
    dorothy.presses(f"/desk/arrivals/{arrival[1]}/match", visit=booked[ROSE])
    assert "Checked in by name" not in dorothy.html
    assert "Arrived 12:00 PM" in row(dorothy.html, booked[ROSE])


def test_tablets_are_paired_by_a_code_and_unpaired(practice: Practice, dorothy: Any) -> None:
    dorothy.opens("/desk/tablets")
    dorothy.presses("/desk/tablets", status=422, tablet_name=" ")
    dorothy.presses("/desk/tablets", status=200, tablet_name="Tablet 7")
    code = re.search(r'data-test="pairing-code">([^<]+)<', dorothy.html)
    assert code
    assert re.fullmatch(r"\w{4} \w{4}", code[1])
    asks = re.search(r'hx-get="(/desk/tablets/[^"]+/paired\?by_itself=)" hx-trigger="every 3s"', dorothy.html)
    assert asks
    dorothy.opens(asks[1], status=204)
    access.pair(practice, code[1], "127.0.0.1")
    dorothy.opens(asks[1])
    assert "Tablet 7 is paired." in dorothy.html
    assert "pairing-code" not in dorothy.html
    dorothy.opens("/desk/tablets")
    assert "is paired." not in dorothy.html
    tablet = re.search(r'data-test="tablet-([^"]+)"', dorothy.html)
    assert tablet
    dorothy.presses(f"/desk/tablets/{tablet[1]}/revoke")
    assert "No tablet is paired yet" in dorothy.html


def test_htmx_gets_the_fragment_that_the_page_includes(dorothy: Any, booked: Mapping[str, str]) -> None:
    for address in ("/desk/", f"/desk/visits/{booked[ROSE]}", "/desk/scans", "/desk/confirm", "/desk/shred"):
        answer = dorothy.opens(address, headers={"HX-Request-Type": "partial"})
        assert dorothy.html.strip().startswith('<main id="main"')
        assert dorothy.html.strip().endswith("</main>")
        assert "HX-Request-Type" in answer.headers["Vary"]


def test_a_visit_that_is_not_there_is_not_found(dorothy: Any) -> None:
    for path in ("visits/none", "confirm/none", "shred/batches/none", "pages/none.png", "records/none.pdf"):
        dorothy.opens(f"/desk/{path}", status=404)


def test_a_therapist_may_not_enter_the_desk(signs_in: Any) -> None:
    sophia = signs_in("sophia")
    for path in ("", "scans", "shred", "tablets", "visits/new"):
        sophia.opens(f"/desk/{path}", status=403)


def test_a_visit_says_which_forms_can_come_later_as_many_as_the_day_says(
    dorothy: Any, booked: Mapping[str, str]
) -> None:
    view = visit_page.visit_view(dorothy.actor, booked[ROSE])
    later = [row for row in view.due if row.later]
    assert len(later) == view.row.due - view.row.before
    dorothy.opens(f"/desk/visits/{booked[ROSE]}")
    assert dorothy.html.count(", later</span>") == len(later) > 0


def test_the_desk_prints_the_very_form_that_somebody_wants_on_paper(
    practice: Practice, dorothy: Any, booked: Mapping[str, str]
) -> None:
    visit = booked[ROSE]
    rose = paired(dorothy.http.application, practice, dorothy.actor)
    rose.checks_in(dorothy.actor, visit)
    while "/form/emergency_contact/" not in rose.path:
        rose.press("begin" if rose.path.endswith("/welcome") else "skip")
    rose.press("help")
    rose.press("on-paper")
    assert "We will print “Emergency contact” for you at the desk." in rose.html
    dorothy.opens("/desk/")
    assert "Wants paper" in row(dorothy.html, visit)
    dorothy.opens(f"/desk/visits/{visit}")
    assert ticked(dorothy.html) == ["emergency_contact"]
    assert 'data-test="left-emergency_contact">Wants to fill this in on paper.<' in dorothy.html
    print_sheet(dorothy, visit)
    dorothy.opens(f"/desk/visits/{visit}")
    assert "Wants paper" not in dorothy.html
    assert 'data-test="left-emergency_contact"' not in dorothy.html


def ticked(html: str) -> list[str]:
    return re.findall(r'name="forms" value="([^"]+)" checked', html)
