SELECT
    '21' AS lanskod,
    id AS avtals_id,
    rubrik AS titel,
    typ,
    diarienummer,
    form AS upphandlingsform,
    '2321000198' AS bestallare_orgnr,
    leverantor_nr AS leverantor_orgnr,
    leverantor AS leverantor_namn,
    datum(tecknat) AS tecknat,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
