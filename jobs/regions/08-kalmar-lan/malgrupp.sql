SELECT
    '08' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    nummer AS tjanst_id,
    'alder' AS kod,
    concat('Ålder ', alder_fran, '–', alder_till, ' år') AS beskrivning,
    decimal(alder_fran) AS varde_min,
    decimal(alder_till) AS varde_max,
    'år' AS matt,
    datum(start) AS giltig_fran,
    datum(slut) + INTERVAL '1 day' AS giltig_till
FROM source
WHERE alder_fran IS NOT NULL
