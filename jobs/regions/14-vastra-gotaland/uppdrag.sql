SELECT
    '14' AS lanskod, "Contract ID" AS avtals_id, '1' AS uppdrags_id, '2321000131' AS bestallare_orgnr,
    substr("Leverantör VAT", 3, 10) AS utforare_orgnr, split_part("Leverantör", ',', 1) AS utforare_namn,
    datum(substr("Startdatum", 1, 10)) AS giltig_fran, datum(substr("Slutdatum", 1, 10)) + INTERVAL '1 day' AS giltig_till
FROM source
