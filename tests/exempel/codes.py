"""Codes of the sample systems that the sample contracts and waiting times use."""
from country import Area

AREAS = [
    Area("katarakt", "Kataraktoperation", "511", "51101", ("XKA01", "XKA02", "XKA03"), ("X901", "X902"), ""),
    Area("ljumskbrack", "Operation av ljumskbråck", "301", "30101", ("XLB01", "XLB02"), ("X911",), ""),
    Area("knaprotes", "Knäprotesoperation", "311", "31101", ("XKP01", "XKP02"), ("X921", "X922"), ""),
]
# Codes that break a rule, by what is wrong with them.
RETIRED = "XUT01"
NOT_YET = "XKO01"
UNKNOWN = "XZZ99"
