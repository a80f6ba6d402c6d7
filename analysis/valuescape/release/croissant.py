"""Croissant metadata: what machines read of a data set before they load it.

The form is MLCommons Croissant 1.0, http://mlcommons.org/croissant/1.0 (Akhtar et al. 2024,
https://doi.org/10.1145/3650203.3663326).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valuescape.release.codebook import CodedTable, Column

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
DATA_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
}
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class Description:
    """What the metadata say of the whole.

    Attributes
    ----------
    name, title, about, version, date, license, cite_as, creator : str
        As in the citation file; the date is that of the version, the licence an address.
    collection, biases, limits, uses : str
        How the data came about, how they may mislead, what they cannot tell, what they are for.
    """

    name: str
    title: str
    about: str
    version: str
    date: str
    license: str
    cite_as: str
    creator: str
    collection: str
    biases: str
    limits: str
    uses: str


def croissant(said: Description, tables: Sequence[CodedTable], folder: Path) -> dict[str, Any]:
    """Describe the CSV files of a folder, one record set a table.

    Parameters
    ----------
    said : Description
        Name, licence and the rest of the whole.
    tables : sequence of CodedTable
        What the codebook says of each.
    folder : Path
        Holds ``csv/NAME.csv``; the checksums are of these files.

    Returns
    -------
    dict
        JSON-LD. References between tables stay in the codebook: readers of Croissant join what
        refers to each other.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": said.name,
        "alternateName": said.title,
        "description": said.about,
        "conformsTo": CONFORMS_TO,
        "license": said.license,
        "version": said.version,
        "datePublished": said.date,
        "citeAs": said.cite_as,
        "creator": {"@type": "sc:Organization", "name": said.creator},
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "rai:dataCollection": said.collection,
        "rai:dataBiases": said.biases,
        "rai:dataLimitations": said.limits,
        "rai:dataUseCases": said.uses,
        "distribution": [_file(table, folder) for table in tables],
        "recordSet": [_records(table) for table in tables],
    }


def _file(table: CodedTable, folder: Path) -> dict[str, Any]:
    content = (folder / "csv" / f"{table.name}.csv").read_bytes()
    return {
        "@type": "cr:FileObject",
        "@id": f"{table.name}.csv",
        "name": f"{table.name}.csv",
        "description": table.about,
        "contentUrl": f"csv/{table.name}.csv",
        "contentSize": f"{len(content)} B",
        "encodingFormat": "text/csv",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _records(table: CodedTable) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [_field(table, column) for column in table.columns],
    }


def _field(table: CodedTable, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.meaning,
        "dataType": DATA_TYPES[column.type],
        "source": {"fileObject": {"@id": f"{table.name}.csv"}, "extract": {"column": column.name}},
    }
