"""The demo's walk with the generated Python client, in an environment that knows nothing else.

``python python_walk.py http://localhost:8000``; the package ``generated`` is on the path.
"""

import sys

from generated import Client
from generated.api.browse import get_item, list_comments, list_containers, list_items
from generated.api.connect import finish_connect
from generated.api.connections import get_connection
from generated.api.connectors import list_connectors
from generated.models import (
    CallbackBody,
    CommentListAnswer,
    ConnectedAnswer,
    ConnectionAnswer,
    ConnectionStatus,
    ConnectorListAnswer,
    ContainerListAnswer,
    ErrorEnvelope,
    ItemAnswer,
    ItemListAnswer,
)

TENANT = "python"
TOKEN = "ghp_sandbox_octocat"


def walk(url: str) -> None:
    with Client(base_url=url, headers={"X-Tenant-Id": TENANT}) as client:
        catalogue = list_connectors.sync(client=client)
        assert isinstance(catalogue, ConnectorListAnswer)
        assert "github" in {connector.id for connector in catalogue.data.items}

        connected = finish_connect.sync("github", client=client, body=CallbackBody(api_key=TOKEN))
        assert isinstance(connected, ConnectedAnswer)
        own = connected.data.connection_id
        connection = get_connection.sync(own, client=client)
        assert isinstance(connection, ConnectionAnswer)
        assert connection.data.status is ConnectionStatus.CONNECTED

        containers = list_containers.sync(
            "github", client=client, connection_id=own, type_="repository", limit=3
        )
        assert isinstance(containers, ContainerListAnswer)
        repository = containers.data.items[0]
        items = list_items.sync(
            "github", client=client, connection_id=own, container_id=repository.id, limit=10
        )
        assert isinstance(items, ItemListAnswer)
        assert items.data.has_more
        following = list_items.sync(
            "github",
            client=client,
            connection_id=own,
            container_id=repository.id,
            limit=10,
            cursor=items.data.next_cursor,
        )
        assert isinstance(following, ItemListAnswer)
        discussed = max(
            (*items.data.items, *following.data.items), key=lambda item: item.comment_count or 0
        )
        one = get_item.sync("github", discussed.id, client=client, connection_id=own)
        assert isinstance(one, ItemAnswer)
        assert one.data.title == discussed.title
        comments = list_comments.sync(
            "github", client=client, connection_id=own, item_id=discussed.id
        )
        assert isinstance(comments, CommentListAnswer)
        assert comments.data.items[0].body

        refused = get_connection.sync("con_000000000000000000000000", client=client)
        assert isinstance(refused, ErrorEnvelope)
        assert refused.error.code == "not_found"
        print(f"{repository.name}: {one.data.title} ({len(comments.data.items)} comments)")  # noqa: T201  the test reads it


if __name__ == "__main__":
    walk(sys.argv[1])
