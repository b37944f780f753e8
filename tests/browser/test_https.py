"""The connect page over https: cookies that no neighbouring host can set."""

import contextlib
import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.processes.conftest import UVICORN, Starter, free_port, until
from tests.secrecy import SECRETS


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key, and a certificate of localhost that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    moment = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment)
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_file, file = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(secret)
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return key_file, file


@pytest.fixture
def https(tmp_path: Path, mongo_url: str, database_name: str) -> Iterator[httpx.Client]:
    """The host's backend, as a client of a service that speaks TLS."""
    starter, port = Starter(tmp_path), free_port()
    key, file = certificate(tmp_path)
    url = f"https://localhost:{port}"
    context = ssl.create_default_context(cafile=file)
    with httpx.Client(base_url=url, verify=context, headers={"X-Tenant-Id": "acme"}) as client:
        starter.begin(
            "--ssl-keyfile",
            str(key),
            "--ssl-certfile",
            str(file),
            port=port,
            program=UVICORN,
            PUBLIC_URL=url,
            MONGODB_URL=mongo_url,
            MONGODB_DB=f"{database_name}_https",
        )

        def is_ready() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return client.get("/api/health/ready").is_success
            return False

        until(is_ready)
        yield client
    starter.stop()


def test_the_session_belongs_to_this_host_alone(
    https: httpx.Client, new_visitor: NewVisitor
) -> None:
    made = https.post("/api/connect-sessions", json={})
    SECRETS.note_body(made.content)
    visitor = new_visitor(ignore_https_errors=True)
    page = visitor.page
    page.goto(made.json()["data"]["connectUrl"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect an account")
    (cookie,) = visitor.context.cookies()
    # Browsers take a name like this only for one host, over https, at the path /.
    assert cookie["name"] == "__Host-connect-session"
    assert (cookie["secure"], cookie["httpOnly"], cookie["path"]) == (True, True, "/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
