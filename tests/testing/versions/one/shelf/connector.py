"""A connector of version 1 of the plugin interface, with what the suite has asked of all since."""

import re

from msgspec import Struct

from src.connectors.base import BrowsesComments, Identity, refuse_filters
from src.connectors.manifest import AuthKind, AuthMethod, KeyField, Manifest, NoFields
from src.connectors.rest.client import Dialect, List
from src.connectors.rest.paginators import LinkHeader
from src.models.connection import Account
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from src.models.unified import Comment, Container, Item, Page

PAGES = LinkHeader()
_NUMBER = re.compile(r"[0-9]{1,9}")
_NO_FILTER = "The library has no such filter."


class User(Struct):
    id: int
    name: str


class Shelf(Struct):
    number: int
    name: str


class Book(Struct):
    number: int
    title: str
    url: str
    text: str


class Note(Struct):
    number: int
    text: str


def to_container(shelf: Shelf) -> Container:
    return Container(id=f"shelf:{shelf.number}", type="shelf", name=shelf.name)


SHELVES = List("/shelves", Shelf, PAGES)
BOOKS = List("/shelves/{shelf}/books", Book, PAGES)
NOTES = List("/shelves/{shelf}/books/{book}/notes", Note, PAGES)


class ShelfConnector(BrowsesComments):
    manifest = Manifest(
        id="shelf",
        version="1.0.0",
        name="Shelf",
        description="Books on shelves.",
        category="documents",
        docs_url="https://library.example/docs",
        api_url="https://api.library.example",
        auth_methods=(
            AuthMethod(
                id="key",
                kind=AuthKind.API_KEY,
                label="Key",
                fields=(KeyField(name="apiKey", label="Key", secret=True),),
            ),
        ),
        config_model=NoFields,
        dialect=Dialect(path_patterns={"shelf": _NUMBER, "book": _NUMBER}),
        sandbox="tests.testing.library:create_app",
    )

    async def identify(self) -> Identity:
        user = await self.rest.get("/me", User)
        return Identity(Account(id=str(user.id), name=user.name))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        refuse_filters(query, "type", "q", why=_NO_FILTER)
        if query.parent_id is not None:
            return Page(items=())
        return await self.rest.page(SHELVES, to_container, query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        refuse_filters(
            query, "parent_id", "type", "state", "status", "updated_since", "sort", why=_NO_FILTER
        )
        shelf = query.container_id.removeprefix("shelf:")

        def mapping(book: Book) -> Item:
            return to_item(book, shelf)

        search = f'"{query.q.replace(chr(34), " ")}"' if query.q else None
        return await self.rest.page(
            BOOKS, mapping, query, params={"search": search}, at={"shelf": shelf}
        )

    async def item(self, query: OneItemQuery) -> Item:
        shelf, _, book = query.item_id.partition(":")

        def mapping(book: Book) -> Item:
            return to_item(book, shelf)

        return await self.rest.one(
            "/shelves/{shelf}/books/{book}",
            Book,
            mapping,
            raw=query.include_raw,
            shelf=shelf,
            book=book,
        )

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        shelf, _, book = query.item_id.partition(":")

        def mapping(note: Note) -> Comment:
            return Comment(
                id=f"{shelf}:{book}:{note.number}",
                item_id=query.item_id,
                body=note.text,
                body_format="text",
            )

        return await self.rest.page(NOTES, mapping, query, at={"shelf": shelf, "book": book})


def to_item(book: Book, shelf: str) -> Item:
    return Item(
        id=f"{shelf}:{book.number}",
        type="book",
        container_id=f"shelf:{shelf}",
        title=book.title,
        body=book.text,
        body_format="text",
        url=book.url,
    )
