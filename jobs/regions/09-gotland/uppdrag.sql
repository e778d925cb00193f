SELECT
    '09' AS lanskod, "Avtal nr" AS avtals_id, '1' AS uppdrags_id, '2120000803' AS bestallare_orgnr,
    "Organisationsnummer" AS utforare_orgnr, "Vem" AS utforare_namn,
    datum("Börjar") AS giltig_fran, datum("Slutar") + INTERVAL '1 day' AS giltig_till
FROM source
