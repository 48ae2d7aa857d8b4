"""The gateway to Twilio itself, through its official SDK."""

import random
from datetime import datetime

import structlog
from twilio.base import values
from twilio.rest import Client

from textback_server.domain.facts import PostHeld, PostUnclear
from textback_server.domain.listing import Listing
from textback_server.domain.segments import TRIAL_PREFIX
from textback_server.domain.senders import SenderKind, sender_kind
from textback_server.gateway import listings, outcomes
from textback_server.gateway.accounts import Account, Accounts
from textback_server.gateway.http import CallFailed, ErrorAnswer, TwilioHttp
from textback_server.gateway.probe import probe
from textback_server.gateway.protocol import Outbound, Pong, PostOutcome

_log = structlog.get_logger(__name__)


class TwilioGateway:
    """Implements `Gateway`. Construct it before serving: the SDK's first use blocks the loop for about 0.2 s."""

    def __init__(self, accounts: Accounts, http: TwilioHttp, rng: random.Random) -> None:
        """`http` must be entered before the first call; `rng` spreads retries."""
        self._accounts = accounts
        self._rng = rng
        self._clients = {account.name: _client(account, http) for account in accounts.all}
        self._trial: set[str] = set()

    async def create(self, account: str, outbound: Outbound) -> PostOutcome:
        """POST one message, once. Never raises for what Twilio or the network does; leaves no doubt undeclared."""
        name = self._accounts.pick(account).name
        try:
            message = await self._clients[name].messages.create_async(
                to=outbound.recipient,
                body=outbound.text,
                validity_period=int(outbound.validity_period.total_seconds()),
                status_callback=outbound.status_callback or values.unset,
                smart_encoded=True if outbound.smart_encoded else values.unset,
                **_sender(outbound.sender),
            )
        except CallFailed as error:
            outcome = outcomes.after_failed_call(error, self._rng)
            _log_trouble(name, outcome, error)
            return outcome
        except Exception as error:  # noqa: BLE001 - whatever the SDK trips over in a 2xx, the SMS may be on its way
            _log.warning("twilio answer not understood", account=name, error=type(error).__name__)
            return PostUnclear(failure=outcomes.NO_SID)
        self._learn(name, trial=str(message.body or "").startswith(TRIAL_PREFIX))
        return outcomes.after_success(message.sid, message.status, message.error_code)

    async def texts(self, account: str, *, sender: str = "", recipient: str = "", since: datetime) -> Listing:
        """What Twilio lists from this sender or to this recipient, back to `since`. Raises NotListable."""
        client = self._clients[self._accounts.pick(account).name]
        return await listings.texts(client, sender=sender, recipient=recipient, since=since)

    async def pool(self, account: str, service: str) -> tuple[str, ...]:
        """The numbers that a Messaging Service sends from. Raises NotListable."""
        return await listings.pool(self._clients[self._accounts.pick(account).name], service)

    def prefix(self, account: str) -> str:
        """What Twilio puts before this account's texts, as far as its answers have shown; "" for a full account."""
        return TRIAL_PREFIX if account in self._trial else ""

    async def probe(self, account: str, inbound_url: str | None) -> Pong:
        """Ask Twilio about the account and its default sender. Raises Refusal if it cannot send."""
        picked = self._accounts.pick(account)
        pong = await probe(picked, self._clients[picked.name], inbound_url)
        if pong.account_type:
            self._learn(picked.name, trial=pong.account_type == "Trial")
        return pong

    def _learn(self, name: str, *, trial: bool) -> None:
        (self._trial.add if trial else self._trial.discard)(name)


def _client(account: Account, http: TwilioHttp) -> Client:
    user, password = account.login
    client = Client(
        user,
        password,
        account.account_sid,
        http_client=http,
        # The SDK rewrites the host for these, an emulator's too; and it would read them from the process environment.
        edge="" if account.api_url else account.edge,
        region="" if account.api_url else account.region,
        environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
    )
    if account.api_url:
        client.api.base_url = account.api_url
        client.messaging.base_url = account.api_url
    # First uses import half the SDK: now, not while serving.
    _ = client.messages, client.incoming_phone_numbers, client.messaging.v1.services
    return client


def _sender(sender: str) -> dict[str, str]:
    service = sender_kind(sender) is SenderKind.MESSAGING_SERVICE
    return {"messaging_service_sid" if service else "from_": sender}


def _log_trouble(account: str, outcome: PostOutcome, error: CallFailed) -> None:
    """Only classes, codes and Twilio's request id: their texts carry numbers."""
    if not isinstance(outcome, PostHeld | PostUnclear):
        return
    request_id = error.answer.request_id if isinstance(error, ErrorAnswer) else ""
    _log.warning(
        "twilio did not take a message" if isinstance(outcome, PostHeld) else "twilio may have taken a message",
        account=account,
        reason=outcome.failure.reason.value,
        error=str(error),
        twilio_request_id=request_id,
    )
