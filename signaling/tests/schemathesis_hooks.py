"""What schemathesis cannot know of a clinic: names that are new, and appointments that can be made."""

import itertools
import os
import re

import schemathesis

USABLE_NAME = re.compile(r"[!-~]{1,200}")
NUMBERS = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives each write a name of its own; a name that is wrong stays wrong."""
    number = next(NUMBERS)
    headers = case.headers or {}
    for header in headers:
        if header.lower() == "idempotency-key" and USABLE_NAME.fullmatch(str(headers[header])):
            headers[header] = f"request-{number}"
    if case.operation.label == "POST /appointments" and number % 3 and is_positive(case):
        # Hours that nobody else has, at a service that there is.
        case.body.update(
            service=os.environ["VESTIBULE_SERVICE"],
            practitioner=None,
            # Nobody has an id that somebody made up.
            patient=None,
            at=int(os.environ["VESTIBULE_NOW"]) + number * 3_600_000,
            length=900_000,
        )


def is_positive(case):
    """The body fits the description."""
    mode = case.meta.generation.mode if case.meta else None
    return mode is not None and mode.is_positive and isinstance(case.body, dict)
