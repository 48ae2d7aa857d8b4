"""Settings: what the environment and the TOML file may say, and what is said of everything else."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from textback_server.config import SETTINGS, Address, ConfigError, load, settings_page
from textback_server.domain.limits import Limits
from textback_server.domain.manners import Manners
from textback_server.domain.messages import ReplyMatch
from textback_server.domain.notices import NoticeTexts
from textback_server.gateway.accounts import Account, ApiKey, Secret

SID = "AC" + "a1" * 16
OTHER_SID = "AC" + "b2" * 16
KEY = "SK" + "c3" * 16
TOKEN = "hush-hush-token"
DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"

GOOD = {"TEXTBACK_TWILIO_CREDENTIALS": f"{SID}/{TOKEN}"}
APART = {"TEXTBACK_TWILIO_ACCOUNT_SID": SID, "TEXTBACK_TWILIO_AUTH_TOKEN": TOKEN}


def problems(environ: Mapping[str, str]) -> str:
    """What `load` has against it."""
    with pytest.raises(ConfigError) as caught:
        load(environ)
    assert TOKEN not in str(caught.value)
    return "\n".join(caught.value.lines)


def test_load_uses_defaults_when_only_credentials_are_set() -> None:
    settings = load(GOOD).settings
    account = settings.accounts.pick("")
    assert account == Account(name="default", account_sid=SID, auth_token=Secret(TOKEN))
    assert settings.public_url is None
    assert (settings.listen, settings.http_listen) == (Address("127.0.0.1", 50051), Address("127.0.0.1", 8080))
    assert (settings.reply_timeout_min, settings.reply_timeout_max) == (timedelta(seconds=10), timedelta(days=7))
    assert (settings.retention.content, settings.retention.rows) == (timedelta(days=7), timedelta(days=30))
    assert settings.store == "textback.db"


@pytest.mark.parametrize(
    "environ",
    [
        GOOD,
        APART,
        {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN},
        GOOD | {"TWILIO_ACCOUNT_SID": OTHER_SID, "TWILIO_AUTH_TOKEN": "another-token"},
        APART | {"TEXTBACK_TWILIO_CREDENTIALS": ""},
    ],
)
def test_load_finds_the_account_when_it_is_set_in_any_form(environ: dict[str, str]) -> None:
    account = load(environ).settings.accounts.pick("")
    assert account.login == (SID, TOKEN)


def test_load_calls_with_the_key_and_checks_with_the_tokens_when_both_are_set() -> None:
    more = {
        "TEXTBACK_TWILIO_API_KEY": KEY,
        "TEXTBACK_TWILIO_API_SECRET": "hush-hush-key",
        "TEXTBACK_TWILIO_AUTH_TOKEN_SECONDARY": "hush-hush-next",
        "TEXTBACK_TWILIO_EDGE": "dublin",
        "TEXTBACK_TWILIO_REGION": "ie1",
        "TEXTBACK_SENDERS": "+14155550100, MG00000000000000000000000000000001,",
    }
    account = load(APART | more).settings.accounts.pick("default")
    assert account.api_key == ApiKey(sid=KEY, secret=Secret("hush-hush-key"))
    assert account.webhook_tokens == (TOKEN, "hush-hush-next")
    assert (account.edge, account.region) == ("dublin", "ie1")
    assert account.senders == ("+14155550100", "MG00000000000000000000000000000001")


def test_load_reads_secrets_from_files_when_told_their_paths(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"{SID}/{TOKEN}\n")
    loaded = load({"TEXTBACK_TWILIO_CREDENTIALS_FILE": str(file)})
    assert loaded.settings.accounts.pick("").login == (SID, TOKEN)
    assert ("TEXTBACK_TWILIO_CREDENTIALS_FILE", "set") in [(row.name, row.value) for row in loaded.rows]


def test_load_reads_several_accounts_when_a_file_lists_them(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(TOKEN)
    file = tmp_path / "accounts.toml"
    file.write_text(
        f'[accounts.soc]\naccount_sid = "{OTHER_SID}"\nauth_token_file = "secret"\nsenders = ["+14155550100"]\n'
    )
    settings = load(GOOD | {"TEXTBACK_CONFIG": str(file)}).settings
    assert [(account.name, account.login) for account in settings.accounts.all] == [
        ("soc", (OTHER_SID, TOKEN)),
        ("default", (SID, TOKEN)),
    ]
    assert settings.accounts.pick("soc").default_sender == "+14155550100"


def test_load_takes_each_accounts_limits_and_the_services_for_those_not_named(tmp_path: Path) -> None:
    file = _written(
        tmp_path,
        f'[accounts.soc]\ncredentials = "{OTHER_SID}/{TOKEN}"\n'
        'limits = { recipient = 5, day = "off", pending = 7, segments = 2, concurrency = "off" }\n',
    )
    loaded = load(GOOD | {"TEXTBACK_CONFIG": str(file), "TEXTBACK_LIMIT_DAY": "500"})
    limits = loaded.settings.allowances
    soc = Limits(per_recipient=5, per_day=0, pending=7, segments_per_second=2, concurrency=90)
    assert (limits.of("soc"), limits.of("default")) == (soc, Limits(per_day=500))
    rows = [(row.name, row.value, row.source) for row in loaded.rows]
    assert ("accounts.soc.limits.recipient", "5", str(file)) in rows
    _written(tmp_path, f'[accounts.soc]\ncredentials = "{OTHER_SID}/{TOKEN}"\n[accounts.soc.limits]\nday = 9\n')
    limits = load(GOOD | {"TEXTBACK_CONFIG": str(file), "TEXTBACK_LIMIT_RECIPIENT": "3"}).settings.allowances
    assert limits.of("soc") == Limits(per_recipient=3, per_day=9)


WRONG = [
    ({}, "no Twilio account is set"),
    ({"TEXTBACK_TWILIO_CREDENTIALS": TOKEN}, "TEXTBACK_TWILIO_CREDENTIALS: has no slash; it may be SID/TOKEN"),
    ({"TEXTBACK_TWILIO_CREDENTIALS": f"XX/{TOKEN}"}, 'TEXTBACK_TWILIO_CREDENTIALS: a part starts with "XX"'),
    ({"TEXTBACK_TWILIO_CREDENTIALS": f"{SID}/short"}, "TEXTBACK_TWILIO_CREDENTIALS: a part has 5 characters"),
    (GOOD | {"TEXTBACK_TWILIO_ACCOUNT_SID": SID}, "TEXTBACK_TWILIO_ACCOUNT_SID: is set beside TEXTBACK_TWILIO_CREDENT"),
    ({"TEXTBACK_TWILIO_ACCOUNT_SID": SID}, "TEXTBACK_TWILIO_AUTH_TOKEN: is not set"),
    (APART | {"TEXTBACK_TWILIO_ACCOUNT_SID": TOKEN}, 'TEXTBACK_TWILIO_ACCOUNT_SID: starts with "hu" and has 15'),
    (APART | {"TEXTBACK_TWILIO_AUTH_TOKEN": f"{TOKEN} x"}, "TEXTBACK_TWILIO_AUTH_TOKEN: has 17 characters"),
    ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN: is not set"),
    (GOOD | {"TEXTBACK_TWILIO_API_KEY": KEY}, "TEXTBACK_TWILIO_API_SECRET: is not set; TEXTBACK_TWILIO_API_KEY needs"),
    (GOOD | {"TEXTBACK_TWILIO_API_SECRET": TOKEN}, "TEXTBACK_TWILIO_API_KEY: is not set"),
    (GOOD | {"TEXTBACK_TWILIO_REGION": "ie1"}, "TEXTBACK_TWILIO_EDGE: is not set; TEXTBACK_TWILIO_REGION needs it"),
    (GOOD | {"TEXTBACK_TWILIO_EDGE": "a.b"}, 'TEXTBACK_TWILIO_EDGE: "a.b" is not a name'),
    (GOOD | {"TEXTBACK_SENDERS": "+1415555010x"}, 'TEXTBACK_SENDERS: "+1415555010x" is no sender'),
    (GOOD | {"TEXTBACK_SENDERS": " , "}, "TEXTBACK_SENDERS: names no sender"),
    (GOOD | {"TEXTBACK_LISTEN": "50051"}, 'TEXTBACK_LISTEN: "50051" is not an address; it may be HOST:PORT'),
    (GOOD | {"TEXTBACK_LISTEN": "::1:50051"}, "TEXTBACK_LISTEN:"),
    (GOOD | {"TEXTBACK_HTTP_LISTEN": "127.0.0.1:70000"}, "TEXTBACK_HTTP_LISTEN:"),
    (
        GOOD | {"TEXTBACK_HTTP_LISTEN": "127.0.0.1:50051"},
        "is also TEXTBACK_LISTEN",
    ),
    (GOOD | {"TEXTBACK_STORE": "mysql://host/db"}, 'TEXTBACK_STORE: "mysql://" is not a known store'),
    (GOOD | {"TEXTBACK_REPLY_TIMEOUT_MIN": "10"}, 'TEXTBACK_REPLY_TIMEOUT_MIN: "10" is not a duration; it may be 1s'),
    (GOOD | {"TEXTBACK_REPLY_TIMEOUT_MIN": "0s"}, "TEXTBACK_REPLY_TIMEOUT_MIN:"),
    (
        GOOD | {"TEXTBACK_CONTENT_RETENTION": "59m"},
        'TEXTBACK_CONTENT_RETENTION: "59m" is not a time to keep; it may be 1h to 3650d',
    ),
    (GOOD | {"TEXTBACK_ROW_RETENTION": "off"}, 'TEXTBACK_ROW_RETENTION: "off" is not a time to keep'),
    (
        GOOD | {"TEXTBACK_CONTENT_RETENTION": "31d"},
        "TEXTBACK_ROW_RETENTION: is shorter than TEXTBACK_CONTENT_RETENTION",
    ),
    (
        GOOD | {"TEXTBACK_ROW_RETENTION": "7d"},
        "TEXTBACK_ROW_RETENTION: is too short; it may be TEXTBACK_REPLY_TIMEOUT_MAX and a day, or longer",
    ),
    (GOOD | {"TEXTBACK_REPLY_TIMEOUT_MAX": "31d"}, "TEXTBACK_REPLY_TIMEOUT_MAX:"),
    (
        GOOD | {"TEXTBACK_REPLY_TIMEOUT_MIN": "8d"},
        "TEXTBACK_REPLY_TIMEOUT_MIN: is longer than",
    ),
    (
        GOOD | {"TEXTBACK_PUBLIC_URL": "textback.example.com"},
        '"textback.example.com" is not a usable address',
    ),
    (GOOD | {"TEXTBACK_PUBLIC_URL": "https://h/?a=1"}, "TEXTBACK_PUBLIC_URL:"),
    (GOOD | {"TEXTBACK_PUBLIC_URL": "https://h/#rc=1"}, "TEXTBACK_PUBLIC_URL:"),
    (GOOD | {"TEXTBACK_PUBLIC_URL": f"https://user:{TOKEN}@h"}, "TEXTBACK_PUBLIC_URL: this is not a usable address"),
    (GOOD | {"TEXTBACK_PUBLIC_URL": "https://h:x"}, "TEXTBACK_PUBLIC_URL:"),
    (GOOD | {"TEXTBACK_PUBLIC_URL": "https://text_back"}, "has an underscore in its host"),
    (GOOD | {"TEXTBACK_PUBLIC_URL": "http://127.0.0.1:8080"}, "leads to this machine, where Twilio cannot reach it"),
    (GOOD | {"TEXTBACK_TWILIO_API_URL": "ftp://127.0.0.1"}, "TEXTBACK_TWILIO_API_URL:"),
    (GOOD | {"TEXTBACK_CONFIG": "/nowhere/at/all.toml"}, 'TEXTBACK_CONFIG: "/nowhere/at/all.toml" cannot be read'),
    (
        {"TEXTBACK_TWILIO_CREDENTIALS_FILE": "/nowhere/at/all"},
        "TEXTBACK_TWILIO_CREDENTIALS_FILE: ",
    ),
    (
        GOOD | {"TEXTBACK_TWILIO_CREDENTIALS_FILE": "/x"},
        "TEXTBACK_TWILIO_CREDENTIALS: is set both itself",
    ),
]


@pytest.mark.parametrize(("environ", "sentence"), WRONG)
def test_load_says_what_is_wrong_when_a_setting_is(environ: dict[str, str], sentence: str) -> None:
    assert sentence in problems(environ)


def test_load_says_everything_at_once_when_much_is_wrong() -> None:
    said = problems({"TEXTBACK_LISTEN": "x", "TEXTBACK_STORE": "a://b", "TEXTBACK_TWILIO_ACCOUNT_SID": SID})
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "TEXTBACK_TWILIO_AUTH_TOKEN",
        "TEXTBACK_LISTEN",
        "TEXTBACK_STORE",
    ]


WRONG_FILES = [
    ("x = ?", "is not TOML (at line 1, column 5)"),
    ("x = 1", "x: is not known in "),
    ("accounts = 1", "accounts: is not a table"),
    ("[accounts.SOC]", 'accounts: "SOC" is not a name; it may be 1 to 40 lower-case letters'),
    ("[accounts]\nsoc = 1", "accounts.soc: is not a table"),
    ("[accounts.soc]", "accounts.soc.account_sid: is not set"),
    ("[accounts.soc]\naccount = 1", "accounts.soc.account: is not known; it may be one of"),
    ("[accounts.soc]\naccount_sid = 1", "accounts.soc.account_sid: is of another type; it may be a string"),
    ('[accounts.soc]\nsenders = "+14155550100"', "accounts.soc.senders: is of another type; it may be a list"),
    ('[accounts.soc]\nsenders = ["?"]', 'accounts.soc.senders: "?" is no sender'),
    (f'[accounts.soc]\ncredentials = "{SID}/{TOKEN}"', "accounts soc and default have one Account SID"),
    (
        f'[accounts.default]\ncredentials = "{OTHER_SID}/{TOKEN}"',
        "account default is set by the environment and by",
    ),
    ("[accounts.soc]\nlimits = 5", "accounts.soc.limits: is of another type; it may be a table such as { recipient"),
    (
        "[accounts.soc]\nlimits = { hour = 5 }",
        "accounts.soc.limits.hour: is not known; it may be one of concurrency, day, pending, recipient, segments",
    ),
    ("[accounts.soc]\nlimits = { day = true }", 'accounts.soc.limits.day: "True" is not a limit; it may be 1 to 1'),
    ("[accounts.soc]\nlimits = { day = 0 }", 'accounts.soc.limits.day: "0" is not a limit; it may be 1 to 100,000,0'),
    ("[accounts.soc]\nlimits = { day = 1.5 }", 'accounts.soc.limits.day: "1.5" is not a limit'),
    ("[accounts.soc]\nlimits = { concurrency = 91 }", 'accounts.soc.limits.concurrency: "91" is not a limit; it may'),
    ('[accounts.soc]\nauth_token_file = "none"', 'accounts.soc.auth_token_file: "none" cannot be read'),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG_FILES)
def test_load_says_what_is_wrong_when_the_file_is(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(text)
    assert sentence in problems(GOOD | {"TEXTBACK_CONFIG": str(file)})


def test_load_refuses_lone_senders_when_all_accounts_come_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(f'[accounts.soc]\ncredentials = "{SID}/{TOKEN}"')
    environ = {"TEXTBACK_CONFIG": str(file), "TEXTBACK_SENDERS": "+14155550100"}
    assert "TEXTBACK_SENDERS: belongs to no account" in problems(environ)


@pytest.mark.parametrize(
    ("content", "sentence"), [("", "is empty"), (" \n", "is empty"), ("x" * 20_000, "is too large")]
)
def test_load_says_what_is_wrong_when_a_secrets_file_is(content: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    assert sentence in problems({"TEXTBACK_TWILIO_CREDENTIALS_FILE": str(file)})


MANNERS = {
    "TEXTBACK_REPLY_MATCH": "sender",
    "TEXTBACK_PROMPT": "Antwort: {choices}",
    "TEXTBACK_NOTICE_HINT": "off",
    "TEXTBACK_NOTICE_TOO_LATE": "Off",
    "TEXTBACK_NOTICE_CONFIRMATION": "Danke: {answer}",
}
TOLD = Manners(
    reply_match=ReplyMatch.SENDER,
    prompt="Antwort: {choices}",
    notices=NoticeTexts(hint="", too_late="", confirmation="Danke: {answer}"),
)


def test_load_takes_how_people_are_spoken_with_also_beside_the_emulator() -> None:
    box = Account(name="emulator", account_sid=OTHER_SID, auth_token=Secret(TOKEN), api_url="http://127.0.0.1:9090")
    assert load(GOOD | MANNERS).settings.accounts.pick("").manners == TOLD
    assert load(GOOD | MANNERS, emulator=box).settings.accounts.pick("").manners == TOLD


def test_load_takes_each_accounts_words_when_a_file_lists_them(tmp_path: Path) -> None:
    table = f"""
        [accounts.one]
        credentials = "{SID}/{TOKEN}"
        reply_match = "sender"
        prompt = "Antwort: {{choices}}"
        notice_hint = ""
        notice_too_late = "off"
        notice_confirmation = "Danke: {{answer}}"
        [accounts.two]
        credentials = "{OTHER_SID}/{TOKEN}"
    """
    accounts = load({"TEXTBACK_CONFIG": str(_written(tmp_path, table))}).settings.accounts
    assert (accounts.pick("one").manners, accounts.pick("two").manners) == (TOLD, Manners())


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"TEXTBACK_REPLY_MATCH": "phone"}, "may be code or sender"),
        ({"TEXTBACK_PROMPT": "Answer!"}, "has no {code}"),
        ({"TEXTBACK_PROMPT": "{code} {case}"}, "has {case}"),
        ({"TEXTBACK_PROMPT": "{code}\n\x07"}, "cannot be seen"),
        ({"TEXTBACK_NOTICE_HINT": "{nonsense}"}, "has {nonsense}"),
        ({"TEXTBACK_NOTICE_CONFIRMATION": "Thanks {"}, "single brace"),
        ({"TEXTBACK_NOTICE_NOT_A_CHOICE": "{choices!r}"}, "has {choices}"),
        ({"TEXTBACK_NOTICE_ALREADY_ANSWERED": "x" * 321}, "at most 320"),
    ],
)
def test_load_refuses_words_that_cannot_be_texted(environ: dict[str, str], sentence: str) -> None:
    assert problems(GOOD | environ).startswith(f"{next(iter(environ))}: ")
    assert sentence in problems(GOOD | environ)


def _written(folder: Path, text: str) -> Path:
    file = folder / "accounts.toml"
    file.write_text(text)
    return file


def test_load_uses_only_the_emulator_when_there_is_one() -> None:
    emulator = Account(name="default", account_sid=SID, auth_token=Secret(TOKEN), api_url="http://127.0.0.1:9090")
    environ = {
        "TEXTBACK_TWILIO_CREDENTIALS": "nonsense",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TEXTBACK_SENDERS": "?",
        "TEXTBACK_PUBLIC_URL": "https://textback.example.com",
        "TEXTBACK_HTTP_LISTEN": "0.0.0.0:0",
    }
    loaded = load(environ, emulator)
    assert loaded.settings.accounts.all == (emulator,)
    assert loaded.settings.store == "textback-emulator.db"
    assert load({"TEXTBACK_STORE": "mine.db"}, emulator).settings.store == "mine.db"
    assert [note.split(",")[0] for note in loaded.notes] == [
        "ignored TEXTBACK_TWILIO_CREDENTIALS",
        "ignored TEXTBACK_SENDERS",
        "ignored TWILIO_AUTH_TOKEN",
        "ignored TEXTBACK_PUBLIC_URL",
    ]
    moved = loaded.settings.on_http_port(8081)
    assert (moved.public_url, moved.http_listen) == ("http://127.0.0.1:8081", Address("0.0.0.0", 8081))


def test_load_takes_our_own_listener_as_public_when_twilio_is_on_this_machine() -> None:
    environ = {"TEXTBACK_TWILIO_API_URL": "http://[::1]:9090/", "TEXTBACK_HTTP_LISTEN": "[::1]:8080"}
    settings = load(GOOD | environ).settings
    assert settings.public_url == "http://[::1]:8080"
    assert settings.accounts.pick("").api_url == "http://[::1]:9090"


def test_public_url_stays_when_it_was_set_and_the_port_moves() -> None:
    settings = load(GOOD | {"TEXTBACK_PUBLIC_URL": "https://textback.example.com/hooks/"}).settings
    assert settings.on_http_port(1).public_url == "https://textback.example.com/hooks"


def test_load_notes_typing_errors_when_a_variable_is_none_of_ours() -> None:
    environ = GOOD | {
        "TEXTBACK_SENDER": "x",
        "TEXTBACK_TWILIO_AUTHTOKEN": TOKEN,
        "TEXTBACK_FOO": "x",
        "TEXTBACK_PORT_50051_TCP_ADDR": "x",
        "TEXTBACK_SERVICE_HOST": "x",
        "TEXTBACK_SERVER": "x",
    }
    assert load(environ).notes == (
        "TEXTBACK_FOO is not a setting",
        "TEXTBACK_SENDER is not a setting; did you mean TEXTBACK_SENDERS?",
        "TEXTBACK_TWILIO_AUTHTOKEN is not a setting; did you mean TEXTBACK_TWILIO_AUTH_TOKEN?",
    )


def test_rows_show_no_secret_and_no_number_when_settings_are_shown() -> None:
    loaded = load(APART | {"TEXTBACK_SENDERS": "+14155550100"})
    shown = {row.name: (row.value, row.source) for row in loaded.rows}
    assert shown["TEXTBACK_TWILIO_AUTH_TOKEN"] == ("set", "environment")
    assert shown["TEXTBACK_SENDERS"] == ("+1415…0100", "environment")
    assert shown["TEXTBACK_STORE"] == ("textback.db", "default")
    assert TOKEN not in repr(loaded)


def test_every_server_setting_is_read_when_settings_load() -> None:
    rows = {row.name for row in load(APART).rows}
    assert rows == {name for name, setting in SETTINGS.items() if not setting.client} - {"TEXTBACK_TWILIO_CREDENTIALS"}


def test_settings_page_is_fresh_when_the_table_changes() -> None:
    assert DOCUMENT.read_text() == settings_page(), "run: python -m textback_server.config > docs/settings.md"
