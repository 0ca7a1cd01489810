"""What has to be shown of paying online with a wallet: each way to pay, and what may
happen to it. A test says what it shows; `./dev/matrix` writes the table.
"""

WAYS = (
    "web shop",
    "quotation",
    "portal invoice",
    "payment link",
    "event ticket",
    "self-order",
    "subscription token",
)
CASES = (
    "enough",
    "short",
    "frozen",
    "visitor",
    "another's document",
    "raced",
    "sent twice",
    "refunded",
    "cancelled",
    "invoiced later",
    "part and card",
    "foreign currency",
)
# Cells that make no sense, and why.
SENSELESS = {
    ("portal invoice", "invoiced later"): "it is the invoice",
    ("payment link", "invoiced later"): "as what the link is for",
    ("subscription token", "visitor"): "nobody is there: the server charges it",
    ("subscription token", "part and card"): "one token is charged, for all of it",
}


def shows(*cells):
    """Say which cells of the table a test shows: those of all its ways and cases.

    :param str cells: some of `WAYS`, and some of `CASES`
    """
    unknown = set(cells) - set(WAYS) - set(CASES)
    if unknown or not set(cells) & set(WAYS) or not set(cells) & set(CASES):
        raise ValueError(f"Not in the table: {unknown or cells}")
    return lambda test: test
