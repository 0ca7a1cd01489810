"""What people do who move money, each time with a mark by which it is found again.

A way to move money has two steps: documents are made, then one request moves the money.
Only the second one counts: who gets an answer to it must be able to rely on it.
"""

import uuid
from dataclasses import dataclass, field

AMOUNT = 10

# What the books say of each movement. Its mark is in the memo of a payment, in the
# reference of an invoice, in the reason of a transfer, or is the identity of an order.
BOOKED = """
    WITH items AS (
        SELECT move_id, wallet_document_model, wallet_document_id,
               amount_currency AS amount
          FROM account_move_line
         WHERE wallet_id IS NOT NULL AND parent_state = 'posted'
    )
    SELECT mark, COUNT(DISTINCT move_id) AS times, SUM(amount) AS amount
      FROM (
        SELECT payment.memo AS mark, items.move_id, -items.amount AS amount
          FROM account_payment payment
          JOIN items ON items.move_id = payment.move_id
         UNION ALL
        SELECT CASE WHEN move.reversed_entry_id IS NULL THEN invoice.ref
                    ELSE 'undo-' || invoice.ref END,
               items.move_id, ABS(items.amount)
          FROM items
          JOIN account_move move ON move.id = items.move_id
          JOIN account_move invoice ON invoice.id = items.wallet_document_id
                                   AND items.wallet_document_model = 'account.move'
         UNION ALL
        SELECT pos.uuid, items.move_id, items.amount
          FROM pos_order pos
          JOIN pos_payment payment ON payment.pos_order_id = pos.id
          JOIN items ON items.move_id = payment.wallet_move_id
           AND items.wallet_document_id = CASE items.wallet_document_model
               WHEN 'pos.order' THEN pos.id ELSE pos.account_move END
         UNION ALL
        SELECT pos.uuid, -hold.id, hold.amount
          FROM pos_order pos
          JOIN pos_payment payment ON payment.pos_order_id = pos.id
          JOIN customer_wallet_hold hold ON hold.pos_payment_id = payment.id
         WHERE hold.state = 'held'
         UNION ALL
        SELECT SPLIT_PART(move.ref, ': ', 2), items.move_id, items.amount
          FROM items
          JOIN account_move move ON move.id = items.move_id
         WHERE move.wallet_operation = 'transfer' AND items.amount > 0
           AND move.reversed_entry_id IS NULL
      ) found
     GROUP BY mark
"""
ENTRIES = """
    SELECT COUNT(DISTINCT move_id)
           + (SELECT COUNT(*) FROM customer_wallet_hold WHERE state = 'held') AS number
      FROM account_move_line
     WHERE wallet_id IS NOT NULL AND parent_state = 'posted'
"""


@dataclass
class Movement:
    """One request that moves money.

    `told` is what its sender knows: nothing, or "done", or the words of a refusal.
    """

    mark: str
    model: str
    method: str
    args: list
    kwargs: dict = field(default_factory=dict)
    told: str = ""

    def send(self, client, **options):
        return client.call(
            self.model, self.method, self.args, dict(self.kwargs), **options
        )


class Documents:
    """What somebody makes before the money can move."""

    def __init__(self, client, made, rng):
        self._client = client
        self._made = made
        self._rng = rng
        # Invoices that were paid, with their marks, for somebody to undo.
        self._paid = []

    def any_movement(self):
        """
        :return: Movement, not sent yet
        """
        ways = (self._top_up, self._allocate, self._order, self._transfer, self._undo)
        return self._rng.choice(ways)()

    def note_done(self, movement):
        if movement.mark.startswith("allocate"):
            self._paid.append((movement.mark, movement.args[0]))

    def _mark(self, way):
        return f"{way}-{uuid.UUID(int=self._rng.getrandbits(128))}"

    def _customer(self):
        return self._rng.choice(self._made["customers"])

    def _top_up(self):
        mark = self._mark("top_up")
        vals = {
            "partner_id": self._customer()[0],
            "amount": AMOUNT,
            "payment_type": "inbound",
            "partner_type": "customer",
            "is_wallet": True,
            "memo": mark,
        }
        payment_ids = self._client.call("account.payment", "create", [[vals]])
        return Movement(mark, "account.payment", "action_post", [payment_ids])

    def _allocate(self):
        mark = self._mark("allocate")
        line = {"name": "Goods", "price_unit": AMOUNT, "tax_ids": []}
        vals = {
            "move_type": "out_invoice",
            "partner_id": self._customer()[0],
            "ref": mark,
            "invoice_line_ids": [[0, 0, line]],
        }
        invoice_ids = self._client.call("account.move", "create", [[vals]])
        self._client.call("account.move", "action_post", [invoice_ids])
        context = {"wallet_request_key": mark}
        method = "action_allocate_wallet"
        kwargs = {"context": context}
        return Movement(mark, "account.move", method, [invoice_ids], kwargs)

    def _undo(self):
        """Nobody undoes the same twice; who has nothing to undo pays something."""
        if not self._paid:
            return self._allocate()
        mark, invoice_ids = self._paid.pop(self._rng.randrange(len(self._paid)))
        (invoice,) = self._client.call(
            "account.move", "read", [invoice_ids, ["wallet_widget"]]
        )
        (payment,) = invoice["wallet_widget"]["payments"]
        args = [invoice_ids, payment["partial_id"]]
        method = "action_unallocate_wallet"
        return Movement(f"undo-{mark}", "account.move", method, args)

    def _order(self):
        mark = self._mark("order")
        order = self._rng.choice(self._made["orders"])
        (line,), (payment,) = order["lines"], order["payment_ids"]
        order = {
            **order,
            "uuid": mark,
            "lines": [[*line[:2], {**line[2], "uuid": f"{mark}-line"}]],
            "payment_ids": [[*payment[:2], {**payment[2], "uuid": f"{mark}-payment"}]],
        }
        return Movement(mark, "pos.order", "sync_from_ui", [[order]])

    def _transfer(self):
        mark = self._mark("transfer")
        giver, taker = self._rng.sample(self._made["customers"], 2)
        vals = {
            "wallet_id": giver[1],
            "target_partner_id": taker[0],
            "amount": AMOUNT,
            "reason": mark,
        }
        model = "customer.wallet.transfer"
        dialog_ids = self._client.call(model, "create", [[vals]])
        return Movement(mark, model, "action_confirm", [dialog_ids])
