-- A volume cap where there is one.
SELECT
    '12' AS lanskod,
    "AvtalNr" AS avtals_id,
    '1' AS uppdrags_id,
    CAST("Rad" AS VARCHAR) AS tjanst_id,
    'volymtak' AS kod,
    'Högsta antal per år' AS beskrivning,
    decimal("Volym") AS varde_max,
    'per år' AS matt,
    datum("GallerFran") AS giltig_fran,
    datum("GallerTill") + INTERVAL '1 day' AS giltig_till
FROM source
WHERE "Volym" IS NOT NULL
