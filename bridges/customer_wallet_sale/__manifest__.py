{
    "name": "Customer Wallet for Sales",
    "summary": "What a wallet paid for an order that is cancelled goes back to it",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Customer Wallet contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["customer_wallet", "sale"],
    "data": ["views/res_config_settings_views.xml"],
}
