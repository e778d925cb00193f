SELECT
    lanskod,
    avtals_id,
    uppdrags_id,
    concat(rad, '-', btrim(kva)) AS tjanst_id,
    'alder' AS kod,
    concat('Ålder ', fran, '–', till, ' år') AS beskrivning,
    decimal(fran) AS varde_min,
    decimal(till) AS varde_max,
    'år' AS matt,
    giltig_fran,
    giltig_till
FROM (
    SELECT
        '22' AS lanskod,
        "Avtalsnr" AS avtals_id,
        "Uppdrag" AS uppdrags_id,
        "Tjänst nr" AS rad,
        unnest(string_to_array("KVÅ", ';')) AS kva,
        "Ålder från" AS fran,
        "Ålder till" AS till,
        datum("Gäller fr.o.m.") AS giltig_fran,
        datum("Gäller t.o.m.") + INTERVAL '1 day' AS giltig_till
    FROM source
)
WHERE fran IS NOT NULL
