"""Names of persons, by the words that introduce them; then wherever else they stand.

Without a model a name is known only by what stands before it: "my name is", "Dear", "Mrs". A name
found so is hidden in the whole conversation, unless it is also an ordinary word there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from valuescape.privacy.finders import Span

_INITIAL = r"[^\W\d_]{1,2}\.(?= ?[^\W\d_])"
_PART = rf"(?:{_INITIAL}|[^\W\d_](?:[^\W\d_]|['’‐-](?=[^\W\d_])){{0,30}}+)"
_NAME = rf"(?P<name>{_PART}(?: {_PART}){{0,4}})"
_STATED = (
    r"my (?:(?:full|first|last|real|middle) )?name is|name'?s|i am called|(?:people )?call me|"
    r"(?:his|her|their) name is|signed by|"
    r"je m'appelle|je m’appelle|mon nom est|ich hei(?:ß|ss)e|mein name ist|me llamo|mi nombre es|"
    r"mi chiamo|il mio nome è|meu nome é|me chamo|ik heet|mijn naam is|nazywam się|jag heter|"
    r"jeg heter|jeg hedder|nimeni on|jmenuji se|a nevem|adım|меня зовут|мене звати"
)
_KIN = (
    r"husband|wife|spouse|partner|boyfriend|girlfriend|bf|gf|fianc[ée]e?|ex|ex-wife|ex-husband|"
    r"mother|mom|mum|father|dad|parents|son|daughter|child|kid|brother|sister|siblings?|twin|"
    r"cousin|uncle|aunt|auntie|nephew|niece|grandma|grandpa|grandmother|grandfather|stepson|"
    r"stepdaughter|stepmother|stepfather|(?:mother|father|sister|brother)-in-law|friend|buddy|"
    r"mate|boss|manager|supervisor|co-?worker|colleague|neighbou?r|room-?mate|flat-?mate|"
    r"house-?mate|classmate|landlord|landlady|tenant|teacher|tutor|student|therapist|client|"
    r"patient|assistant|crush|date"
)
_TITLES = (
    r"(?:Mrs?|Ms|Mx|Dr|Prof|Professor|Miss|Herrn?|Frau|Mme|Mlle|Sra?|Srta|Señora?|Dott|Dottoressa|"
    r"Sig|Signora?|Monsieur|Madame|Mevrouw|Dhr|Pani?|Rev|Officer|Coach|Nurse)"
)
_CUES = (
    rf"(?<!\w)(?i:{_STATED}):? {_NAME}",
    rf"(?<!\w)(?i:(?:full |first |last |sur|middle |maiden |nick)?name|nom|pr[ée]nom|nombre|"
    rf"vorname|nachname|nome|imię|имя|signed|from|attn|patient|client)\s?: ?{_NAME}",
    rf"(?<!\w){_TITLES}\.? (?:{_TITLES}\.? ){{0,2}}{_NAME}",
    rf"(?<!\w)(?i:my|our|his|her|their) (?:[a-z-]{{2,12}} ){{0,2}}(?i:{_KIN}),? "
    rf"(?:(?:is |was )?(?:called|named) )?{_NAME}",
    rf"(?:^|(?<=\n))[ \t]{{0,8}}(?i:dear|hi|hello|hey|cher|chère|liebe|lieber|querid[oa]|"
    rf"estimad[oa]|car[oa]|bonjour|hola|kære|hej|beste|drogi|droga) {_NAME}(?=\s{{0,3}}[,!:\n])",
    r"(?:我叫|我的名字是|我是)(?P<name>[\u4e00-\u9fff]{2,3})(?=[,，。.!！、 \n]|$)",
    r"(?:私の名前は|私は)(?P<name>[\u4e00-\u9fff]{2,5})(?=です|と申し)",
    r"(?:제 이름은|저는) ?(?P<name>[\uac00-\ud7a3]{2,4})(?=입니다|이에요|예요|이라고)",
)
_CLOSING = re.compile(
    r"(?i)\b(?:best|regards|sincerely|wishes|cheers|thanks|yours|truly|faithfully|love|"
    r"cordialement|gr(?:ü|ue)(?:ß|ss)en?|saludos|saluti|atenciosamente|groet(?:en)?|hilsen)"
    r",?!?[ \t]{0,8}\n{0,2}$"
)
_SIGNED = re.compile(rf"\n[ \t]{{0,8}}(?:[-–—~] ?)?{_NAME}(?=[ \t]{{0,8}}(?:\n|$))")
_CLOSING_LENGTH = 32
_INTRODUCED = re.compile(
    rf"(?<!\w)(?:I'm|I’m|I am|[Tt]his is|[Ss]oy|[Ss]ou o|[Ss]ou a|[Jj]e suis|[Ss]ono) {_NAME}"
)
_GOES_ON = re.compile(
    r"[,.!](?! (?:he|she|they|we|I|said)(?!\w))|$|\n"
    r"| (?:speaking|here|from|and|calling|de|di|und|et)(?!\w)"
)
_SMALL = re.compile(
    r"(?<!\w)(?i:(?:hi|hello|hey)?,? ?my name is) (?P<name>[^\W\d_]{3,20}+)(?= and | i |[,.!\n]|$)"
)
_PATTERNS = tuple(re.compile(cue) for cue in _CUES)
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|['’‐-](?=[^\W\d_])){0,60}+")
_BETWEEN_SPACES = re.compile(r"[^ ]++")
_POSSESSIVE = re.compile(r"['’]s$")
_PARTICLES = frozenset(
    re.findall(r"\w+", "al bin da de del della den der di do dos du el ibn la le van von y zu")
)
_NO_NAMES = """
    name email card iban ip phone address url credentials
    african american asian australian british buddhist canadian catholic chinese christian
    dutch english european french german glad greek happy hindu indian irish italian japanese
    jewish korean mexican muslim polish russian sorry spanish swedish turkish
    afraid annoyed anxious bored calm confused curious depressed determined diary excited gay
    grateful honest hopeful interested jealous lost lucky nervous ok okay pleased proud queer ready
    sad scared shocked single sick straight stuck surprised thankful tired trans unsure upset
    worried wrong bot python java javascript rust google microsoft openai reddit twitter facebook
    spam god jesus christ heaven hell earth
    a ai all and anyone april assistant august bot chatgpt claude customer december doctor dr
    everybody everyone february folks friday friend friends gpt guest guys he here hiring i it
    january july june lord ma'am madam manager march may me monday mr mrs ms my name no november
    october prof recruiter reader santa saturday september she sir someone sunday sure team the
    there they this thursday tuesday user wednesday we world yes you your
"""
_NEVER = frozenset(re.findall(r"\S+", _NO_NAMES))
_NOT_SMALL = frozenset(
    re.findall(
        r"\w+",
        "also another being common easy famous first fine funny gone hard here hidden irrelevant "
        "it known last like listed long mentioned misspelled missing mud my not okay private "
        "public rare real same secret short spelled spelt taken that there this too "
        "unimportant unknown unusual used very what wrong",
    )
)


def stated_names(text: str) -> Iterator[Span]:
    """Yield where a word of introduction is followed by a name.

    Examples
    --------
    >>> text = "Dr. Ana Soto said so."
    >>> [text[a:b] for a, b in stated_names(text)]
    ['Ana Soto']
    """
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            length = _name_length(match["name"])
            if length:
                start = match.start("name")
                yield start, start + length
    for match in _SIGNED.finditer(text):
        start, length = match.start("name"), _name_length(match["name"])
        before = text[max(0, match.start() - _CLOSING_LENGTH) : match.start()]
        if length and _CLOSING.search(before):
            yield start, start + length
    for match in _INTRODUCED.finditer(text):
        start, length = match.start("name"), _name_length(match["name"])
        if length and _GOES_ON.match(text, start + length):
            yield start, start + length
    for match in _SMALL.finditer(text):
        word = match["name"].lower()
        if word not in _NEVER and word not in _NOT_SMALL:
            yield match.span("name")


def _name_length(candidate: str) -> int:
    """Characters of the candidate's beginning that are a name: capitalised words, particles."""
    end = 0
    for match in _BETWEEN_SPACES.finditer(candidate):
        word = match.group().rstrip(".")
        if word.lower() in _NEVER or not (_capitalised(word) or word in _PARTICLES):
            break
        if _capitalised(word):
            end = match.start() + len(_POSSESSIVE.sub("", word))
            if word != _POSSESSIVE.sub("", word):
                break
    return end


def _capitalised(word: str) -> bool:
    """Say whether a word begins as names do, in scripts with capitals or without them."""
    return not word[0].islower()


def name_spans(texts: Sequence[str]) -> list[list[Span]]:
    """Return where names stand in the turns of one conversation, neighbours joined.

    A name that a turn states is hidden in every turn, except words of it that are short or also
    stand in small letters.

    Parameters
    ----------
    texts : sequence of str
        The turns.

    Returns
    -------
    list of list of tuple of int
        Disjoint spans of each turn, in order.

    Examples
    --------
    >>> text = "My name is Ana Soto. Ask Ana's mother."
    >>> [text[a:b] for a, b in name_spans([text])[0]]
    ['Ana Soto', 'Ana']
    """
    stated = [list(stated_names(text)) for text in texts]
    words = _telling_words(texts, stated)
    if not words:
        return [_joined(spans, text) for spans, text in zip(stated, texts, strict=True)]
    return [
        _joined([*spans, *_known(text, words)], text)
        for spans, text in zip(stated, texts, strict=True)
    ]


def _telling_words(texts: Sequence[str], stated: Sequence[Sequence[Span]]) -> frozenset[str]:
    """Return the words of stated names that are no ordinary words of the conversation."""
    found = {
        word.group()
        for text, spans in zip(texts, stated, strict=True)
        for start, end in spans
        for word in _WORDS.finditer(text[start:end])
        if word.group() not in _PARTICLES
    }
    if not found:
        return frozenset()
    small = {w.group() for text in texts for w in _WORDS.finditer(text) if w.group()[0].islower()}
    told = {word.capitalize() for word in found if word.isascii() and word.islower()}
    return frozenset(told) | {word for word in found if _telling(word, small)}


def _telling(word: str, small: set[str]) -> bool:
    """Say whether a word of a name is long enough, and no ordinary word of the conversation."""
    if word == word.lower():
        return len(word) >= 2 and not word.isascii()
    return len(word) >= 3 and word.lower() not in small


def _known(text: str, words: frozenset[str]) -> Iterator[Span]:
    for match in _WORDS.finditer(text):
        word = _POSSESSIVE.sub("", match.group())
        if word in words:
            yield match.start(), match.start() + len(word)


def _joined(spans: list[Span], text: str) -> list[Span]:
    """Join spans that overlap or are parted by one space."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and (start <= found[-1][1] or text[found[-1][1] : start] == " "):
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
