"""The suite catches a manifest that is not complete, and says what to do."""

from pathlib import Path

import pytest

from tests.testing.spoiling import failure_of, spoil

CHECK = "test_the_registry_loads_it_and_the_manifest_is_complete"
FIELDS = 'fields=(KeyField(name="apiKey", label="Key", secret=True),),'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name="Shelf"', 'name=" "', "manifest.name is empty"),
        ('category="documents"', 'category=""', "manifest.category is empty"),
        ("https://library.example/docs", "https://library.example/?a=b", "docs_url must be"),
        ("https://api.library", "http://api.library", "The registry refuses it"),
        ('id="shelf"', 'id="books"', "The registry refuses it"),
        ('"book": _NUMBER', '"volume": _NUMBER', "has the parameter 'book'"),
        ("library:create_app", "library:create_nothing", "cannot be imported"),
        ("library:create_app", "library:TOKEN", "must be a function"),
        (
            '        sandbox="tests.testing.library:create_app",\n',
            "",
            "manifest.sandbox is missing",
        ),
        ("config_model=NoFields", "config_model=BaseModel", "config_model (BaseModel) takes"),
        ("config_model=NoFields", "settings_model=BaseModel", "settings_model (BaseModel) takes"),
        (FIELDS, "", "needs a field apiKey"),
        ("secret=True", "secret=False", "must be secret=True"),
        ('label="Key",\n                fields', 'label="",\n                fields', "a label"),
        (FIELDS, f'{FIELDS}\n signs="header", header=" ",', "signs by header"),
        (FIELDS, FIELDS.replace("),),", "),) * 2,"), "repeats a field"),
        (
            FIELDS,
            FIELDS.replace("),),", '), KeyField(name="config.site", label="S", secret=False)),'),
            "config_model does not know",
        ),
        (
            'scopes=("notes:write",),\n            ),',
            'scopes=("notes:wirte",),\n            ),',
            "tools shelf_write_note needs the scope 'notes:wirte', which manifest.scopes lacks",
        ),
        (
            '_NUMBER = re.compile(r"[0-9]{1,9}")',
            '_NUMBER = re.compile(".*")',
            "(.*) takes anything",
        ),
        ("[0-9]{1,9}", "[^/]+", "path_patterns['shelf'] ([^/]+) takes anything"),
    ],
)
async def test_a_manifest_that_is_wrong_is_named(
    folder: Path, old: str, new: str, said: str
) -> None:
    imported = ("import re\n", "import re\n\nfrom pydantic import BaseModel\n")
    assert said in await failure_of(spoil(folder, imported, (old, new)), CHECK)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<svg", "GIF89a", "is no SVG"),
        ("<rect", "<script>alert(1)</script><rect", "holds script"),
        ("<rect", '<rect onclick="alert(1)"', "holds script"),
    ],
)
async def test_an_icon_that_is_wrong_is_named(folder: Path, old: str, new: str, said: str) -> None:
    assert said in await failure_of(spoil(folder, (old, new), file="icon.svg"), CHECK)


async def test_an_auth_method_that_is_not_there_is_named(folder: Path) -> None:
    suite = spoil(folder)
    type(suite).auth_method = "oauth2"
    assert "'oauth2' is not one of" in await failure_of(suite, CHECK)
