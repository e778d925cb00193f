"""The contract registers of the regions that came later: a module for each, in the region's own form and words."""
from . import (
    gotland, halland, jamtland, jonkoping, kronoberg, norrbotten, orebro, ostergotland, sormland, uppsala, vastmanland,
    vastra_gotaland,
)

# Region → its module, number of contracts, form of its ids.
ALL = {
    "03": (uppsala, 32, "UPS-{year}-{number:03d}"),
    "04": (sormland, 28, "SRM {year}:{number}"),
    "05": (ostergotland, 40, "RÖ-{number:04d}"),
    "06": (jonkoping, 36, "RJL{year}-{number:03d}"),
    "07": (kronoberg, 24, "K{number:03d}-{year}"),
    "09": (gotland, 14, "{year}/{number}"),
    "13": (halland, 30, "HAL{number:05d}"),
    "14": (vastra_gotaland, 90, "VGR-{year}-{number:05d}"),
    "18": (orebro, 33, "{year}ÖLL{number:04d}"),
    "19": (vastmanland, 30, "VST-{number:04d}"),
    "23": (jamtland, 21, "JH{year}{number:03d}"),
    "25": (norrbotten, 27, "NB{year}{number:04d}"),
}
