SELECT
    '05' AS lanskod, avtal AS avtals_id, '1' AS uppdrags_id, '2321000040' AS bestallare_orgnr, orgnr AS utforare_orgnr,
    namn AS utforare_namn, datum(fran) AS giltig_fran, datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
