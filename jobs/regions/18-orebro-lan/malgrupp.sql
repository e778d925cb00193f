SELECT
    '18' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, nr AS tjanst_id, 'alder' AS kod,
    concat('Ålder ', min, '–', max, ' år') AS beskrivning, decimal(min) AS varde_min, decimal(max) AS varde_max, 'år' AS matt,
    datum(fran) AS giltig_fran, datum(till) + INTERVAL '1 day' AS giltig_till
FROM source
WHERE min IS NOT NULL
