SELECT
    '10' AS lanskod,
    "AVTAL_ID" AS avtals_id,
    "UPPDRAG" AS uppdrags_id,
    '2321000081' AS bestallare_orgnr,
    "ORGNR" AS utforare_orgnr,
    "LEVERANTOR" AS utforare_namn,
    datum("STARTDATUM") AS giltig_fran,
    datum("SLUTDATUM") + INTERVAL '1 day' AS giltig_till
FROM source
