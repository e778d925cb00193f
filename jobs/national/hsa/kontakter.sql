SELECT
    'enhet' AS agare_typ,
    "hsaIdentity" AS agare_id,
    'allmanhet' AS syfte,
    telefon("telephoneNumber") AS telefon,
    "hsaVpwWebPage" AS webbadress
FROM source
WHERE "telephoneNumber" <> ''
