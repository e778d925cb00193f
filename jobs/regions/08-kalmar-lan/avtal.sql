SELECT
    '08' AS lanskod,
    avtalsnummer AS avtals_id,
    namn AS titel,
    typ,
    diarienummer,
    upphandlingsform,
    '2321000073' AS bestallare_orgnr,
    leverantor_orgnr,
    leverantor_namn,
    datum(signerat) AS tecknat,
    datum(start) AS giltig_fran,
    datum(slut) + INTERVAL '1 day' AS giltig_till
FROM source
