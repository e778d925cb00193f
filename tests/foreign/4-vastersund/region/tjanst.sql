SELECT '14' AS lanskod, contract_no AS avtals_id, '1' AS uppdrags_id, id AS tjanst_id, kva(service_code) AS kva, icd10(diagnosis) AS icd,
    service_name AS beskrivning, upper(hsa_id) AS enhet, CASE delivery WHEN 'on-site' THEN 'fysiskt' WHEN 'på plats' THEN 'fysiskt'
        WHEN 'phone' THEN 'telefon' ELSE delivery END AS motesform, datum(from_datum) AS giltig_fran,
    datum(tom_datum) + INTERVAL '1 day' AS giltig_till
FROM source WHERE kod = 'TJANST'
