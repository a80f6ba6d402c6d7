"""Invented sentences with planted personal data, and sentences that only look as if they had some.

Every person, address and number here is made up; numbers come from ranges kept for fiction or are
drawn at random with a right check digit.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from valuescape.privacy.checks import IBAN_LENGTHS
from valuescape.privacy.finders import Kind

Draw = Callable[[np.random.Generator], str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with the one datum planted in it; no kind where there is none."""

    text: str
    kind: Kind | None
    item: str


FIRST = [
    "Ana",
    "Bode",
    "Chiara",
    "Dmitri",
    "Eun",
    "Farida",
    "Goran",
    "Hanako",
    "José",
    "Łucja",
    "Måns",
    "Zoë",
]
LAST = ["Adeyemi", "Bergström", "Castillo", "Dubois", "Fernández", "Grünwald", "Haddad", "Kowalska"]
LAST += ["O'Neill", "van der Berg", "de la Cruz", "Smith-Jones", "Quispe"]


def digits(rng: np.random.Generator, n: int) -> str:
    return "".join(map(str, rng.integers(0, 10, n)))


def filled(rng: np.random.Generator, form: str) -> str:
    """Replace # by a digit, % by one from 2 to 9, {f} and {l} by names."""
    text = "".join(
        str(rng.integers(0, 10)) if c == "#" else str(rng.integers(2, 10)) if c == "%" else c
        for c in form
    )
    first, last = str(rng.choice(FIRST)), str(rng.choice(LAST))
    return text.replace("{f}", first).replace("{l}", last)


def card(rng: np.random.Generator) -> str:
    first, length = [("4", 16), ("51", 16), ("37", 15), ("6011", 16), ("2221", 16)][rng.integers(5)]
    body = first + digits(rng, length - len(first) - 1)
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    number = body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
    step = str(rng.choice(["", " ", "-"]))
    return step.join(number[i : i + 4] for i in range(0, length, 4))


def iban(rng: np.random.Generator) -> str:
    country = str(rng.choice(["GB", "DE", "FR", "NL", "ES", "PL", "SA", "BR"]))
    body = digits(rng, IBAN_LENGTHS[country] - 4)
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    whole = f"{country}{98 - number % 97:02d}{body}"
    if rng.random() < 0.5:
        whole = " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
    return whole.lower() if rng.random() < 0.2 else whole


def ip(rng: np.random.Generator) -> str:
    if rng.random() < 0.6:
        return ".".join(map(str, [*rng.integers(11, 120, 1), *rng.integers(0, 256, 3)]))
    groups = [f"{g:x}" for g in rng.integers(1, 65536, 7)]
    full = "2001:" + ":".join(groups)
    return full if rng.random() < 0.5 else "2001:db8::" + ":".join(groups[:2])


def form(*forms: str) -> Draw:
    return lambda rng: filled(rng, str(rng.choice(forms)))


def email(rng: np.random.Generator) -> str:
    local = str(rng.choice(["jo.{f}", "{f}_##", "info+{f}", "x", "m.{f}-##", "{f}"]))
    host = str(rng.choice(["example.org", "mail.example.co.uk", "büro.example.de", "a-b.test"]))
    at = str(rng.choice(["@", "@", "@", " [at] ", "(at)"]))
    return filled(rng, local) + at + host


PHONES = {
    "international": form("+44 20 7946 0###", "+1-%##-555-01##", "0049 30 1#######", "+33 6 39 98 ## ##",
                          "+91 98### #####", "+81-3-####-####", "+5511 9####-####", "+86 138 #### ####"),
    "north_american": form("(%##) 555-01##", "%##-555-01##", "1-%##-555-01##", "%##.555.01##"),
    "european": form("020 7946 0###", "06 39 98 ## ##", "030/1######", "0171-#######", "01632 960###",
                     "(0##) ### ####"),
    "plain_with_cue": form("6########", "%##55501##", "5550###"),
}  # fmt: skip
ADDRESSES = {
    "english": form("%## Oak Tree Lane, Springfield, IL 6####", "## Elm St.", "%# Baker Close, Leeds LS# %AB",
                    "1%## N. Harbor Blvd Apt %B, Reno, NV 89###", "P.O. Box ###"),
    "german_dutch": form("Lindenstraße ##, 1#### Berlin", "Am Alten Weg %", "Kerkstraat ##a, 10## AB Utrecht",
                         "Bahnhofplatz %", "Gartenstr. 1#"),
    "french": form("1# rue des Lilas, 7500# Paris", "% bis avenue du Lac, 6900# Lyon"),
    "southern": form("Calle Mayor %#, 280## Madrid", "Via Garibaldi %, 001## Roma", "Rua das Flores, n.º 1#"),
}  # fmt: skip
FULL = form("{f} {l}", "{f} {l}", "{f}")
KINDS: dict[str, tuple[Kind, Draw, tuple[str, ...]]] = {
    "email": ("email", email, ("Write to {} today.", "Mail: {}", "Use <{}>, please", "{}")),
    "card": ("card", card, ("My card is {}.", "Pay with {} until 2027", "No. {}, code 123")),
    "iban": ("iban", iban, ("Send it to {} please.", "IBAN: {}", "Konto {} bei der Bank")),
    "ip": ("ip", ip, ("Blocked {} today.", "host {}, port 22", "from {}\n")),
    "url_userinfo": ("url_credentials", form("bo:se%#cret", "{f}:p%w%", "deploy:x-%%"),
                     ("git clone https://{}@git.example/r.git", "ftp://{}@files.example.com/a")),
    "url_query": ("url_credentials", form("a%%b%c%", "tok_##%%##"),
                  ("https://a.example/x?token={}", "https://b.example/?q=1&api_key={}&p=2")),
    **{f"phone_{k}": ("phone", d, ("Call me at {} tonight.", "My phone number is {}.", "Tel. {}")
                      if k == "plain_with_cue" else ("Reach us on {} now.", "{} is mine.", "({})"))
       for k, d in PHONES.items()},
    **{f"address_{k}": ("address", d, ("I live at {}.", "Send it to {}, thanks.", "{}"))
       for k, d in ADDRESSES.items()},
    "name_stated": ("name", FULL, ("My name is {}.", "hi, i am called {}, and you?", "Je m'appelle {}.",
                                   "Ich heiße {} und wohne hier.", "me llamo {}", "I'm {}, a nurse.")),
    "name_titled": ("name", form("{l}", "{f} {l}"), ("Dr. {} said no.", "ask Mrs {} again",
                                                     "Sehr geehrte Frau {}, danke", "Señora {} vino.")),
    "name_letter": ("name", FULL, ("Dear {},\nthank you.", "Hi {},\nwell done", "Best regards,\n{}",
                                   "Name: {}\nAge: 40")),
}  # fmt: skip
LOOKALIKES = (
    "Version 10.4.2 came on 2024-03-15 at 12:30:45.", "ISBN 978-0-306-40615-7 costs $1,234,567.89",
    "pi is 3.14159265358979 and e is 2.718281828", "Set x = 1234567890123456 in the loop.",
    "Between 1999 and 2003 there were 100 000 000 cases.", "Use std::vector<int> and a::b::c here.",
    "order 2023-0012345 of 01/02/2024, 10:15", "ratio 16:9 at 1920x1080, 127.0.0.1 is me",
    "I am happy, and this is fine.", "I'm American, and I am sorry.", "Dear all,\nthe name is taken.",
    "Dear Sir or Madam,\nhello", "The street was long; 3 drives failed.", "We ran 42 Monte Carlo Way-points",
    "git@v1.2 is a tag; twitter @someone said so", "mail me at noon, meet at 7", "rgb(255, 200, 100)",
    "matrix [[1, 2], [3, 4]] and 0.5e-10", "phone 15 Pro costs 999", "He ran 100 m in 9.58 s on 16.08.2009.",
    "GB is a country; DE 12 is a road", "https://example.org/a?page=2&sort=asc", "IPv6 is like ::1 or fe",
    "room 101, 2nd floor", "The way forward: 5 steps", "call 911", "tel aviv is a city",
    "Best wishes,\nand so on to all", "This is Python, a language.", "from: here to there",
    "1. First 2. Second 3. Third", "sha 4f3a9b2c1d0e", "SKU 4111-2222-3333-4445", "0.1 0.22 0.333 0.4444",
    "Place 4 tables in the hall 12", "rue the day, 5 route changes", "Avenue 5 and a plaza",
)  # fmt: skip


def corpus(n: int = 60, seed: int = 7) -> dict[str, list[Planted]]:
    """Return ``n`` sentences a sort of datum, and the lookalikes."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[Planted]] = {}
    for sort, (kind, draw, carriers) in KINDS.items():
        rows = []
        for i in range(n):
            item = draw(rng)
            rows.append(Planted(carriers[i % len(carriers)].format(item), kind, item))
        found[sort] = rows
    found["lookalike"] = [Planted(text, None, "") for text in LOOKALIKES]
    return found
