"""What wallets hold, counted in SQL from the journal items alone."""

BALANCES = """
    SELECT line.partner_id, SPLIT_PART(company.parent_path, '/', 1)::int,
           line.currency_id, (-SUM(line.amount_currency))::text,
           COALESCE(-SUM(line.amount_currency) FILTER (
               WHERE line.account_id = company.wallet_bonus_account_id), 0)::text
      FROM account_move_line line
      JOIN res_company company ON company.id = line.company_id
     WHERE line.account_id IN (
               company.wallet_account_id, company.wallet_bonus_account_id)
       AND line.parent_state = 'posted'
     GROUP BY 1, 2, 3
"""
STORED = """
    SELECT partner_id, company_id, currency_id, balance::text, bonus_balance::text
      FROM customer_wallet
"""
KINDS = """
    SELECT partner_id, company_id, currency_id, balance::text, bonus_balance::text,
           held::text, held_bonus::text, overdraft_limit::text, debt_limit::text,
           state, low_balance_threshold::text, is_low_balance_notified
      FROM customer_wallet
"""
HISTORY = """
    SELECT line.id, line.date::text, line.move_name, line.amount_currency::text,
           line.wallet_lot_type, line.wallet_expiry_date::text, line.wallet_grant_id,
           wallet.partner_id, wallet.currency_id, move.wallet_operation
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
      JOIN customer_wallet wallet ON wallet.id = line.wallet_id
     WHERE line.parent_state = 'posted'
"""
LINKS = {
    "bonuses of top-ups": """
        SELECT id, wallet_bonus_origin_id, wallet_promotion_id FROM account_move
         WHERE wallet_bonus_origin_id IS NOT NULL OR wallet_promotion_id IS NOT NULL
    """,
    "paid documents": """
        SELECT id, wallet_document_model, wallet_document_id FROM account_move_line
         WHERE wallet_document_id IS NOT NULL
    """,
    "reminders": """
        SELECT id, wallet_reminder_date::text FROM account_move_line
         WHERE wallet_reminder_date IS NOT NULL
    """,
    "till payments": """
        SELECT id, wallet_move_id, wallet_bonus::text, wallet_bonus_note
          FROM pos_payment WHERE wallet_move_id IS NOT NULL
    """,
    "payments": """
        SELECT id, is_wallet FROM account_payment WHERE is_wallet
    """,
    "methods": """
        SELECT method.id, method.is_wallet, method.auto_invoice, method.active,
               ARRAY(SELECT pos_config_id FROM pos_config_pos_payment_method_rel
                      WHERE pos_payment_method_id = method.id ORDER BY 1)
          FROM pos_payment_method method
         WHERE method.is_wallet OR method.auto_invoice
    """,
    "choices of customers": """
        SELECT id, wallet_auto_allocate::text FROM res_partner
         WHERE wallet_auto_allocate IS NOT NULL
    """,
    "settings": """
        SELECT id, wallet_account_id, wallet_journal_id, wallet_bonus_account_id,
               wallet_promotion_account_id, wallet_payment_default,
               wallet_top_up_receipt, wallet_auto_allocate,
               wallet_auto_allocate_incoming, wallet_expiry_reminder,
               wallet_expiry_reminder_days, wallet_online_top_up,
               wallet_top_up_amounts, wallet_mail_used, wallet_mail_low_balance
          FROM res_company
    """,
    "promotions": """
        SELECT id, name::text, active, company_id, currency_id, bonus_type,
               bonus_value::text, minimum_amount::text, validity_days
          FROM customer_wallet_promotion
    """,
    "notes in the chatter": """
        SELECT wallet.partner_id, wallet.company_id, wallet.currency_id, message.id
          FROM mail_message message
          JOIN customer_wallet wallet ON wallet.id = message.res_id
         WHERE message.model = 'customer.wallet'
    """,
}


def take_wallets(env):
    """
    :raises AssertionError: a balance is not what the journal items say
    """
    env.flush_all()
    expected = _rows(env, BALANCES)
    stored = _rows(env, STORED)
    wanted, found = (
        {tuple(row[:3]): tuple(map(float, row[3:])) for row in rows}
        for rows in (expected, stored)
    )
    nothing = (0.0, 0.0)
    wrong = {
        key: (wanted.get(key, nothing), found.get(key, nothing))
        for key in {*wanted, *found}
        if wanted.get(key, nothing) != found.get(key, nothing)
    }
    if wrong:
        raise AssertionError(f"Wallets that are not what the books say: {wrong}")
    return {
        "balances": expected,
        "wallets": _rows(env, KINDS),
        "history": _rows(env, HISTORY),
        **{name: _rows(env, query) for name, query in LINKS.items()},
    }


def _rows(env, query):
    env.cr.execute(query)
    return sorted(map(list, env.cr.fetchall()), key=str)
