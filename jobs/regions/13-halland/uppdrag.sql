SELECT
    '13' AS lanskod, "Avtalsnummer" AS avtals_id, '1' AS uppdrags_id, '2321000115' AS bestallare_orgnr,
    "Lev.orgnr" AS utforare_orgnr, "Leverantör" AS utforare_namn, datum("Start") AS giltig_fran,
    datum("Start") + CAST(CAST(heltal("Längd (mån)") AS VARCHAR) || ' months' AS INTERVAL) AS giltig_till
FROM source
