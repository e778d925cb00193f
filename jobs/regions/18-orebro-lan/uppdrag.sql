SELECT
    '18' AS lanskod, id AS avtals_id, '1' AS uppdrags_id, '2321000164' AS bestallare_orgnr, orgnr AS utforare_orgnr,
    namn AS utforare_namn, datum(fran) AS giltig_fran, datum(till) + INTERVAL '1 day' AS giltig_till
FROM source
