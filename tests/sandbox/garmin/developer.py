"""A user who registers with an app of the Developer Program."""

import base64
import hashlib

import httpx

from src.sandbox.kit.oauth import OAuthApp
from tests.fakes.browser import approve

VERIFIER = "verifier-90817263544536271809abcdefghijklmnopqr"


async def registered(garmin: httpx.AsyncClient, app: OAuthApp) -> str:
    """Walk through the consent, and answer with the access token."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    params = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uris[0],
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    came = await approve(garmin, f"/oauth2Confirm?{httpx.QueryParams(params)}")
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": came["code"],
        "code_verifier": VERIFIER,
        "redirect_uri": app.redirect_uris[0],
    }
    answer = await garmin.post("/di-oauth2-service/oauth/token", data=form)
    token: str = answer.raise_for_status().json()["access_token"]
    return token
