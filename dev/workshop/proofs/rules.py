"""What must be so in the books at every moment.

The addon has a check of its own, which has to find nothing. The rules here are what it
does not ask: plain SQL that knows nothing of it, and reads one snapshot.
"""

# Of each: what is wrong when there are rows, and the query.
RULES = {
    "what an entry of a wallet does for one document does not balance": """
        SELECT move_id, wallet_document_model, wallet_document_id, SUM(line.balance)
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
         WHERE wallet_document_id IS NOT NULL AND line.parent_state = 'posted'
           AND move.wallet_operation IS DISTINCT FROM 'pos_payment'
         GROUP BY 1, 2, 3 HAVING SUM(line.balance) <> 0
    """,
    "an entry of a wallet is a draft": """
        SELECT move.id, move.wallet_operation FROM account_move move
         WHERE move.state = 'draft'
           AND (move.wallet_operation IS NOT NULL OR EXISTS (
                SELECT FROM account_move_line
                 WHERE move_id = move.id AND wallet_id IS NOT NULL))
    """,
    "what is open of a journal item is not what its matchings leave": """
        SELECT line.id, line.amount_residual_currency, matched.amount
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
                                      AND account.reconcile
         CROSS JOIN LATERAL (
            SELECT COALESCE(SUM(CASE line.id WHEN debit_move_id
                       THEN debit_amount_currency ELSE -credit_amount_currency
                   END), 0) AS amount
              FROM account_partial_reconcile
             WHERE line.id IN (debit_move_id, credit_move_id)
          ) matched
         WHERE line.parent_state = 'posted' AND
               line.amount_residual_currency <> line.amount_currency - matched.amount
    """,
    "a till order took from a wallet and is not there, or the other way round": """
        SELECT pos.id AS order_id, payment.id, move.id
          FROM pos_order pos
          JOIN pos_payment payment ON payment.pos_order_id = pos.id
          JOIN pos_payment_method method ON method.id = payment.payment_method_id
                                        AND method.is_wallet
          JOIN pos_session session ON session.id = pos.session_id
          LEFT JOIN account_move move ON move.id = payment.wallet_move_id
          LEFT JOIN customer_wallet_hold hold ON hold.id = payment.wallet_hold_id
         WHERE pos.state IN ('paid', 'done') AND move.state IS DISTINCT FROM 'posted'
               AND (hold.state IS DISTINCT FROM 'held' OR session.state = 'closed')
            OR pos.state = 'draft' AND (move.id IS NOT NULL OR hold.id IS NOT NULL)
            OR hold.state = 'held' AND move.id IS NOT NULL
            OR hold.state <> 'held' AND move.id IS NULL
    """,
    "a paid till order is not paid in full": """
        SELECT pos.id, pos.amount_total, SUM(payment.amount) FROM pos_order pos
          LEFT JOIN pos_payment payment ON payment.pos_order_id = pos.id
         WHERE pos.state IN ('paid', 'done')
         GROUP BY pos.id HAVING pos.amount_total <> COALESCE(SUM(payment.amount), 0)
    """,
}


def find_broken(books):
    """What breaks the rules, and what the addon itself finds.

    :return: list of strings
    """
    queries = (
        f"SELECT '{wrong}' AS wrong, TO_JSON(found) AS row FROM ({query}) found"
        for wrong, query in RULES.items()
    )
    return [
        *(f"the addon finds {it}" for it in books.find_differences()),
        *(f"{wrong}: {row}" for wrong, row in books.fetch(" UNION ALL ".join(queries))),
    ]
