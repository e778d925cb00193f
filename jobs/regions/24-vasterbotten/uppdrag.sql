SELECT
    '24' AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    '2321000222' AS bestallare_orgnr,
    orgnr AS utforare_orgnr,
    datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '99991231'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till
FROM source
