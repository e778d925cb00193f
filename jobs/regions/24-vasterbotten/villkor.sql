SELECT
    '24' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    tjanst AS tjanst_id,
    'remisskrav' AS kod,
    'Remiss krävs' AS beskrivning,
    datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '99991231'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till
FROM source
WHERE remiss = '1'
