SELECT '14' AS lanskod, contract_no AS avtals_id, '1' AS uppdrags_id, bestallare_orgnr, orgnr AS utforare_orgnr, name AS utforare_namn,
    start_date AS giltig_fran, NULLIF(end_date, DATE '9999-12-31') + INTERVAL '1 day' AS giltig_till
FROM source
