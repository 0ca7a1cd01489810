from . import (
    payment_transaction,
    res_company,
    res_config_settings,
    sale_order,
)
