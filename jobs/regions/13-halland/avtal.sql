-- The first day after the contract: its start and as many months as it is long.
SELECT
    '13' AS lanskod, "Avtalsnummer" AS avtals_id, "Avtalsnamn" AS titel, lower("Avtalsform") AS typ, "Ärende" AS diarienummer,
    '2321000115' AS bestallare_orgnr, "Lev.orgnr" AS leverantor_orgnr, "Leverantör" AS leverantor_namn,
    datum("Tecknades") AS tecknat, datum("Start") AS giltig_fran,
    datum("Start") + CAST(CAST(heltal("Längd (mån)") AS VARCHAR) || ' months' AS INTERVAL) AS giltig_till
FROM source
