SELECT
    '06' AS lanskod, "Avtal / Nr" AS avtals_id, '1' AS uppdrags_id, '2321000057' AS bestallare_orgnr,
    "Leverantör / Org.nr" AS utforare_orgnr, "Leverantör / Namn" AS utforare_namn,
    datum("Avtalsperiod / Från") AS giltig_fran, datum("Avtalsperiod / Till") + INTERVAL '1 day' AS giltig_till
FROM source
