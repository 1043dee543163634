"""Runs a reference model in SimPy 4.1.2, the way SimPy's own documentation writes such models.

One process for each user request, one for each attempt, a Resource for the workers and one for the connections;
`event | timeout` wherever somebody waits with a limit.
"""

import argparse
import random
import time

import simpy

from reference import MODELS, Breaker, Measures


class System:
    """A client population, a service and its database."""

    def __init__(self, model, horizon, seed):
        self.env = simpy.Environment()
        self.model = model
        self.random = random.Random(seed)
        self.mu, self.sigma = model.lognormal()
        self.workers = simpy.Resource(self.env, model.workers)
        self.connections = simpy.Resource(self.env, model.connections)
        self.breaker = Breaker() if model.breaker else None
        self.measures = Measures(horizon)
        self.env.process(self.arrivals())

    def arrivals(self):
        """Starts a process for each user request."""
        env = self.env
        while True:
            yield env.timeout(self.random.expovariate(self.model.arrival_rate(env.now)))
            self.measures.requests[int(env.now)] += 1
            env.process(self.request())

    def request(self):
        """A user request: attempts until one is good or none is left."""
        env, model = self.env, self.model
        born = env.now
        for number in range(1, model.max_attempts + 1):
            if number > 1:
                yield env.timeout(self.random.random() * model.backoff * 2 ** (number - 2))
                self.measures.retries[int(env.now)] += 1
            answer = env.event()
            env.process(self.attempt(answer))
            yield answer | env.timeout(model.client_timeout)
            if not answer.triggered:
                self.measures.timeouts += 1
                answer.succeed(False)  # the client hangs up; the server works on without knowing
            elif answer.value:
                self.measures.success(env.now, born)
                return
        self.measures.failed[int(env.now)] += 1

    def attempt(self, answer):
        """An attempt as the server sees it; `answer` may be taken back by the client meanwhile."""
        if len(self.workers.queue) >= self.model.queue_limit:
            self.measures.rejects += 1
            answer.succeed(False)
            return
        with self.workers.request() as worker:
            yield worker
            yield self.env.timeout(self.random.expovariate(1 / self.model.cpu_mean))
            success = yield from self.guarded_call()
        if not answer.triggered:
            answer.succeed(success)

    def guarded_call(self):
        """A database call behind the breaker, if there is one."""
        if self.breaker is None:
            return (yield from self.call())
        era = self.breaker.admit(self.env.now)
        if era is None:
            self.measures.breaker_rejects += 1
            return False
        success = yield from self.call()
        self.breaker.record(self.env.now, era, success)
        return success

    def call(self):
        """A database call: whether it got a connection in time."""
        with self.connections.request() as connection:
            yield connection | self.env.timeout(self.model.acquisition_timeout)
            if not connection.triggered:
                self.measures.pool_timeouts += 1
                return False
            yield self.env.timeout(self.random.lognormvariate(self.mu, self.sigma))
            return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=sorted(MODELS), default="m1")
    parser.add_argument("--horizon", type=int, default=600, help="simulated seconds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    model = MODELS[arguments.model]
    begin = time.process_time()
    system = System(model, arguments.horizon, arguments.seed)
    system.env.run(until=arguments.horizon)
    cpu_seconds = time.process_time() - begin
    opens = system.breaker.opens if system.breaker else 0
    print(system.measures.line("simpy", model, cpu_seconds, opens))


if __name__ == "__main__":
    main()
