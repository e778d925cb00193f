SELECT
    '04' AS lanskod, "Avtal" AS avtals_id, '1' AS uppdrags_id, '2321000032' AS bestallare_orgnr,
    "Orgnr" AS utforare_orgnr, "Motpart" AS utforare_namn,
    datum(split_part("Avtalsperiod", ' – ', 1)) AS giltig_fran,
    datum(split_part("Avtalsperiod", ' – ', 2)) + INTERVAL '1 day' AS giltig_till
FROM source
