"""Writes a made-up directory as LDIF: a region, its units, and a branch that another directory keeps.

usage: units.py NUMBER_OF_UNITS > katalog.ldif
"""
import base64
import sys

TOP = "o=Region Exempel,l=Exempelköping,c=SE"


def line(name, value):
    if value.isascii() and not value.startswith((" ", ":", "<")) and "\n" not in value and not value.endswith(" "):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def entry(dn, *attributes):
    sys.stdout.write(line("dn", dn) + "".join(line(name, value) for name, value in attributes) + "\n")


entry("c=SE", ("objectClass", "country"), ("c", "SE"))
entry("l=Exempelköping,c=SE", ("objectClass", "locality"), ("l", "Exempelköping"))
entry(TOP, ("objectClass", "organization"), ("objectClass", "hsaHealthCareProvider"), ("o", "Region Exempel"),
      ("hsaIdentity", "SE5999009052-EXVG"), ("orgNo", "5999009052"), ("startDate", "20150101000000Z"))
entry(f"cn=sluss,{TOP}", ("objectClass", "organizationalRole"), ("objectClass", "simpleSecurityObject"),
      ("cn", "sluss"), ("userPassword", "losenord-som-inte-syns"))
for branch in ("Enheter", "Annat"):
    entry(f"ou={branch},{TOP}", ("objectClass", "organizationalUnit"), ("ou", branch))
entry(f"ou=Annan katalog,ou=Annat,{TOP}", ("objectClass", "referral"), ("objectClass", "extensibleObject"),
      ("ou", "Annan katalog"), ("ref", f"ldap://annan.example.se/ou=Annan%20katalog,{TOP}"))
entry(f"ou=Bild,ou=Annat,{TOP}", ("objectClass", "organizationalUnit"), ("objectClass", "hsaHealthCareUnit"),
      ("ou", "Bild"), ("hsaIdentity", "SE5999009052-EXBILD"))
sys.stdout.write(line("dn", f"ou=Bytes,ou=Annat,{TOP}") + "objectClass: organizationalUnit\nobjectClass: hsaHealthCareUnit\n"
                 "ou: Bytes\nhsaIdentity: SE5999009052-EXBYTES\nraadata:: //79/A==\n\n")
for n in range(int(sys.argv[1])):
    extra = [("objectClass", "hsaFeignedDataObject")] if n % 100 == 99 else []
    if n % 7 == 0:
        extra += [("telephoneNumber", "+46 70 1740605"), ("telephoneNumber", "+46 70 1740606")]
    entry(
        f"ou=Mottagning {n},ou=Enheter,{TOP}", ("objectClass", "organizationalUnit"), ("objectClass", "hsaHealthCareUnit"),
        *extra, ("ou", f"Mottagning {n}"), ("hsaIdentity", f"SE5999009052-EX{n:06}"), ("orgNo", "5999009052"),
        ("businessClassificationCode", "1500"), ("businessClassificationCode", "1600"), ("careType", "01"),
        ("management", "1"), ("municipalityCode", "0000"), ("countyCode", "00"),
        ("hsaVisitingAddress", f"Provvägen {n % 90 + 1}$123 45$Exempelköping"), ("surgeryHours", "1-5#08:00#16:30"),
        ("startDate", "20160501000000Z"))
