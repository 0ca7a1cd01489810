"""Sides that take turns, so that what else the machine does slows all of them."""

WARM_UP = 2  # rounds


def side_by_side(rounds, **sides):
    """Measure several sides in turn, round by round, after some rounds to warm up.

    :param sides: functions of the number of the round, which return a sample
    :return: dict of lists of samples
    """
    samples = {name: [] for name in sides}
    for number in range(WARM_UP + rounds):
        # Whoever comes first in one round comes last in the next.
        names = list(sides) if number % 2 else list(reversed(sides))
        for name in names:
            sample = sides[name](number)
            if number >= WARM_UP:
                samples[name].append(sample)
    return samples


def total(samples):
    """Several samples as one."""
    return {figure: sum(sample[figure] for sample in samples) for figure in samples[0]}
