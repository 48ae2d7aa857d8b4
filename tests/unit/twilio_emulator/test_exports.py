"""The names that others import."""

import twilio_emulator


def test_exports_are_those_that_others_compose_with() -> None:
    assert twilio_emulator.__all__ == [
        "AccountStatus",
        "AccountType",
        "ClockMode",
        "Delivery",
        "Direction",
        "Effect",
        "Emulator",
        "EmulatorSettings",
        "LifecycleMode",
        "Match",
        "Media",
        "Message",
        "MessagingService",
        "Reply",
        "Reset",
        "Rule",
        "Rules",
        "Seed",
        "Stage",
        "Status",
        "ThreadedEmulator",
    ]
    assert all(getattr(twilio_emulator, name) is not None for name in twilio_emulator.__all__)
