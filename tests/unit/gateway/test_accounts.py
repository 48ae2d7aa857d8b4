"""Which account and which sender a request means, and that no secret shows itself."""

from dataclasses import replace

import pytest

from tests.support.gateways import ACCOUNT, SENDER, SERVICE_SID
from textback_server.domain.errors import Refusal, Violation
from textback_server.domain.reasons import Reason
from textback_server.domain.senders import SenderKind, can_be_answered, sender_kind
from textback_server.gateway.accounts import Account, Accounts, ApiKey, Secret, sender_for


def other(name: str, number: int = 2) -> Account:
    """Another account."""
    return replace(ACCOUNT, name=name, account_sid=f"AC{number:032d}")


def test_pick_takes_the_only_account_when_none_is_named() -> None:
    assert Accounts((other("soc"),)).pick("").name == "soc"


def test_pick_takes_the_default_when_none_is_named_and_there_are_several() -> None:
    assert Accounts((other("soc"), ACCOUNT)).pick("") is ACCOUNT


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sock", 'account: "sock" is not configured; it may be soc, night'),
        ("", "account: must be set, since none is called default; it may be soc, night"),
        ("x" * 1000, f'account: "{"x" * 40}…" is not configured; it may be soc, night'),
    ],
)
def test_pick_refuses_when_no_account_is_meant(name: str, sentence: str) -> None:
    with pytest.raises(Refusal) as caught:
        Accounts((other("soc"), other("night", 3))).pick(name)
    assert (caught.value.reason, caught.value.message) == (Reason.ACCOUNT_UNKNOWN, sentence)


@pytest.mark.parametrize("accounts", [(), (ACCOUNT, ACCOUNT), (ACCOUNT, replace(ACCOUNT, name="twin"))])
def test_accounts_are_refused_when_they_cannot_be_told_apart(accounts: tuple[Account, ...]) -> None:
    with pytest.raises(ValueError, match="account"):
        Accounts(accounts)


def test_account_is_refused_when_it_has_a_region_without_an_edge() -> None:
    with pytest.raises(ValueError, match="a region needs an edge"):
        replace(ACCOUNT, region="ie1")


def test_account_shows_no_secret_when_it_is_printed() -> None:
    account = replace(
        ACCOUNT, secondary_token=Secret("hush-2"), api_key=ApiKey(sid="SK" + "0" * 32, secret=Secret("hush-3"))
    )
    shown = f"{account} {account!r} {Accounts((account,))!r}"
    assert "hush" not in shown
    assert "token-of-the-tests" not in shown
    assert account.webhook_tokens == ("token-of-the-tests", "hush-2")
    assert account.login == ("SK" + "0" * 32, "hush-3")


TWO = ("+15005550006", "MG" + "0" * 32)


@pytest.mark.parametrize(
    ("senders", "requested", "sender"),
    [
        ((SENDER,), "", SENDER),
        ((SENDER,), SENDER, SENDER),
        (TWO, TWO[1], TWO[1]),
        ((), "+14155550100", "+14155550100"),
        ((), "ACME", "ACME"),
    ],
)
def test_sender_for_gives_the_sender_when_the_account_may_use_it(
    senders: tuple[str, ...], requested: str, sender: str
) -> None:
    assert sender_for(replace(ACCOUNT, senders=senders), requested) == sender


@pytest.mark.parametrize(
    ("senders", "requested", "sentence"),
    [
        (TWO, "", 'must be set, since account "default" has no sole one; it may be +15005550006, MG'),
        ((), "", "must be set"),
        ((), "4155550100x?", '"4155550100x?" is no sender; it may be an E.164 number'),
        (TWO, "+14155550100", '"+14155550100" is not a sender of account "default"; it may be +15005550006, MG'),
        (tuple(f"+141555501{n:02}" for n in range(13)), "", "+14155550109 and 3 more"),
    ],
)
def test_sender_for_says_what_is_wrong_when_the_account_may_not_use_it(
    senders: tuple[str, ...], requested: str, sentence: str
) -> None:
    wrong = sender_for(replace(ACCOUNT, senders=senders), requested)
    assert isinstance(wrong, Violation)
    assert wrong.field == "sms.sender"
    assert sentence in wrong.description


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+15005550006", SenderKind.NUMBER),
        ("+10123456789", SenderKind.NUMBER),
        ("12345", SenderKind.SHORT_CODE),
        ("ACME Corp 1", SenderKind.ALPHANUMERIC),
        ("Ops-2_&+", SenderKind.ALPHANUMERIC),
        (SERVICE_SID, SenderKind.MESSAGING_SERVICE),
        ("+05005550006", None),
        ("+1500555", SenderKind.NUMBER),
        ("+150055", None),
        ("12", None),
        ("123456789", None),
        ("TwelveLetter", None),
        (" ACME", None),
        ("ACME ", None),
        ("ACME\n", None),
        ("+15005550006\n", None),
        ("١٢٣٤٥", None),
        ("", None),
        ("MG12", SenderKind.ALPHANUMERIC),
    ],
)
def test_sender_kind_tells_senders_apart_when_given_a_text(sender: str, kind: SenderKind | None) -> None:
    assert sender_kind(sender) is kind
    assert can_be_answered(sender) is (kind not in (None, SenderKind.ALPHANUMERIC))
