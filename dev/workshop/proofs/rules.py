"""What must be so in the books at every moment.

The addon has a check of its own, which has to find nothing. The rules here are plain
SQL that knows nothing of it: what the ledger rests on, asked once more by somebody
else, and what that check does not ask. They read one snapshot.
"""

# Of each: what is wrong when there are rows, and the query.
RULES = {
    "a wallet differs from its journal items": """
        SELECT wallet.id, wallet.balance, items.total,
               wallet.bonus_balance, items.bonus
          FROM customer_wallet wallet
          JOIN res_company company ON company.id = wallet.company_id
          LEFT JOIN LATERAL (
            SELECT COALESCE(-SUM(amount_currency), 0) AS total,
                   COALESCE(-SUM(amount_currency) FILTER (
                       WHERE account_id = company.wallet_bonus_account_id), 0) AS bonus
              FROM account_move_line
             WHERE wallet_id = wallet.id AND parent_state = 'posted'
          ) items ON TRUE
         WHERE wallet.balance IS DISTINCT FROM items.total
            OR wallet.bonus_balance IS DISTINCT FROM items.bonus
    """,
    "the wallets differ from the accounts in the ledger": """
        SELECT ledger.partner_id, ledger.paid, wallets.paid AS in_wallets,
               ledger.bonus, wallets.bonus AS bonus_in_wallets
          FROM (
            SELECT line.partner_id,
                   -SUM(line.amount_currency) FILTER (
                       WHERE line.account_id = company.wallet_account_id) AS paid,
                   -SUM(line.amount_currency) FILTER (
                       WHERE line.account_id = company.wallet_bonus_account_id) AS bonus
              FROM account_move_line line
              JOIN res_company company ON company.id = line.company_id
             WHERE line.parent_state = 'posted'
             GROUP BY line.partner_id
          ) ledger
          FULL JOIN (
            SELECT partner_id, SUM(balance - bonus_balance) AS paid,
                   SUM(bonus_balance) AS bonus
              FROM customer_wallet GROUP BY partner_id
          ) wallets ON wallets.partner_id = ledger.partner_id
         WHERE COALESCE(ledger.paid, 0) <> COALESCE(wallets.paid, 0)
            OR COALESCE(ledger.bonus, 0) <> COALESCE(wallets.bonus, 0)
    """,
    "a wallet is below its limit": """
        SELECT id, balance, bonus_balance, held, held_bonus FROM customer_wallet
         WHERE balance - bonus_balance - held + held_bonus + overdraft_limit < 0
            OR bonus_balance - held_bonus < 0
    """,
    "what an entry of a wallet does for one document does not balance": """
        SELECT move_id, wallet_document_model, wallet_document_id, SUM(balance)
          FROM account_move_line
         WHERE wallet_document_id IS NOT NULL AND parent_state = 'posted'
           AND move_id NOT IN (
               SELECT id FROM account_move WHERE wallet_operation = 'pos_payment')
         GROUP BY 1, 2, 3 HAVING SUM(balance) <> 0
    """,
    "an entry does not balance": """
        SELECT move_id, SUM(balance) FROM account_move_line
         WHERE parent_state = 'posted'
         GROUP BY move_id HAVING SUM(balance) <> 0
    """,
    "an entry of a wallet is a draft": """
        SELECT move.id, move.wallet_operation FROM account_move move
         WHERE move.state = 'draft'
           AND (move.wallet_operation IS NOT NULL OR EXISTS (
                SELECT FROM account_move_line
                 WHERE move_id = move.id AND wallet_id IS NOT NULL))
    """,
    "what is open of a journal item is not what its matchings leave": """
        SELECT line.id, line.amount_residual_currency
          FROM account_move_line line
          LEFT JOIN LATERAL (
            SELECT COALESCE(SUM(debit_amount_currency), 0) AS total
              FROM account_partial_reconcile WHERE debit_move_id = line.id
          ) credits ON TRUE
          LEFT JOIN LATERAL (
            SELECT COALESCE(SUM(credit_amount_currency), 0) AS total
              FROM account_partial_reconcile WHERE credit_move_id = line.id
          ) debits ON TRUE
          JOIN account_account account ON account.id = line.account_id
         WHERE line.parent_state = 'posted' AND account.reconcile
           AND line.amount_residual_currency
               <> line.amount_currency - credits.total + debits.total
    """,
    "an invoice is paid otherwise than its receivable": """
        SELECT move.id, move.amount_residual, items.open
          FROM account_move move
          JOIN LATERAL (
            SELECT SUM(line.amount_residual_currency) AS open
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.move_id = move.id
               AND account.account_type = 'asset_receivable'
          ) items ON TRUE
         WHERE move.move_type = 'out_invoice' AND move.state = 'posted'
           AND move.amount_residual <> items.open
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
           AND pos.amount_total <> 0
    """,
}


def find_broken(books):
    """What breaks the rules, and what the addon itself finds.

    :return: list of strings
    """
    differences = [f"the addon finds {it}" for it in books.find_differences()]
    queries = (
        f"SELECT {number} AS number, TO_JSON(found) AS row FROM ({query}) found"
        for number, query in enumerate(RULES.values())
    )
    names = list(RULES)
    return differences + [
        f"{names[found['number']]}: "
        + ", ".join(f"{key} {value}" for key, value in found["row"].items())
        for found in books.rows(" UNION ALL ".join(queries))
    ]


def available(books, *partner_ids):
    """
    :return: list of floats, what these customers have in their wallets, and is not held
    """
    rows = books.rows("SELECT partner_id, balance - held AS free FROM customer_wallet")
    free = {row["partner_id"]: float(row["free"]) for row in rows}
    return [free.get(partner_id, 0.0) for partner_id in partner_ids]
