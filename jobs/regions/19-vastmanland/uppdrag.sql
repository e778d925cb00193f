SELECT
    '19' AS lanskod, avtalnr AS avtals_id, '1' AS uppdrags_id, bestallare AS bestallare_orgnr, leverantor AS utforare_orgnr,
    lev_namn AS utforare_namn, datum(substr(fran, 1, 10)) AS giltig_fran, datum(substr(till, 1, 10)) + INTERVAL '1 day' AS giltig_till
FROM source
