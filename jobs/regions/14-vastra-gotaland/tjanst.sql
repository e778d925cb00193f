SELECT
    '14' AS lanskod, "Contract ID" AS avtals_id, '1' AS uppdrags_id, "Rad" AS tjanst_id,
    kva(split_part("Åtgärd", ' - ', 1)) AS kva, split_part("Åtgärd", ' - ', 2) AS beskrivning, "Enhet" AS enhet,
    datum(substr("Startdatum", 1, 10)) AS giltig_fran, datum(substr("Slutdatum", 1, 10)) + INTERVAL '1 day' AS giltig_till
FROM source
