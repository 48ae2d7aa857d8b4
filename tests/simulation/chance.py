"""What a seed decides: how hostile the world of one run is."""

import random
from dataclasses import dataclass
from enum import Enum


class Ways(Enum):
    """How replies come in."""

    WEBHOOKS = "webhooks alone"
    POLLING = "polling alone"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Probabilities, and bounds in seconds. What arrives late arrives within them, or nobody could ever be sure.

    `anchored`: a question is open all the time, so that polling never rests. `lists_fail` 0: Twilio always shows its
    list.
    """

    ways: Ways
    anchored: bool
    requests: int
    bad_posts: float
    lost_calls: float
    doubled_calls: float
    dies_at_a_step: float
    seconds_between_kills: float
    stalls: float
    lists_fail: float
    list_lag: float = 20.0
    late_accept: float = 60.0
    callback_delay: float = 15.0
    commit_time: float = 0.05


def weather(rng: random.Random) -> Weather:
    """Any weather, from mild to hostile."""
    ways = rng.choices((Ways.BOTH, Ways.POLLING, Ways.WEBHOOKS), (3, 2, 1))[0]
    return Weather(
        ways=ways,
        anchored=rng.random() < 0.75,
        requests=rng.randint(8, 16),
        bad_posts=rng.choice((0.1, 0.3, 0.6)),
        lost_calls=rng.choice((0.0, 0.3, 0.7)),
        doubled_calls=rng.choice((0.0, 0.3)),
        dies_at_a_step=rng.choice((0.0, 0.01, 0.05)),
        seconds_between_kills=rng.choice((5.0, 30.0, 1e9)),
        stalls=rng.choice((0.0, 0.02)),
        lists_fail=rng.choice((0.0, 0.0, 0.2)),
    )
