"""The ``greenroom`` command."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import click
from openai import OpenAI
from openai.types import Video

from greenroom_client import account as accounts
from greenroom_client import batch_file, show, signing_in, videos, words
from greenroom_client.account import Account
from greenroom_client.batch import Batch
from greenroom_client.batch_file import Made, Row, State
from greenroom_client.problems import Exit, Problem, in_words
from greenroom_client.videos import Variant
from greenroom_client.words import say

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_VARIANTS = click.Choice(list(videos.SUFFIXES))


def main() -> None:
    cli(prog_name="greenroom")


class _Formatter(click.HelpFormatter):
    """The words that click itself puts into a help page."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, say("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(heading) if heading in _HEADINGS else heading)


_HEADINGS = {words.mark("Options"), words.mark("Commands")}
_ENGLISH: dict[object, str] = {}


class _Context(click.Context):
    formatter_class = _Formatter


class _Command(click.Command):
    context_class = _Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _said(super().get_help_option(ctx))


def _said(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = say("Show this message and exit.")
    return option


class _Told(click.Group):
    """Every problem in one sentence and with its exit code; help in the person's language."""

    command_class = _Command
    context_class = _Context

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        words.say_help(self, _ENGLISH)
        return super().make_context(*args, **kwargs)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _said(super().get_help_option(ctx))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            show.note(problem.message)
            ctx.exit(problem.exit)
        except KeyboardInterrupt:
            show.note(say("Stopped. What was asked for goes on at Greenroom."))
            ctx.exit(Exit.INTERRUPTED)


class _VideoId(click.ParamType[str]):
    name = "id"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if not _ID.fullmatch(str(value)):
            self.fail(say("“{value}” is no id of a video.", value=show.clean(value)), param, ctx)
        return str(value)


_FILE = click.Path(dir_okay=True, path_type=Path)
_TO_FILE = click.option("-o", "--output", type=_FILE, help="Where to write it.")
_FORCE = click.option("--force", is_flag=True, help="Overwrite a file that exists.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: JSON.")


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greenroom-client", prog_name="greenroom")
def cli() -> None:
    """Make clips at a Greenroom, watch them, fetch them.

    GREENROOM_API_KEY and GREENROOM_BASE_URL go before what “greenroom login” left.

    Exit codes: 0 done, 1 failed, 2 not accepted as it was asked, 3 not signed in or not allowed,
    4 not found, 5 awaiting review, 6 declined or withdrawn, 7 a limit or budget is reached,
    8 Greenroom not reached, 130 interrupted.
    """


@cli.command()
@click.option("--url", envvar=accounts.BASE_URL, help="The site, e.g. https://greenroom.example.")
@click.option("--browser/--no-browser", default=True, help="Open the page to confirm at.")
@click.option("--insecure", is_flag=True, help="Allow http to another machine.")
def login(url: str | None, browser: bool, insecure: bool) -> None:
    """Sign in by a code that you confirm in your browser."""
    known = accounts.stored()
    if not url and known is None:
        raise Problem(say("Say where: greenroom login --url https://…"), Exit.REFUSED)
    base_url = accounts.base_url_of(url or cast(Account, known).base_url, insecure=insecure)

    def tell(codes: signing_in.Codes) -> None:
        show.note(
            say(
                "Open {address} and confirm this code: {code}",
                address=codes.verification_uri,
                code=codes.user_code,
            )
        )
        if browser:
            click.launch(codes.verification_uri_complete)

    made = signing_in.sign_in(base_url, show=tell)
    kept = accounts.store(made)
    show.note(
        say(
            "Signed in as {owner} in {cohort}. The key is kept in {path}.",
            owner=made.owner,
            cohort=made.cohort,
            path=kept,
        )
    )


@cli.command()
def logout() -> None:
    """Forget the key kept on this machine."""
    known = accounts.stored()
    if not accounts.forget():
        show.note(say("You were not signed in."))
        return
    show.note(say("Signed out: the key is no longer kept here."))
    if known is not None:
        site = known.base_url.removesuffix("/v1")
        show.note(say("It works until it is revoked: {address}", address=f"{site}/keys/"))


@cli.command()
def whoami() -> None:
    """Who you are here, and whether the key works."""
    with _client() as (client, account):
        with in_words():
            client.models.list()
        click.echo(say("At {address}", address=account.base_url))
        if account.owner:
            owner, cohort = show.clean(account.owner), show.clean(account.cohort)
            click.echo(say("{owner} in {cohort}", owner=owner, cohort=cohort))
            name, until = show.clean(account.key_name), show.when(account.expires_at)
            click.echo(say("Key “{name}”, until {until}", name=name, until=until))
        else:
            click.echo(say("With the key in {variable}", variable=accounts.KEY))


@cli.command()
@_JSON
def models(as_json: bool) -> None:
    """What your cohort may use."""
    with _client() as (client, _account), in_words():
        found = [model.model_dump() for model in client.models.list()]
    if as_json:
        _print(found)
        return
    rows = [
        (one["id"], ", ".join(one["sizes"]), ", ".join(one["seconds"]), one["title"])
        for one in found
    ]
    show.table((say("Model"), say("Sizes"), say("Seconds"), say("Name")), rows)


@cli.command()
@click.argument("prompt")
@click.option("--model", help="One of “greenroom models”; else the first.")
@click.option("--seconds", help="How long; else the model's first.")
@click.option("--size", help="WIDTHxHEIGHT; else the model's first.")
@click.option("--seed", type=int, help="The same seed and settings give the same clip.")
@click.option(
    "--reference",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A picture to start from.",
)
@click.option("--title", help="What you call it.")
@click.option("--watch/--no-watch", "watched", default=True, help="Wait until it is ready.")
@_TO_FILE
@_FORCE
@_JSON
def generate(watched: bool, output: Path | None, force: bool, as_json: bool, **wish: Any) -> None:
    """Ask for a clip. With -o its marked preview is fetched once it is ready."""
    if output is not None and not watched:
        raise Problem(say("-o needs the clip to be watched; leave --no-watch out."), Exit.REFUSED)
    if output is not None and output.is_file() and not force:
        raise Problem(
            say("{path} exists already. --force overwrites it.", path=output), Exit.REFUSED
        )
    with _client() as (client, _account):
        video = videos.create(client, **wish)
        if watched:
            if not as_json:
                show.note(video.id)
            video = _watched(client, video.id)
        if output is not None and video.status == "completed":
            kept = videos.download(client, video.id, "preview", output, force=force)
            show.note(say("Its marked preview: {path}", path=kept))
    if as_json:
        _print(video.model_dump())
    else:
        click.echo(video.id)
    _end_with(video)


@cli.command()
@click.argument("video_id", metavar="ID", type=_VideoId())
def watch(video_id: str) -> None:
    """Show a clip's progress until it is ready."""
    with _client() as (client, _account):
        _end_with(_watched(client, video_id))


@cli.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@_JSON
def list_videos(limit: int, as_json: bool) -> None:
    """Your clips, the newest first."""
    found: list[Video] = []
    with _client() as (client, _account), in_words():
        for video in client.videos.list(limit=min(limit, 100)):
            found.append(video)
            if len(found) == limit:
                break
    if as_json:
        _print([video.model_dump() for video in found])
    else:
        show.videos(found)


@cli.command()
@click.argument("video_id", metavar="ID", type=_VideoId())
@click.option("--variant", type=_VARIANTS, default="video", show_default=True)
@_TO_FILE
@_FORCE
def download(video_id: str, variant: str, output: Path | None, force: bool) -> None:
    """Fetch a clip: the master once it is approved, its marked forms at once."""
    target = output or Path(videos.file_name(video_id, variant))
    with _client() as (client, _account):
        kept = videos.download(client, video_id, cast(Variant, variant), target, force=force)
    click.echo(str(kept))


@cli.command()
@click.argument("video_id", metavar="ID", type=_VideoId())
def cancel(video_id: str) -> None:
    """Stop a clip that waits or renders."""
    with _client() as (client, _account):
        videos.cancel(client, video_id)
    show.note(say("Cancelled."))


@cli.command()
@click.argument("video_id", metavar="ID", type=_VideoId())
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(video_id: str, yes: bool) -> None:
    """Remove a finished clip."""
    with _client() as (client, _account):
        if not yes:
            click.confirm(say("Remove {video} for good?", video=video_id), abort=True, err=True)
        with in_words():
            client.videos.delete(video_id)
    show.note(say("Removed."))


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the clips; else one named like the file.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 50),
    default=4,
    show_default=True,
    help="How many clips to ask for at a time.",
)
def batch(file: Path, out: Path | None, parallel: int) -> None:
    """Make a clip of every row of a CSV file; broken off, it goes on where it stopped.

    Columns: prompt, and if you like model, seconds, size, seed, title.
    """
    rows = batch_file.read(file)
    out = out or file.with_suffix("")
    if out.exists() and not out.is_dir():
        raise Problem(say("{path} is a file. Name a folder with --out.", path=out), Exit.REFUSED)
    with _client() as (client, account):
        state = State.load(out / f"{file.stem}.state.json", account.base_url)

        def tell(row: Row, made: Made) -> None:
            status = show.row_status(made.status)
            show.note(f"{row.number:>4}  {status:<11}  {made.note}".rstrip())

        running = Batch(client, rows, state, out=out, parallel=parallel, tell=tell)
        try:
            running.run()
        finally:
            state.save()
            results = out / f"{file.stem}.results.csv"
            batch_file.write_results(results, rows, state)
    counts = running.counts()
    show.note(
        say(
            "{made} made, {failed} failed, {waiting} not asked for. See {results}",
            **counts,
            results=results,
        )
    )
    if running.stopped is not None:
        raise running.stopped
    if counts["failed"]:
        sys.exit(Exit.FAILED)


@contextmanager
def _client() -> Iterator[tuple[OpenAI, Account]]:
    account = accounts.current()
    with accounts.connect(account) as client:
        yield client, account


def _watched(client: OpenAI, video_id: str) -> Video:
    with show.watching() as tell:
        return videos.watch(client, video_id, show=tell)


def _end_with(video: Video) -> None:
    if video.status == "failed":
        raise Problem(say("The clip was not made: {why}", why=show.standing(video)), Exit.FAILED)


def _print(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
