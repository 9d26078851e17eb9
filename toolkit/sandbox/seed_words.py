"""Words the seeded world is made of: several scripts, so that text handling is exercised."""

from __future__ import annotations

from typing import Final

# (first names, last names), each with the Latin form its e-mail address is made of.
_LATIN: Final = (
    ("Ada ada", "Amélie amelie", "Björn bjorn", "Chloë chloe", "Diego diego", "Élodie elodie"),
    ("Okafor okafor", "Müller muller", "O'Neil oneil", "García garcia", "Smith smith"),
)
_LATIN_2: Final = (
    ("Grace grace", "Hugo hugo", "Inès ines", "Jean-Luc jean.luc", "Łucja lucja", "Zoë zoe"),
    ("van Dijk vandijk", "Dupont dupont", "Nuñez nunez", "Šimek simek", "Lee lee"),
)
# A combining acute accent and a combining diaeresis: not the same bytes as the composed letters.
_COMBINING: Final = (
    ("Jose\u0301 jose", "Noe\u0308l noel", "Rene\u0301e renee"),
    ("Pe\u0301rez perez", "Bla\u0308ck black"),
)
_CYRILLIC: Final = (
    ("Анна anna", "Борис boris", "Ольга olga", "Сергій serhii"),
    ("Иванова ivanova", "Шевченко shevchenko", "Петров petrov"),
)
_GREEK: Final = (
    ("Ελένη eleni", "Γιώργος giorgos", "Σοφία sofia"),
    ("Παπαδόπουλος papadopoulos", "Νικολάου nikolaou"),
)
_ARABIC: Final = (("ليلى layla", "عمر omar", "فاطمة fatima"), ("حداد haddad", "المصري almasri"))
_HEBREW: Final = (("נועה noa", "דוד david", "מרים miriam"), ("כהן cohen", "לוי levi"))
_CJK: Final = (
    ("美咲 misaki", "伟 wei", "지우 jiwoo", "さくら sakura"),
    ("佐藤 sato", "王 wang", "김 kim", "高橋 takahashi"),
)
_DEVANAGARI: Final = (("प्रिया priya", "अर्जुन arjun"), ("शर्मा sharma", "सिंह singh"))
_EMOJI: Final = (("Robin 🦊 robin", "Mika 👩‍🚀 mika"), ("Sky sky", "River 🌊 river"))


def _pairs(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    split = (word.rpartition(" ") for word in words)
    return tuple((native, latin) for native, _, latin in split)


# Latin appears four times: most customers of one location share a script, a few do not.
NAMES: Final = tuple(
    (_pairs(first), _pairs(last))
    for first, last in (
        _LATIN,
        _LATIN,
        _LATIN_2,
        _LATIN_2,
        _COMBINING,
        _CYRILLIC,
        _GREEK,
        _ARABIC,
        _HEBREW,
        _CJK,
        _DEVANAGARI,
        _EMOJI,
    )
)

PLACES: Final = (
    ("Paris", "FR"),
    ("Lyon", "FR"),
    ("Zürich", "CH"),
    ("Αθήνα", "GR"),
    ("Київ", "UA"),
    ("القاهرة", "EG"),
    ("תל אביב", "IL"),
    ("東京", "JP"),
    ("मुंबई", "IN"),
    ("Austin", "US"),
    ("São Paulo", "BR"),
    ("Reykjavík", "IS"),
)
COMPANIES: Final = (
    "Harbor Tea",
    "Café Öst",
    "Blue Heron Studio",
    "北星工業",
    "Καφέ Ήλιος",
    "مخبز النيل",
    "Fjord & Fell",
    'Nord "Sud" GmbH',
    "Été, Hiver & Cie",
    "Rocket 🚀 Labs",
    "Садовник",
    "Old Mill Bakery",
)
SOURCES: Final = ("website", "referral", "trade fair", "newsletter", "cold call")
PLANS: Final = ("Free", "Basic", "Pro", "Enterprise")
STAGES: Final = ("lead", "prospect", "customer", "churned")
TAGS: Final = (
    "vip",
    "newsletter",
    "événement 2026",
    "late payer",
    "partner",
    "重要",
    "beta 🧪",
)
OWNERS: Final = (
    ("Nora", "Lindqvist"),
    ("Tomás", "Ibáñez"),
    ("Mei", "陳"),
    ("Yusuf", "Demir"),
    ("Claire", "Beaumont"),
)
TASK_TITLES: Final = (
    "Call back",
    "Send the quote",
    "Préparer le contrat",
    "Проверить счёт",
    "発注書を確認する",
    "إرسال العرض",
    "Renewal 🔁",
    "Check address; then <reply> & close",
)
TASK_BODIES: Final = (
    None,
    "",
    "Asked for a call after lunch.",
    "Deux lignes :\n- prix\n- délai",
    "שורה אחת בעברית, then English",
    'Quotes "inside" and a back\\slash',
)
NOTE_BODIES: Final = (
    "Met at the fair, wants the spring catalogue.",
    "Préfère être appelée le matin.\nPas le mercredi.",
    "מעדיף דואר אלקטרוני",
    "يفضل التواصل عبر البريد",
    "電話より メール 希望 📧",
    "Ещё раз уточнить цену, 10 % discount?",
    "<b>Not bold</b> & not a tag; tab\there",
    "नमूना भेजना है",
)
MEETINGS: Final = (
    "Introduction",
    "Démo produit",
    "Contract review",
    "年間レビュー",
    "Check-in ☕",
)
