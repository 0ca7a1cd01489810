from . import test_access, test_buying_with_the_wallet, test_part_from_the_wallet
