SELECT
    '23' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, '2321000214' AS bestallare_orgnr, orgnr AS utforare_orgnr,
    namn AS utforare_namn, datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '00000000'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till
FROM source
