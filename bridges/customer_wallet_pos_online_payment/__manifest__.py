{
    "name": "Customer Wallet for POS Online Payment",
    "summary": "Who pays a till order online may pay it from the wallet",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Customer Wallet contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["customer_wallet", "pos_online_payment"],
    "assets": {
        "point_of_sale._assets_pos": [
            "customer_wallet_pos_online_payment/static/src/app/**/*"
        ],
        "web.assets_tests": [
            "customer_wallet_pos_online_payment/static/tests/tours/**/*"
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
