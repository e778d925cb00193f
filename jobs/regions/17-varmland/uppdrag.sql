SELECT
    lanskod(region) AS lanskod,
    avtal AS avtals_id,
    uppdrag AS uppdrags_id,
    '2321000156' AS bestallare_orgnr,
    leverantor_orgnr AS utforare_orgnr,
    leverantor_namn AS utforare_namn,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
