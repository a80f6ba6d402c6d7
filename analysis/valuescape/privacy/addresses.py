"""Where postal addresses stand in a text: words for streets, numbers, postal codes, towns."""

from __future__ import annotations

import re
from itertools import chain

from valuescape.privacy.finders import Finder

_EDGE = r"(?<![\w/.-])"
_UPPER = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĽŁŃŅŇŌŐŔŘŚŞŠŢŤŪŮŰŲŹŻŽΑ-ΩА-ЯЁІЇЄҐ]"
_CAP = rf"(?:{_UPPER}\w{{0,2}}\.|{_UPPER}[\w'’-]{{0,30}}+)"
_PARTICLE = (
    r"(?:de|del|di|da|do|dos|das|du|des|la|le|les|los|las|el|y|e|d'|l'|d’|l’|van|von|der|den|dem|"
    r"della|delle|dei|degli|dell'|dell’|dell|sur|et|am|an|im)"
)
_NAMED = rf"(?:(?:{_PARTICLE} ?){{0,3}}(?:{_CAP}|\d{{1,2}}(?= de ))[ ,]?){{1,5}}"
_NUMBER = r"\d{1,5}[a-zA-Z]?(?:[-/]\d{1,4}[a-zA-Z]?)?(?![\w%°]|[.,]\d)"

_ZIP = (
    r"(?:(?:[A-Z]{1,2}-)?"
    r"(?:\d{5}-\d{3,4}|\d{4}-\d{3}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} [A-Z]{2}|\d{4,6})"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\w)"
)
_UNIT = (
    r"(?i:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|block|bus|bis|app|appt|piso|depto|esc|"
    r"int|tür|top|st(?:oc)?k|etage|lok|kv|kw|m|d|кв|корп|стр|этаж|no|nr|n[º°])"
    r"(?:\.? |\.|\.? ?#)\w{1,6}"
    r"|\d{1,2}[ºª°](?: [A-Z](?!\w))?|#\w{1,5}(?:-\w{1,5})?"
)
_PLACE = rf"{_UPPER}[^\W\d_]{{0,30}}+(?:['’-][^\W\d_]{{1,30}}+){{0,3}}(?!\w)"
_TOWN = rf"(?:(?:Co|St|Ste)\. )?{_PLACE}(?: (?:{_PARTICLE} )?{_PLACE}){{0,3}}"
_TAIL = rf"(?:(?:,? ?(?:{_UNIT})|,? {_ZIP}(?:,? {_TOWN})?|, ?{_TOWN}(?:,? {_ZIP})?)){{0,5}}"

_ENGLISH = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Place|Pl|Square|Sq|"
    r"Terrace|Terr|Crescent|Cres|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Close|Mews|Gardens|"
    r"Gdns|Grove|Way|Hill|Row|Walk|Wharf|Quay|Rise|Heights|Alley|Parade|Esplanade|Green|Loop|"
    r"street|road|avenue|lane|drive|court|boulevard|square|terrace|crescent|st|rd|ave|ln|blvd)"
)
_GERMANIC = (
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|damm|ufer|markt|ring|straat|laan|gracht|kade|"
    r"plein|dreef|singel|gatan|gata|vägen|vej|veien|gade|gränd|katu|kuja)"
)
_PREPOSED = (
    r"(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Zum|Zur|Unter den|Unter der|Hinter der|"
    r"Vor dem)"
)
_FRENCH = (
    r"(?:rue|avenue|av\.|boulevard|bd|bld|place|pl\.|chemin|impasse|quai|all[ée]e|cours|route|"
    r"square|passage|villa|faubourg|Rue|Avenue|Boulevard|Place|Chemin|Impasse|Quai|All[ée]e|Route)"
)
_ROMANCE = (
    r"(?:[Cc]alle|C/|c/|[Aa]venida|[Aa]vda\.?|Av\.|[Pp]laza|Pza\.|[Pp]aseo|[Cc]arrer|[Cc]arrera|"
    r"[Cc]amino|[Rr]onda|[Rr]ambla|[Rr]ua|R\.|[Tt]ravessa|[Pp]ra[çc]a|[Ll]argo|[Aa]lameda|[Ee]strada|"
    r"[Vv]ia|[Vv]iale|V\.le|[Pp]iazza|P\.za|[Cc]orso|[Vv]icolo|[Ss]trada|Bulevardul|Str\.)"
)
_SLAVIC = (
    r"(?:ul\.|ulica|ulice|al\.|aleja|os\.|pl\.|plac|nám\.|tř\.|ул\.|улица|пр\.|просп\.|проспект|"
    r"пр-т|пер\.|переулок|пл\.|площадь|наб\.|бул\.|вул\.|бульвар)"
)
_AFTER = (
    r"(?:utca|út|útja|tér|körút|náměstí|ulice|třída|Caddesi|Cad\.|Sokak|Sokağı|Sok\.|Bulvarı|"
    r"Mahallesi|улица|ул\.|проспект|переулок|Street|gate|tie|Strand|allé|Allé)"
)
_HAN, _KANA, _HANGUL = r"\u4e00-\u9fff", r"\u3040-\u30ff", r"\uac00-\ud7a3"
_SAID = r"(?: ?(?:No|Nr|[nN]\.?[ºo°]|д|дом)[:.]{0,2})?"

_STREETS = (
    rf"(?:(?:Flat|Apt|Unit|Suite) \w{{1,5}},? )?{_NUMBER},? (?:[A-Z\d][\w'’.-]{{0,30}}+ ){{1,4}}"
    rf"{_ENGLISH}(?![\w'’-])\.?(?: [NESW]{{1,2}}(?!\w))?",
    rf"{_PREPOSED} (?:{_CAP} ){{1,3}}{_NUMBER}",
    rf"(?:(?:Alte|Neue|Große|Kleine|Obere|Untere|{_CAP}) )?"
    rf"{_UPPER}?[^\W\d_]{{2,30}}?-?{_GERMANIC} {_NUMBER}",
    rf"(?:{_CAP}[ -]){{1,3}}(?:Stra(?:ß|ss)e|Weg|Platz|Allee|Ring|Damm|Ufer) {_NUMBER}",
    rf"{_NUMBER}(?:,? (?:bis|ter|quater))?,? {_FRENCH} {_NAMED}",
    rf"{_ROMANCE} ?{_NAMED}{_SAID} ?{_NUMBER}",
    rf"{_SLAVIC} ?(?:{_CAP} ?){{1,4}},?{_SAID} ?{_NUMBER}",
    rf"(?:{_CAP} ){{1,3}}{_AFTER},?{_SAID} {_NUMBER}\.?",
)
_WITH_CODE = (
    rf"(?:{_CAP} ){{1,4}}{_NUMBER}, ?(?!(?:1[89]|20)\d\d(?!\d)){_ZIP},? {_TOWN}",
    rf"{_NUMBER} (?:{_CAP} ){{1,4}}?{_CAP},? {_TOWN},? {_ZIP}",
)
_OTHER = (
    rf"(?i:p\.? ?o\.? ?box|postfach|postbus|postboks|apartado(?: de correos)?|bo[iî]te postale|"
    rf"caixa postal|casella postale) ?\d{{1,7}}(?!\w){_TAIL}",
    r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)",
)
_EAST_ASIAN = (
    rf"(?:東京都|北海道|京都府|大阪府|[{_HAN}]{{2,3}}県)[{_HAN}{_KANA}]{{1,20}}?"
    r"\d{1,4}(?:[-−‐丁目番地号]{1,3}+\d{1,4}){0,3}号?",
    rf"[{_HAN}]{{2,8}}?(?:省|市|区|县)[{_HAN}]{{0,20}}?(?:路|街|道|巷|弄|胡同)\d{{1,5}}(?:号|弄)"
    rf"(?:[{_HAN}\d]{{0,12}}?(?:室|楼|单元|栋))?",
    rf"(?:[{_HANGUL}]{{1,8}}(?:특별시|광역시|시|도|군|구|읍|면|동) ){{1,4}}"
    rf"[{_HANGUL}\d]{{1,12}}(?:로|길) "
    r"?\d{1,4}(?:-\d{1,4})?",
)
_PATTERNS = chain(
    (_EDGE + street + _TAIL for street in _STREETS),
    (_EDGE + pattern for pattern in (*_WITH_CODE, *_OTHER)),
    _EAST_ASIAN,
)
_DIGIT = re.compile(r"\d")
ADDRESSES: tuple[Finder, ...] = tuple(
    Finder("address", re.compile(pattern), gate=_DIGIT) for pattern in _PATTERNS
)
"""Finders of postal addresses: streets as European languages write them, with what follows; a
street without such a word where a postal code and a town follow; boxes; East Asian addresses."""
