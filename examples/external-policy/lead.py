#!/usr/bin/env python3
"""A policy as a program: rolls back what changed last at the first service that is sick, and gives it five minutes to show.

    brownout run one-slash --policy 'exec:python3 examples/external-policy/lead.py'
"""
import json
import sys

MINUTE = 60_000_000_000  # times are in nanoseconds
hello = json.loads(sys.stdin.readline())
if hello["protocol"] != 2:
    sys.exit(f"protocol {hello['protocol']} is not known here")

sick_for = {}  # by service: readings in a row with more than 5 % errors
acted_at = None

for line in sys.stdin:
    asked = json.loads(line)
    if "end" in asked:
        break
    seen, offered = asked["observation"], {option["name"] for option in asked["menu"]["options"]}
    for view in seen["services"]:
        bad = (view["error_ratio"] or 0) > 0.05
        sick_for[view["name"]] = sick_for.get(view["name"], 0) + 1 if bad else 0
    sick = [name for name, readings in sick_for.items() if readings >= 2]
    commands = []
    if sick and (acted_at is None or seen["now"] - acted_at >= 5 * MINUTE):
        suspects = sick + [change["name"] for change in reversed(seen["changes"])]
        options = [f"roll-back {name}" for name in suspects if f"roll-back {name}" in offered]
        if options:
            commands.append({"act": {"option": options[0], "reason": f"{sick[0]} is sick"}})
            acted_at = seen["now"]
    print(json.dumps({"question": asked["question"], "commands": commands}), flush=True)
