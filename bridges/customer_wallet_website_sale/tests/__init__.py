from . import test_part_from_the_wallet
