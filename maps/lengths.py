"""Lengths and areas in the unit that people would choose: down to what is found in a coverage, millimetres."""

_LENGTHS = ((1000.0, "km"), (1.0, "m"), (0.01, "cm"), (0.001, "mm"))
_AREAS = ((1e6, "km²"), (1e4, "ha"), (0.1, "m²"), (1e-4, "cm²"), (1e-6, "mm²"))
_UNIT_M2 = {"km²": 1e6, "ha": 1e4, "m²": 1.0, "cm²": 1e-4, "mm²": 1e-6}


def length_said(metres: float, digits: int = 3) -> str:
    """Say a length to so many digits.

    Examples
    --------
    >>> length_said(1821.189), length_said(0.0241), length_said(0.00098)
    ('1.82 km', '2.41 cm', '0.98 mm')
    """
    size, unit = next((entry for entry in _LENGTHS if metres >= entry[0]), _LENGTHS[-1])
    return f"{_rounded(metres / size, digits)} {unit}"


def area_said(square_metres: float) -> str:
    """Say an area to three digits.

    Examples
    --------
    >>> area_said(1476211.0), area_said(0.0764), area_said(0.000028)
    ('1.48 km²', '764 cm²', '28 mm²')
    """
    unit = next((unit for least, unit in _AREAS if square_metres >= least), _AREAS[-1][1])
    return f"{_rounded(square_metres / _UNIT_M2[unit], 3)} {unit}"


def _rounded(value: float, digits: int) -> str:
    """So many digits, none of them a nought at the end of a fraction; whole numbers whole."""
    text = f"{value:,.{max(0, digits - len(str(int(value))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
