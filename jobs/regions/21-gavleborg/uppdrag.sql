SELECT
    '21' AS lanskod,
    id AS avtals_id,
    uppdrag AS uppdrags_id,
    '2321000198' AS bestallare_orgnr,
    leverantor_nr AS utforare_orgnr,
    leverantor AS utforare_namn,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
