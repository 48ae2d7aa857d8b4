"""The Twilio accounts: one from the environment, several from a TOML file."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path

from textback_server.config import shapes
from textback_server.config.limits import WORDS as LIMITS
from textback_server.config.limits import account_limits
from textback_server.config.texts import Report, Texts
from textback_server.domain.limits import Limits
from textback_server.domain.manners import Manners
from textback_server.domain.messages import ReplyMatch
from textback_server.domain.notices import DEFAULT_TEXTS, NoticeTexts
from textback_server.gateway.accounts import DEFAULT_NAME, Account, ApiKey, Secret

_SECRETS = ("credentials", "auth_token", "auth_token_secondary", "api_secret")
_OPEN = ("account_sid", "api_key", "senders", "edge", "region")
_NOTICES = tuple(each.name for each in fields(NoticeTexts))
_WORDS = tuple(f"notice_{name}" for name in _NOTICES)
MANNERS = ("prompt", "reply_match", *_WORDS)
"""How an account speaks with people; these keys mean the same beside an emulator."""
KEYS = frozenset(MANNERS) | frozenset(_SECRETS) | frozenset(_OPEN) | frozenset(f"{key}_file" for key in _SECRETS)
"""What an account's TOML table may hold; the same words, in upper case, end the environment's variables."""
_TABLE_KEYS = ", ".join(sorted(KEYS | {"limits"}))
"""The same and what the environment says for all accounts at once."""

FALLBACKS = {"account_sid": "TWILIO_ACCOUNT_SID", "auth_token": "TWILIO_AUTH_TOKEN"}
_NONE = (
    "no Twilio account is set: TEXTBACK_TWILIO_CREDENTIALS may be SID/TOKEN, or TEXTBACK_CONFIG the path of a file "
    "with accounts; without an account, start with --emulator"
)


def read_accounts(
    environ: Mapping[str, str], file: str, api_url: str, limits: Limits, report: Report
) -> tuple[Account, ...]:
    """All accounts, those of the TOML `file` first ("": there is none); what is wrong goes into the report.

    `limits` are the service's.
    """
    before = len(report.problems)
    read = (_account(texts, name, api_url, limits) for texts, name in _places(environ, file, report))
    found = [account for account in read if account]
    if not found and len(report.problems) == before:
        report.problems.append(_NONE)
    by_sid: dict[str, str] = {}
    for account in found:
        other = by_sid.setdefault(account.account_sid, account.name)
        if other != account.name:
            report.problems.append(
                f"accounts {other} and {account.name} have one Account SID; each Twilio account may be named once"
            )
    return tuple(found)


def variable(key: str) -> str:
    """The environment's name of an account's key."""
    ours = key == "senders" or key in MANNERS
    return f"TEXTBACK_{key.upper()}" if ours else f"TEXTBACK_TWILIO_{key.upper()}"


def named_by(environ: Mapping[str, str]) -> list[str]:
    """The variables that are set and speak of Twilio accounts."""
    names = [*map(variable, sorted(KEYS.difference(MANNERS))), *FALLBACKS.values(), "TEXTBACK_CONFIG"]
    return [name for name in names if environ.get(name)]


def _places(environ: Mapping[str, str], file: str, report: Report) -> Iterator[tuple[Texts, str]]:
    """Where accounts are described, and the name of each."""
    tables = _tables(Path(file), report) if file else {}
    for name, table in tables.items():
        yield _of_table(name, table, Path(file), report), name
    env = environment_texts(environ, report)
    if any(env.has(key) for key in ("credentials", "account_sid", "auth_token", "api_key")):
        if DEFAULT_NAME in tables:
            report.problems.append(
                f"account {DEFAULT_NAME} is set by the environment and by accounts.{DEFAULT_NAME}; it may be set by one"
            )
        yield env, DEFAULT_NAME
    elif not tables and any(map(environ.get, FALLBACKS.values())):
        fallback = {key: environ.get(name, "") for key, name in FALLBACKS.items()}
        yield (
            _of_environment({**env.given, **fallback}, lambda key: FALLBACKS.get(key) or variable(key), report),
            DEFAULT_NAME,
        )
    elif tables:
        for key in env.given:
            env.problem(key, f"belongs to no account; set {variable('credentials')} too, or use the file's own {key}")


def _of_environment(given: Mapping[str, str], label: Callable[[str], str], report: Report) -> Texts:
    return Texts(given=given, label=label, suffix="_file", source="environment", folder=Path(), report=report)


def _of_table(name: str, table: Mapping[str, str], file: Path, report: Report) -> Texts:
    def label(key: str) -> str:
        return f"accounts.{name}.{key}"

    return Texts(given=table, label=label, suffix="_file", source=str(file), folder=file.parent, report=report)


def _account(texts: Texts, name: str, api_url: str, limits: Limits) -> Account | None:
    sid, token = _sid_and_token(texts)
    key = _api_key(texts)
    edge, region = texts.take("edge", shapes.label) or "", texts.take("region", shapes.label) or ""
    if region and not texts.has("edge"):
        texts.problem("edge", f"is not set; {texts.label('region')} needs it, since no host is a region's alone")
    secondary = texts.take_secret("auth_token_secondary", shapes.secret)
    senders = texts.take("senders", shapes.senders) or ()
    own = account_limits(texts, limits)
    if sid is None or token is None:
        return None
    return Account(
        name=name,
        account_sid=sid,
        auth_token=token,
        secondary_token=secondary,
        api_key=key,
        senders=senders,
        api_url=api_url,
        edge=edge,
        region=region if edge else "",
        manners=manners_of(texts),
        limits=own,
    )


def manners_of(texts: Texts) -> Manners:
    """How the account speaks with people."""
    match = texts.take("reply_match", shapes.reply_match) or ReplyMatch.CODE
    prompt = texts.take("prompt", lambda text: shapes.prompt(text, match)) or ""
    words = {name: texts.take(f"notice_{name}", shapes.notice) for name in _NOTICES}
    given = {name: word for name, word in words.items() if word is not None}
    return Manners(reply_match=match, prompt=prompt, notices=replace(DEFAULT_TEXTS, **given))


def environment_texts(environ: Mapping[str, str], report: Report) -> Texts:
    """The environment as the place of an account's keys."""
    given = {key: environ[variable(key)] for key in KEYS if environ.get(variable(key))}
    return _of_environment(given, variable, report)


def _sid_and_token(texts: Texts) -> tuple[str | None, Secret | None]:
    apart = ("account_sid", "auth_token")
    if texts.has("credentials"):
        for key in filter(texts.has, apart):
            texts.problem(key, f"is set beside {texts.label('credentials')}; set one of them")
        return texts.take_secret("credentials", shapes.credentials) or (None, None)
    for key in apart:
        if not texts.has(key):
            texts.problem(key, f"is not set; an account needs it, or {texts.label('credentials')} instead of both")
    return texts.take("account_sid", shapes.account_sid), texts.take_secret("auth_token", shapes.secret)


def _api_key(texts: Texts) -> ApiKey | None:
    if texts.has("api_key") != texts.has("api_secret"):
        missing, other = ("api_secret", "api_key") if texts.has("api_key") else ("api_key", "api_secret")
        texts.problem(missing, f"is not set; {texts.label(other)} needs it")
    sid, secret = texts.take("api_key", shapes.api_key), texts.take_secret("api_secret", shapes.secret)
    return ApiKey(sid=sid, secret=secret) if sid and secret else None


def _tables(file: Path, report: Report) -> dict[str, dict[str, str]]:
    """The texts of each `[accounts.NAME]`."""
    try:
        document = tomllib.loads(file.read_text())
    except OSError as error:
        report.problems.append(f'TEXTBACK_CONFIG: "{file}" cannot be read ({error.strerror}); it may be a TOML file')
        return {}
    except ValueError as error:
        place = str(error).rpartition("(")[2].rstrip(")")  # the place alone: the text may quote a secret
        report.problems.append(f'TEXTBACK_CONFIG: "{file}" is not TOML ({place}); it may hold [accounts.NAME] tables')
        return {}
    accounts = document.pop("accounts", {})
    report.problems += [f"{key}: is not known in {file}; there may be [accounts.NAME] tables only" for key in document]
    if not isinstance(accounts, dict):
        report.problems.append(f"accounts: is not a table in {file}; there may be [accounts.NAME] tables")
        return {}
    return {name: _table(name, table, report) for name, table in accounts.items() if _named(name, table, report)}


def _named(name: str, table: object, report: Report) -> bool:
    try:
        shapes.label(name)
    except ValueError as error:
        report.problems.append(f"accounts: {error}")
        return False
    if not isinstance(table, dict):
        report.problems.append(f"accounts.{name}: is not a table; it may be one with {_TABLE_KEYS}")
        return False
    return True


def _table(name: str, table: Mapping[str, object], report: Report) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        if key == "limits":
            texts |= _limits(name, value, report)
        elif key not in KEYS:
            report.problems.append(f"accounts.{name}.{key}: is not known; it may be one of {_TABLE_KEYS}")
        elif key == "senders" and isinstance(value, list) and all(isinstance(item, str) for item in value):
            texts[key] = ",".join(value)
        elif key != "senders" and isinstance(value, str):
            texts[key] = "off" if key in _WORDS and not value else value
        else:
            what = 'a list of strings such as ["+14155550100"]' if key == "senders" else "a string"
            report.problems.append(f"accounts.{name}.{key}: is of another type; it may be {what}")
    return texts


def _limits(name: str, table: object, report: Report) -> dict[str, str]:
    """The texts of an account's limits. A number needs no quotes, `off` does."""
    if not isinstance(table, dict):
        like = "{ recipient = 10, day = 500 }"
        report.problems.append(f"accounts.{name}.limits: is of another type; it may be a table such as {like}")
        return {}
    unknown = table.keys() - set(LIMITS)
    report.problems += [
        f"accounts.{name}.limits.{word}: is not known; it may be one of {', '.join(LIMITS)}" for word in sorted(unknown)
    ]
    return {f"limits.{word}": str(value) for word, value in table.items()}
