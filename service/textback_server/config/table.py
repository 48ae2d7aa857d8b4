"""All settings, once: what each means, its default, an example. The loader reads by it, and docs/settings.md is it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from textback_server.domain.limits import DEFAULT_LIMITS
from textback_server.domain.notices import DEFAULT_TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One environment variable. A secret may also come from a file, named by the variable with `_FILE` after it."""

    name: str
    meaning: str
    default: str = ""
    example: str = ""
    secret: bool = False
    client: bool = False


EMULATOR_STORE = "textback-emulator.db"
"""Where the store is beside the emulator, if nothing else is said."""

_AC, _SK = "AC" + "0" * 31 + "1", "SK" + "0" * 31 + "1"

_ALL = (
    Setting(
        name="TEXTBACK_TWILIO_CREDENTIALS",
        meaning="Account SID and auth token of the Twilio account in one secret.",
        example=f"{_AC}/TOKEN",
        secret=True,
    ),
    Setting(
        name="TEXTBACK_TWILIO_ACCOUNT_SID",
        meaning="Account SID, where it comes apart from the token. `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` "
        "serve if no account is set in any other way.",
        example=_AC,
    ),
    Setting(
        name="TEXTBACK_TWILIO_AUTH_TOKEN",
        meaning="Auth token. Twilio signs webhooks with it, so an API key cannot replace it.",
        example="TOKEN",
        secret=True,
    ),
    Setting(
        name="TEXTBACK_TWILIO_AUTH_TOKEN_SECONDARY",
        meaning="A second token that is also accepted on webhooks, during a rotation. Never used to call Twilio.",
        example="TOKEN",
        secret=True,
    ),
    Setting(
        name="TEXTBACK_TWILIO_API_KEY",
        meaning="API key SID; Twilio is then called with the key instead of the auth token.",
        example=_SK,
    ),
    Setting(name="TEXTBACK_TWILIO_API_SECRET", meaning="Secret of the API key.", example="SECRET", secret=True),
    Setting(
        name="TEXTBACK_TWILIO_EDGE", meaning="Twilio edge to connect to. Empty: Twilio's default.", example="dublin"
    ),
    Setting(
        name="TEXTBACK_TWILIO_REGION",
        meaning="Twilio region of the credentials; needs the edge too. Empty: us1.",
        example="ie1",
    ),
    Setting(
        name="TEXTBACK_SENDERS",
        meaning="What SMS are sent from, with commas between: numbers, short codes, Messaging Service SIDs, names. "
        "A sole one is the default; empty: each request names one and Twilio judges.",
        example="+14155550100",
    ),
    Setting(
        name="TEXTBACK_REPLY_MATCH",
        meaning="What a reply must carry where the request does not say: `code`, or `sender` for nothing where only "
        "one question is open.",
        default="code",
        example="sender",
    ),
    Setting(
        name="TEXTBACK_PROMPT",
        meaning="Line that tells people what to text back, with `{code}` `{choices}` `{timeout}` `{timeout_choice}`. "
        "Empty: ours.",
        example="SiemplifyID: {code}",
    ),
    *(
        Setting(
            name=f"TEXTBACK_NOTICE_{name.upper()}",
            meaning=f"Text back {when}, with `{{prompt}}` `{{code}}` `{{choices}}` `{{answer}}`; `off`: none.",
            default=getattr(DEFAULT_TEXTS, name),
            example="off",
        )
        for name, when in (
            ("hint", "when nobody can tell which question was meant (once per question)"),
            ("not_a_choice", "when the answer is none of the choices"),
            ("too_late", "when the question is closed"),
            ("already_answered", "when the question was answered before"),
            ("confirmation", "when the answer counts and the request asks for all notices"),
        )
    ),
    Setting(
        name="TEXTBACK_CONFIG",
        meaning="Path of a TOML file with several accounts: `[accounts.NAME]` with `credentials`, or `account_sid` and "
        "`auth_token`, and `auth_token_secondary`, `api_key`, `api_secret`, `edge`, `region`, `senders` (a list), "
        "`prompt`, `reply_match`, `notice_hint` and the other notices, `limits` (a table); secrets also as `…_file`. "
        "Limits are `recipient`, `day`, `pending`, `segments`, `concurrency`, such as "
        '`{ recipient = 10, day = "off" }`: each is used in place of its `TEXTBACK_LIMIT_…`.',
        example="/etc/textback/accounts.toml",
    ),
    Setting(
        name="TEXTBACK_PUBLIC_URL",
        meaning="Address under which Twilio reaches the webhooks. Empty: no webhooks; replies come by polling alone.",
        example="https://textback.example.com",
    ),
    Setting(
        name="TEXTBACK_LISTEN",
        meaning="Address of the gRPC service.",
        default="127.0.0.1:50051",
        example="0.0.0.0:50051",
    ),
    Setting(
        name="TEXTBACK_HTTP_LISTEN",
        meaning="Address of the webhooks' HTTP server.",
        default="127.0.0.1:8080",
        example="0.0.0.0:8080",
    ),
    Setting(
        name="TEXTBACK_STORE",
        meaning="Path of the SQLite file that keeps everything. Beside the emulator the default is "
        f"`{EMULATOR_STORE}`, so that what is still to be sent there is never sent by Twilio.",
        default="textback.db",
        example="/var/lib/textback/textback.db",
    ),
    Setting(
        name="TEXTBACK_CONTENT_RETENTION",
        meaning="How long texts are kept after a message's end, or after an SMS that matched none: 1h to 3650d.",
        default="7d",
        example="1d",
    ),
    Setting(
        name="TEXTBACK_ROW_RETENTION",
        meaning="How long messages and their request_ids stay in all, and so may be read and repeated: as long as "
        "TEXTBACK_CONTENT_RETENTION at least, and a day longer than TEXTBACK_REPLY_TIMEOUT_MAX.",
        default="30d",
        example="90d",
    ),
    Setting(
        name="TEXTBACK_POLLING",
        meaning="`on`: Twilio's list of messages is looked through for replies and news that no webhook brought. "
        "`off`: webhooks alone.",
        default="on",
        example="off",
    ),
    Setting(
        name="TEXTBACK_SHARED_SENDERS",
        meaning="`warn`: where others send from our senders too, Ping says so and people get no hints. `accept`: it is "
        "meant to be; codes are two digits longer.",
        default="warn",
        example="accept",
    ),
    Setting(
        name="TEXTBACK_COUNTRIES",
        meaning="Countries that may be texted, as two-letter codes with commas between. Empty: all.",
        example="US,CA",
    ),
    Setting(
        name="TEXTBACK_LIMIT_RECIPIENT",
        meaning="Messages that one recipient may get within an hour, for each account; `off`: any number.",
        default=str(DEFAULT_LIMITS.per_recipient),
        example="10",
    ),
    Setting(
        name="TEXTBACK_LIMIT_DAY",
        meaning="Messages that an account may take in a day of UTC; `off`: any number.",
        default=str(DEFAULT_LIMITS.per_day),
        example="500",
    ),
    Setting(
        name="TEXTBACK_LIMIT_PENDING",
        meaning="Messages of an account that may wait to be handed to Twilio; `off`: any number.",
        default=str(DEFAULT_LIMITS.pending),
        example="10000",
    ),
    Setting(
        name="TEXTBACK_LIMIT_SEGMENTS",
        meaning="Segments a second that one sender hands to Twilio; what comes faster waits. `off`: no pace.",
        default=str(DEFAULT_LIMITS.segments_per_second),
        example="1",
    ),
    Setting(
        name="TEXTBACK_LIMIT_CONCURRENCY",
        meaning="Messages of an account that are handed to Twilio at once, up to 90; `off`: that many.",
        default=str(DEFAULT_LIMITS.concurrency),
        example="10",
    ),
    Setting(
        name="TEXTBACK_REPLY_TIMEOUT_MIN",
        meaning="Shortest reply_timeout that a request may ask for: a number and s, m, h or d.",
        default="10s",
        example="1m",
    ),
    Setting(
        name="TEXTBACK_REPLY_TIMEOUT_MAX",
        meaning="Longest reply_timeout that a request may ask for, up to 30d.",
        default="7d",
        example="1d",
    ),
    Setting(
        name="TEXTBACK_TWILIO_API_URL",
        meaning="Address of an emulator to call instead of Twilio.",
        example="http://127.0.0.1:9090",
    ),
    Setting(
        name="TEXTBACK_SERVER",
        meaning="Where the command finds the service.",
        default="127.0.0.1:50051",
        example="textback.example.com:50051",
        client=True,
    ),
    Setting(name="TEXTBACK_TOKEN", meaning="Bearer token of the caller.", example="TOKEN", secret=True, client=True),
    Setting(
        name="TEXTBACK_ACCOUNT",
        meaning="Account that the command acts for. Empty: the server's only or default one.",
        example="default",
        client=True,
    ),
)

SETTINGS: Mapping[str, Setting] = MappingProxyType({setting.name: setting for setting in _ALL})


def settings_page() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Environment variables. An empty one counts as not set. A secret may also come from a file: set the variable",
        "with `_FILE` after its name to the file's path. What is wrong is said at start, all at once, and no secret is",
        "ever printed.",
        "",
        "<!-- Generated: python -m textback_server.config > docs/settings.md -->",
    ]
    for title, client in (("Server", False), ("Command and client", True)):
        lines += ["", f"## {title}", "", "| variable | meaning | default | example |", "|---|---|---|---|"]
        lines += [_row(setting) for setting in _ALL if setting.client is client]
    return "\n".join(lines) + "\n"


def _row(setting: Setting) -> str:
    name = f"`{setting.name}`" + (" (secret)" if setting.secret else "")
    default = f"`{setting.default}`" if setting.default else ""
    return f"| {name} | {setting.meaning} | {default} | `{setting.example}` |"
