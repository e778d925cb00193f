SELECT
    '08' AS lanskod,
    avtalsnummer AS avtals_id,
    uppdrag AS uppdrags_id,
    '2321000073' AS bestallare_orgnr,
    leverantor_orgnr AS utforare_orgnr,
    leverantor_namn AS utforare_namn,
    datum(start) AS giltig_fran,
    datum(slut) + INTERVAL '1 day' AS giltig_till
FROM source
