"""positions.py EXPORT: reads the units' positions of the directory's export (RT90), moves them with
pyproj, and compares with our rows on standard input (JSON: enhet, n, e, lat, lon). Writes one line of
JSON: how many were compared, and the largest distance in metres in each system."""
import json
import math
import re
import sys
import xml.etree.ElementTree as ElementTree

import pyproj

ENTRY = "se.vgregion.kivtools.search.svc.ws.domain.kivws.String2ArrayOfAnyTypeMap_-Entry"
given = {}
for unit in ElementTree.parse(sys.argv[1]).iter("se.vgregion.kivtools.search.svc.ws.domain.kivws.Unit"):
    values = {e.findtext("key"): e.findtext("value/anyType/string") for e in unit.iter(ENTRY)}
    place = re.fullmatch(r"X:\s*(\d+),\s*Y:\s*(\d+)", (values.get("hsageographicalcoordinates") or "").strip())
    if place:
        given[values["hsaidentity"]] = (int(place[1]), int(place[2]))

plane = pyproj.Transformer.from_crs("EPSG:3021", "EPSG:3006", always_xy=True)
globe = pyproj.Transformer.from_crs("EPSG:3021", "EPSG:4326", always_xy=True)
sphere = pyproj.Geod(ellps="WGS84")
sweref, wgs, compared = 0.0, 0.0, 0
for row in json.load(sys.stdin):
    x, y = given.pop(row["enhet"])
    east, north = plane.transform(y, x)
    sweref = max(sweref, math.hypot(east - row["e"], north - row["n"]))
    longitude, latitude = globe.transform(y, x)
    wgs = max(wgs, sphere.inv(longitude, latitude, row["lon"], row["lat"])[2])
    compared += 1
print(json.dumps({"compared": compared, "left": len(given), "sweref": sweref, "wgs": wgs}))
