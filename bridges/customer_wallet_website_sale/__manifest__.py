{
    "name": "Customer Wallet for eCommerce",
    "summary": "In the web shop, a wallet pays a part and a card the rest",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Customer Wallet contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["customer_wallet_sale", "website_sale"],
    "data": ["views/payment_templates.xml"],
    "assets": {
        "web.assets_tests": ["customer_wallet_website_sale/static/tests/tours/**/*"],
    },
}
