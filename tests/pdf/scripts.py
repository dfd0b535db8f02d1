"""A form in Hebrew and Arabic that asks every kind of question: what is written from right to left."""

from functools import cache
from typing import Any

from forms.definition import Form
from forms.linting import lint
from forms.loading import read_form

LANGUAGES = ("he", "ar")


def words(he: str, ar: str) -> dict[str, str]:
    return {"he": he, "ar": ar}


def question(name: str, kind: str, he: str, ar: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "ask": words(he, ar), **more}


def option(name: str, he: str, ar: str) -> dict[str, Any]:
    return {"id": name, "label": words(he, ar)}


THEN = words(
    "אז ידעו שאתם באים אלינו, ושקרה משהו.",
    "عندئذ سيعرف هذا الشخص أنك تأتي إلينا وأن شيئًا قد حدث.",
)

PAGES: list[dict[str, Any]] = [
    {
        "id": "start",
        "question": [
            question(
                "about",
                "notice",
                "במי מותר לנו להיעזר?",
                "بمن يمكننا أن نتصل؟",
                hint=words(
                    "אתם אומרים לנו עם מי מותר לדבר, ועל מה.\n\nאפשר לחזור בכם בכל עת (גם בכתב).",
                    "أنت تقول لنا مع من يمكننا أن نتحدث، وعن ماذا.\n\nيمكنك التراجع في أي وقت (كتابةً أيضًا).",
                ),
            ),
            question("whole_name", "name", "מה שמכם המלא?", "ما اسمك الكامل؟"),
            question("phone", "phone", "מה מספר הטלפון שלכם?", "ما رقم هاتفك؟"),
        ],
    },
    {
        "id": "reach",
        "question": [
            question("email", "email", "מה כתובת הדוא״ל שלכם?", "ما عنوان بريدك الإلكتروني؟", required=False),
            question("home", "address", "איפה אתם גרים?", "أين تسكن؟"),
            question("anybody", "yes_no", "יש מישהו שאפשר להתקשר אליו?", "هل هناك من يمكننا الاتصال به؟"),
        ],
    },
    {
        "id": "who",
        "group": "contact",
        "question": [question("person", "person", "למי להתקשר?", "بمن نتصل؟")],
    },
    {
        "id": "may",
        "group": "contact",
        "question": [
            question(
                "may_call",
                "decision",
                "מותר לנו להתקשר אל האדם הזה במקרה חירום רפואי, גם אם זה באמצע הלילה?",
                "هل يمكننا الاتصال بهذا الشخص في حالة طبية طارئة، حتى في منتصف الليل؟",
                then=THEN,
            ),
            question(
                "may_worry",
                "decision",
                "מותר לנו לדבר איתו כשאנחנו מודאגים?",
                "هل يمكننا التحدث معه عندما نكون قلقين؟",
                then=THEN,
                when={"may_call": "allow"},
            ),
        ],
    },
    {
        "id": "rest",
        "title": words("פרטים נוספים", "تفاصيل أخرى"),
        "question": [
            question(
                "way",
                "choice",
                "איך נוח לכם?",
                "ما الطريقة الأنسب لك؟",
                options=[
                    option("call", "בטלפון", "بالهاتف"),
                    option("letter", "במכתב הביתה", "برسالة إلى البيت"),
                    option("person", "פנים אל פנים (בביקור)", "وجهًا لوجه (في الزيارة)"),
                ],
            ),
            question(
                "subjects",
                "choices",
                "על מה מותר לדבר?",
                "عن ماذا يمكننا أن نتحدث؟",
                options=[
                    option("dates", "תאריכי הביקורים", "مواعيد الزيارات"),
                    option("progress", "איך אתם מתקדמים", "كيف تتقدم"),
                    option("bills", "חשבונות וקבלות", "الفواتير والإيصالات"),
                ],
            ),
            question(
                "until",
                "date",
                "עד מתי?",
                "حتى متى؟",
                day="future",
                when={"client": {"age_from": "majority"}},
            ),
            question("doctor", "clinician", "מי הרופא או הרופאה שלכם?", "من طبيبك؟", required=False),
            question(
                "reason",
                "short_text",
                "מדוע?",
                "لماذا؟",
                when={"any": [{"until": {"after": "2027-04-30"}}, {"way": ["call", "letter"]}]},
            ),
            question("more", "long_text", "עוד משהו שחשוב לכם?", "هل هناك شيء آخر مهم؟", required=False),
            question("letters", "initials", "ראשי התיבות שלכם", "الأحرف الأولى من اسمك"),
            question("sign", "signature", "חתימה", "التوقيع"),
        ],
    },
]


def _grant(decision: str) -> dict[str, Any]:
    return {
        "decision": decision,
        "when": {decision: "allow"},
        "purpose": "emergency",
        "party": "person",
        "topics": ["has_visited"],
        "says": {"en": "that something happened"},
        "refused": {"en": "to be called"},
    }


@cache
def right_to_left() -> Form:
    """In both languages, with a group of two turns; a valid definition."""
    plain = {
        "id": "contacts",
        "version": 3,
        "languages": list(LANGUAGES),
        "minutes": 4,
        "order": 1,
        "title": words("אנשי קשר לשעת חירום", "جهات الاتصال في حالات الطوارئ"),
        "purpose": words("למי נתקשר.", "بمن نتصل."),
        "attest": words("בחתימתי אני מרשה את מה שכתוב כאן.", "بتوقيعي أسمح بما هو مكتوب هنا."),
        "take_back": words(
            "אפשר לחזור בכם בכל עת: אמרו לנו, או כתבו לנו.",
            "يمكنك التراجع في أي وقت: أخبرنا أو اكتب إلينا.",
        ),
        "group": {
            "contact": {
                "when": {"anybody": "yes"},
                "most": 2,
                "more": words("יש עוד מישהו?", "هل هناك شخص آخر؟"),
                "again": {"person": words("למי עוד להתקשר?", "بمن نتصل أيضًا؟")},
            }
        },
        "page": PAGES,
        "grant": [_grant("may_call"), _grant("may_worry")],
    }
    form = read_form("contacts.toml", plain)
    lint("contacts.toml", form)
    return form


def answers_in(lang: str) -> dict[str, Any]:
    """Every question answered, in letters and digits of both directions."""
    hebrew = lang == "he"
    return {
        "whole_name": "רוז ניברג" if hebrew else "روز نيبرغ",
        "phone": "+1 512 555 0100",
        "email": "rose@example.com",
        "home": {
            "street": "רחוב הרצל 12" if hebrew else "شارع النيل 12",
            "city": "Austin",
            "state": "TX",
            "postcode": "78701-2345",
        },
        "anybody": "yes",
        "person": {
            "name": "קירה ניברג" if hebrew else "كيرا نيبرغ",
            "relation": "בת" if hebrew else "ابنة",
            "phone": "512 555 0142",
            "email": "kira@example.com",
        },
        "may_call": "allow",
        "may_worry": "refuse",
        "contact_more": "yes",
        "person_2": {"name": "Joan Keller", "phone": "(512) 555-0177"},
        "may_call_2": "refuse",
        "contact_more_2": "no",
        "way": "letter",
        "subjects": ["dates", "bills"],
        "until": "2027-05-30",
        "doctor": {"name": "Dr. Amelia Ortiz", "fax": "512 555 0199"},
        "reason": "כי ככה, 3 פעמים" if hebrew else "لأن هذا أفضل، 3 مرات",
        "more": "שורה אחת\nשורה שנייה" if hebrew else "سطر أول\nسطر ثانٍ",
        "letters": "ר. נ." if hebrew else "ر. ن.",
    }
