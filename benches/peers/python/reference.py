"""What the SimPy version needs besides its processes: parameters, the breaker, the measures.

Written from the definitions in ../README.md, independently of the Rust programs. Times are seconds.
"""

import json
import math
import resource
import sys
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Model:
    """Parameters of a reference model; the defaults are those of M1."""

    name: str = "m1"
    arrivals_per_second: float = 1500.0
    surge_from: float = math.inf
    surge_until: float = math.inf
    surge_factor: float = 1.0
    workers: int = 32
    queue_limit: int = 1000
    cpu_mean: float = 0.002
    connections: int = 20
    acquisition_timeout: float = 0.250
    database_mean: float = 0.010
    database_cv: float = 1.0
    breaker: bool = False
    client_timeout: float = 0.500
    max_attempts: int = 3
    backoff: float = 0.100

    def arrival_rate(self, now):
        """User requests a second at this time."""
        if self.surge_from <= now < self.surge_until:
            return self.arrivals_per_second * self.surge_factor
        return self.arrivals_per_second

    def lognormal(self):
        """The parameters mu and sigma of a database call's time."""
        variance = math.log(1 + self.database_cv**2)
        return math.log(self.database_mean) - variance / 2, math.sqrt(variance)


MODELS = {
    "m1": Model(),
    "m2b": Model("m2b", surge_from=200.0, surge_until=230.0, surge_factor=3.0, workers=1024, breaker=True),
}


class Breaker:
    """Count-based circuit breaker: window 100, opens at half failed, 5 s open, 10 trials."""

    WINDOW, TRIALS, OPEN_FOR = 100, 10, 5.0

    def __init__(self):
        self.era = 0
        self.opens = 0
        self._close()

    def admit(self, now):
        """The era in which the call is admitted, or None if it is refused."""
        if self.state == "open" and now >= self.until:
            self.state, self.admitted, self.results = "half-open", 0, []
            self.era += 1
        if self.state == "open" or (self.state == "half-open" and self.admitted == self.TRIALS):
            return None
        if self.state == "half-open":
            self.admitted += 1
        return self.era

    def record(self, now, era, success):
        """Takes in the result of a call; one from an earlier state is ignored."""
        if era != self.era:
            return
        if self.state == "closed":
            self._slide(not success)
            if len(self.results) == self.WINDOW and 2 * self.failed >= self.WINDOW:
                self._open(now)
        elif self.state == "half-open":
            self.results.append(not success)
            if len(self.results) == self.TRIALS:
                if 2 * sum(self.results) >= self.TRIALS:
                    self._open(now)
                else:
                    self.era += 1
                    self._close()

    def _slide(self, failed):
        if len(self.results) < self.WINDOW:
            self.results.append(failed)
        else:
            self.failed -= self.results[self.oldest]
            self.results[self.oldest] = failed
            self.oldest = (self.oldest + 1) % self.WINDOW
        self.failed += failed

    def _close(self):
        self.state, self.results, self.oldest, self.failed = "closed", [], 0, 0

    def _open(self, now):
        self.state, self.until = "open", now + self.OPEN_FOR
        self.era += 1
        self.opens += 1


@dataclass
class Measures:
    """What a run counts: totals, all latencies, and rows of (requests, ok, failed, retries) for each second."""

    horizon: int
    latencies: list = field(default_factory=list)
    timeouts: int = 0
    rejects: int = 0
    pool_timeouts: int = 0
    breaker_rejects: int = 0

    def __post_init__(self):
        self.requests, self.ok, self.failed, self.retries = ([0] * (self.horizon + 1) for _ in range(4))

    def success(self, now, born):
        """Counts a good answer."""
        self.latencies.append(now - born)
        self.ok[int(now)] += 1

    def quantile_ms(self, fraction):
        """A quantile of the latency by rank, milliseconds."""
        rank = math.ceil(fraction * len(self.latencies))
        return self.latencies[max(rank, 1) - 1] * 1e3 if self.latencies else 0.0

    def line(self, program, model, cpu_seconds, breaker_opens):
        """The JSON line every compared program prints."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.latencies.sort()
        requests, ok = sum(self.requests), sum(self.ok)
        return json.dumps({
            "program": program,
            "model": model.name,
            "requests": requests,
            "cpu_seconds": cpu_seconds,
            "rate": requests / cpu_seconds,
            "ok": ok,
            "failed": sum(self.failed),
            "retries": sum(self.retries),
            "timeouts": self.timeouts,
            "rejects": self.rejects,
            "mean_ms": sum(self.latencies) / max(ok, 1) * 1e3,
            "p50_ms": self.quantile_ms(0.5),
            "p99_ms": self.quantile_ms(0.99),
            "peak_kib": peak // 1024 if sys.platform == "darwin" else peak,
            "pool_timeouts": self.pool_timeouts,
            "breaker_rejects": self.breaker_rejects,
            "breaker_opens": breaker_opens,
        })
