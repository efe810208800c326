"""Which Greenroom, and with which key: from the environment, or as the last login left it."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click
from openai import OpenAI

from greenroom_client.problems import Exit, Problem
from greenroom_client.words import headers, say

KEY = "GREENROOM_API_KEY"
BASE_URL = "GREENROOM_BASE_URL"
# Of the service the SDK was written for; Greenroom goes on.
warnings.filterwarnings("ignore", "The Sora API is scheduled", DeprecationWarning)


@dataclass(frozen=True, kw_only=True)
class Account:
    """``base_url`` ends in ``/v1``; ``expires_at`` in Unix seconds, 0 where nobody said."""

    base_url: str
    api_key: str = field(repr=False)
    owner: str = ""
    cohort: str = ""
    key_name: str = ""
    expires_at: int = 0


def path() -> Path:
    return Path(click.get_app_dir("greenroom")) / "account.json"


def current() -> Account:
    """The account to work with; what the environment says goes first.

    Raises:
        Problem: nobody is signed in.
    """
    kept = stored()
    key, url = os.environ.get(KEY, ""), os.environ.get(BASE_URL, "")
    if not key and kept is not None and (not url or base_url_of(url) == kept.base_url):
        return kept
    url = url or (kept.base_url if kept is not None else "")
    # A key is sent to the Greenroom it was made for, or to the one named beside it.
    if not key or not url:
        told = say("You are not signed in. Sign in with “greenroom login --url …”.")
        missing = f" {say('Set {variable} too.', variable=BASE_URL)}" if key else ""
        raise Problem(told + missing, Exit.NOT_SIGNED_IN)
    return Account(base_url=base_url_of(url), api_key=key)


def stored() -> Account | None:
    """What the last login left."""
    try:
        known = json.loads(path().read_text("utf-8"))
        return Account(**known)
    except (OSError, ValueError, TypeError):
        return None


def store(account: Account) -> Path:
    """Keep *account* for its owner's eyes only."""
    target = path()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(asdict(account), out, indent=2)
    draft.replace(target)
    return target


def forget() -> bool:
    """Remove what was kept; answers whether there was any."""
    known = path().exists()
    path().unlink(missing_ok=True)
    return known


def base_url_of(url: str, *, insecure: bool = False) -> str:
    """The API's address on the site *url*.

    Raises:
        Problem: it is none, or would carry a key in the clear.
    """
    url = url.strip()
    if "://" not in url:
        url = f"https://{url}"
    parts = urlsplit(url)
    url = url.rstrip("/")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Problem(say("“{url}” is no address of a site.", url=url), Exit.REFUSED)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme == "http" and not is_here and not insecure:
        raise Problem(
            say("“{url}” would send your key where others can read it; use https.", url=url),
            Exit.REFUSED,
        )
    return url if url.endswith("/v1") else f"{url}/v1"


def connect(account: Account) -> OpenAI:
    return OpenAI(base_url=account.base_url, api_key=account.api_key, default_headers=headers())
