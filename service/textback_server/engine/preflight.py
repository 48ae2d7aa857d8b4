"""What is wrong with the accounts, said once at start: who is never pinged would else miss every reply in silence."""

import asyncio

import structlog

from textback_server.domain.errors import Refusal
from textback_server.domain.reasons import MEANINGS
from textback_server.engine.callbacks import Callbacks
from textback_server.gateway.accounts import Accounts
from textback_server.gateway.protocol import Gateway

PATIENCE = 30.0
"""Seconds that Twilio may take over one account."""

_log = structlog.get_logger(__name__)


class Preflight:
    """Asks Twilio about each account, one after the other, as Ping does. Never ends the process."""

    def __init__(self, gateway: Gateway, accounts: Accounts, callbacks: Callbacks) -> None:
        self._gateway = gateway
        self._accounts = accounts
        self._callbacks = callbacks

    async def run(self) -> None:
        """Look at all accounts, once."""
        for account in self._accounts.all:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._look(account.name)
            except Refusal as error:
                fix = MEANINGS[error.reason].fix
                _log.warning(
                    "account.trouble", account=account.name, reason=error.reason.value, message=error.message, fix=fix
                )
            except Exception as error:  # noqa: BLE001 - a check that fails must not end what works
                _log.warning("account.trouble", account=account.name, reason=type(error).__name__)

    async def _look(self, account: str) -> None:
        pong = await self._gateway.probe(account, self._callbacks.inbound_url(account))
        for found in pong.warnings:
            _log.warning("account.warning", account=account, reason=found.reason, message=found.message, fix=found.fix)
