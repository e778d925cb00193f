SELECT
    "hsaIdentity" AS enhet,
    'besok' AS platstyp,
    split_part("hsaStreetAddress", '$', 1) AS adressrad,
    -- Post code and town stand in one line: three digits, a blank, two digits, a blank, the town.
    postnummer(substr(split_part("hsaStreetAddress", '$', 2), 1, 6)) AS postnummer,
    substr(split_part("hsaStreetAddress", '$', 2), 8) AS postort,
    "municipalityCode" AS kommunkod,
    "countyCode" AS lanskod,
    latitud("geographicalCoordinates") AS latitud,
    longitud("geographicalCoordinates") AS longitud,
    sweref_n("geographicalCoordinates") AS sweref99_n,
    sweref_e("geographicalCoordinates") AS sweref99_e,
    CASE WHEN "geographicalCoordinates" <> '' THEN 'rt90' END AS koordinatkalla
FROM source
