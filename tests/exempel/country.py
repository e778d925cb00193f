"""The sample country: invented providers, units and contracts, the same at every run.

Nothing here is real but the regions' own names and organisation numbers. Invented organisation
numbers begin with 599900 (no such series is in use) and have a right check digit; invented HSA-ids
end in EX and a number. The two sole traders carry Skatteverket's published test numbers.
"""
import datetime as dt
import random
from dataclasses import dataclass, field

SEED = 20261101

REGIONS = {
    "01": ("Region Stockholm", "2321000016"), "03": ("Region Uppsala", "2321000024"),
    "04": ("Region Sörmland", "2321000032"), "05": ("Region Östergötland", "2321000040"),
    "06": ("Region Jönköpings län", "2321000057"), "07": ("Region Kronoberg", "2321000065"),
    "08": ("Region Kalmar län", "2321000073"), "09": ("Region Gotland", "2120000803"),
    "10": ("Region Blekinge", "2321000081"), "12": ("Region Skåne", "2321000255"),
    "13": ("Region Halland", "2321000115"), "14": ("Västra Götalandsregionen", "2321000131"),
    "17": ("Region Värmland", "2321000156"), "18": ("Region Örebro län", "2321000164"),
    "19": ("Region Västmanland", "2321000172"), "20": ("Region Dalarna", "2321000180"),
    "21": ("Region Gävleborg", "2321000198"), "22": ("Region Västernorrland", "2321000206"),
    "23": ("Region Jämtland Härjedalen", "2321000214"), "24": ("Region Västerbotten", "2321000222"),
    "25": ("Region Norrbotten", "2321000230"),
}
SKR = {"05": "21", "13": "42", "14": "51"}

# A municipality of each region that gives units a place.
TOWNS = {
    "05": ("0580", "Exempelköping", "582 10"), "08": ("0880", "Exempelmar", "391 10"),
    "10": ("1080", "Exempelkrona", "371 10"), "13": ("1380", "Exempelstad", "302 10"),
    "14": ("1480", "Exempelborg", "411 10"), "17": ("1780", "Exempelsta", "651 10"),
    "20": ("2080", "Exempellun", "791 10"), "21": ("2180", "Exempelvle", "802 10"),
    "22": ("2281", "Exempelsvall", "852 10"), "24": ("2480", "Exempelå", "901 10"),
    # Regions that came later stand last, whatever their code: the others' units keep their numbers.
    "12": ("1281", "Exempelund", "222 10"),
    "03": ("0380", "Exempelsala", "753 10"), "04": ("0480", "Exempelnäs", "611 10"),
    "06": ("0680", "Exempelvätter", "553 10"), "07": ("0780", "Exempelsjö", "352 10"),
    "09": ("0980", "Exempelby", "621 10"), "18": ("1880", "Exempelbro", "702 10"),
    "19": ("1980", "Exempelås", "722 10"), "23": ("2380", "Exempelsund", "831 10"),
    "25": ("2580", "Exempelhamn", "972 10"),
    "01": ("0180", "Exempelholm", "111 10"),
}


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` followed by it pass Luhn."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def invented_orgnr(number: int) -> str:
    """Organisation number of the invented provider `number`."""
    digits = f"599900{number:03d}"
    return digits + luhn_digit(digits)


@dataclass(frozen=True)
class Provider:
    """Somebody who gives care."""

    orgnr: str
    name: str
    legal_form: str
    ownership: str
    sole_trader: bool = False


@dataclass(frozen=True)
class Unit:
    """A care unit."""

    hsa_id: str
    name: str
    provider: Provider
    region: str


@dataclass(frozen=True)
class Area:
    """A field of care with its codes."""

    name: str
    title: str
    mvo: str
    activity: str
    procedures: tuple[str, ...]
    diagnoses: tuple[str, ...]


@dataclass
class Service:
    """One service within a commission."""

    number: int
    area: Area
    procedures: list[str]
    diagnosis: str
    form: str
    unit: Unit
    referral: bool
    volume: int | None
    age: tuple[int, int] | None


@dataclass
class Contract:
    """One contract of one region, with one commission."""

    region: str
    number: int
    id: str
    title: str
    kind: str
    procedure: str
    file_number: str
    provider: Provider
    signed: dt.date
    start: dt.date
    last: dt.date | None
    option: str
    ceiling: int
    services: list[Service] = field(default_factory=list)


KINDS = ["vardavtal", "ramavtal", "overenskommelse", "valfrihetsavtal"]
PROCEDURES = ["LOU", "LOV", "overenskommelse", "direktupphandling"]
FORMS = ["fysiskt", "fysiskt", "fysiskt", "video", "telefon"]

NAMES = [
    "Exempelögon Norr AB", "Exempelkliniken Norr AB", "Exempelortopedi Mitt AB", "Exempelvården Syd AB",
    "Exempelrehab Kusten AB", "Exempelhälsan Öst AB", "Exempelkirurgen Väst AB", "Exempelspecialisterna AB",
    "Exempelledet Ortopedi AB", "Exempelblicken Ögonvård AB", "Exempelstiftelsen Vård", "Exempelkooperativet Hälsa",
    "Exempeldoktorn Ådalen AB", "Exempelkliniken Sjön AB", "Exempelcentrum Mälaren AB", "Exempelvård i Glesbygd AB",
    "Exempelbarn och Ungdom AB", "Exempelhud Klinik AB", "Exempelhjärtat AB", "Exempelstarr Öst AB",
]


def providers() -> list[Provider]:
    """Every provider, the sole traders last."""
    found = []
    for number, name in enumerate(NAMES, start=1):
        form = "72" if "stiftelsen" in name else "51" if "kooperativet" in name else "49"
        found.append(Provider(invented_orgnr(number), name, form, "4"))
    # Skatteverket's published test numbers: a personal number and a coordination number.
    found.append(Provider("1212121212", "Exempelläkare T. Tolvansson", "10", "4", sole_trader=True))
    found.append(Provider("7010632391", "Exempelpraktik S. Samordning", "10", "4", sole_trader=True))
    return found


def hospitals() -> dict[str, Provider]:
    """The invented hospital of each region that takes part."""
    return {
        region: Provider(invented_orgnr(900 + int(region)), f"Exempelsjukhuset {TOWNS[region][1]}", "84", "1")
        for region in TOWNS
    }


def units(everyone: list[Provider], own: dict[str, Provider]) -> dict[str, list[Unit]]:
    """Units of each region: four of its hospital, then some of the private providers'."""
    kinds = ["Ögonmottagningen", "Ortopeden", "Kirurgen", "Medicinmottagningen"]
    found: dict[str, list[Unit]] = {}
    number = 0
    for place, region in enumerate(TOWNS):
        found[region] = []
        for kind in kinds:
            number += 1
            hospital = own[region]
            found[region].append(Unit(f"SE{hospital.orgnr}-EX{number:04d}", f"{kind} {hospital.name}", hospital, region))
        for step in range(8):
            number += 1
            provider = everyone[(place * 3 + step) % len(NAMES)]
            name = f"{provider.name.removesuffix(' AB')}, {TOWNS[region][1]}"
            found[region].append(Unit(f"SE{provider.orgnr}-EX{number:04d}", name, provider, region))
    return found


def contracts(region: str, count: int, areas: list[Area], where: list[Unit], id_form: str) -> list[Contract]:
    """`count` contracts of one region. Every third has one service only, the others two or three."""
    rng = random.Random(f"{SEED}-{region}")
    private = [u for u in where if u.provider.ownership == "4"]
    found = []
    for number in range(1, count + 1):
        unit = rng.choice(private)
        area = rng.choice(areas)
        signed = dt.date(2022, 1, 3) + dt.timedelta(days=rng.randrange(1500))
        start = (signed.replace(day=1) + dt.timedelta(days=62)).replace(day=1)
        years = rng.choice([2, 3, 4])
        last = start.replace(year=start.year + years) - dt.timedelta(days=1) if rng.random() < 0.7 else None
        contract = Contract(
            region=region,
            number=number,
            id=id_form.format(year=signed.year, number=number),
            title=f"{area.title}, exempelavtal {number}",
            kind=rng.choice(KINDS),
            procedure=rng.choice(PROCEDURES),
            file_number=f"EX {signed.year}/{1000 + number}",
            provider=unit.provider,
            signed=signed,
            start=start,
            last=last,
            option=rng.choice(["", "1+1 år", "24 månader", ""]),
            ceiling=rng.randrange(500_000, 25_000_000, 50_000),
        )
        for service in range(1, 2 if number % 3 == 0 else rng.choice([3, 4])):
            inside = area if service == 1 else rng.choice(areas)
            contract.services.append(
                Service(
                    number=service,
                    area=inside,
                    procedures=sorted(rng.sample(inside.procedures, k=min(len(inside.procedures), rng.choice([1, 1, 2])))),
                    diagnosis=rng.choice(inside.diagnoses),
                    form=rng.choice(FORMS),
                    unit=unit,
                    referral=rng.random() < 0.6,
                    volume=rng.randrange(20, 900, 10) if rng.random() < 0.4 else None,
                    age=rng.choice([(18, 120), (0, 17), (65, 120)]) if rng.random() < 0.3 else None,
                )
            )
        found.append(contract)
    return found
