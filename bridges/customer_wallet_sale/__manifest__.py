{
    "name": "Customer Wallet for Sales",
    "summary": "A wallet pays a part of a quotation, and gets back what was cancelled",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Customer Wallet contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["customer_wallet", "sale"],
    "data": [
        "views/res_config_settings_views.xml",
        "views/sale_portal_templates.xml",
    ],
}
