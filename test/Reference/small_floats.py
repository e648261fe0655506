"""The numbers of the floats of 8 and 4 bits, by what their codes mean; rounding to them is a search among these."""

import functools

import numpy as np

# Bits of the exponent and of the mantissa, the exponent's bias, and what the codes at the top are.
FORMATS = {
    "f8E5M2": (5, 2, 15, "ieee"), "f8E4M3FN": (4, 3, 7, "ones"), "f8E5M2FNUZ": (5, 2, 16, "zero"),
    "f8E4M3FNUZ": (4, 3, 8, "zero"), "f4E2M1FN": (2, 1, 1, "none"), "f8E8M0FNU": (8, 0, 127, "power"),
}  # fmt: skip


@functools.cache
def numbers(element):
    """What each code means, in float64."""
    exponent_bits, mantissa_bits, bias, special = FORMATS[element]
    signs = 0 if special == "power" else 1
    values = []
    for code in range(1 << (signs + exponent_bits + mantissa_bits)):
        mantissa = code & ((1 << mantissa_bits) - 1)
        exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1)
        sign = -1.0 if signs and code >> (exponent_bits + mantissa_bits) else 1.0
        magnitude = code & ((1 << (exponent_bits + mantissa_bits)) - 1)
        if special == "power":
            values.append(np.nan if code == 255 else 2.0 ** (code - bias))
        elif special == "ieee" and exponent == (1 << exponent_bits) - 1:
            values.append(np.nan if mantissa else sign * np.inf)
        elif special == "ones" and magnitude == 0x7F or special == "zero" and code == 0x80:
            values.append(np.nan)
        elif exponent == 0:
            values.append(sign * mantissa * 2.0 ** (1 - bias - mantissa_bits))
        else:
            values.append(sign * (1 + mantissa / 2**mantissa_bits) * 2.0 ** (exponent - bias))
    return np.array(values)


def round_small(values, element):
    """To nearest, ties to the even code; beyond the largest number it is that one. NaN stays where there is one, else 0."""
    values = np.asarray(values, np.float64)
    table = numbers(element)
    codes = np.array([c for c in np.argsort(table, kind="stable") if np.isfinite(table[c])])
    # Of the two zeros the one with the sign.
    order = table[codes]
    at = np.clip(np.searchsorted(order, values), 1, len(order) - 1)
    below, above = order[at - 1], order[at]
    odd_below = codes[at - 1] % 2 == 1
    with np.errstate(invalid="ignore"):
        from_below, from_above = values - below, above - values
        rounded = np.where((from_below > from_above) | ((from_below == from_above) & odd_below), above, below)
    rounded = np.where(values >= order[-1], order[-1], np.where(values <= order[0], order[0], rounded))
    nan = np.nan if np.isnan(table).any() else 0.0
    return np.where(np.isnan(values), nan, rounded).astype(np.float32)


def cast_small(values, element):
    """As ONNX's Cast saturates; to powers of two it rounds away from zero, and takes the magnitude."""
    if element != "f8E8M0FNU":
        return round_small(values, element)
    table = numbers(element)[:255]
    magnitude = np.abs(np.asarray(values, np.float32).astype(np.float64))
    up = table[np.minimum(np.searchsorted(table, magnitude), 254)]
    return np.where(np.isnan(magnitude), np.nan, up).astype(np.float32)
