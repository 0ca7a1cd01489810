class PromotionMixin:
    """Short words for what people do with promotions."""

    @classmethod
    def _promotion(cls, **vals):
        """Pay 100, get 110, unless told otherwise."""
        return cls.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "bonus_type": "percent",
                "bonus_value": 10.0,
                **vals,
            }
        )

    @classmethod
    def _bonus_of(cls, top_up):
        """The entries of the bonus that a top-up has now."""
        return top_up.move_id._get_wallet_bonus_entries()

    @classmethod
    def _lots_of(cls, top_up):
        return cls._bonus_of(top_up).line_ids.filtered("wallet_lot_type")

    @classmethod
    def _left_of(cls, top_up):
        """What is left of the bonus of a top-up."""
        cls.env.flush_all()
        grants = cls._lots_of(top_up)
        taken = cls.env["account.move.line"].search(
            [("wallet_grant_id", "in", grants.ids), ("parent_state", "=", "posted")]
        )
        return -sum((grants | taken).mapped("amount_currency"))
