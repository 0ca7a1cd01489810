from . import payment_portal
