SELECT
    lanskod(region) AS lanskod,
    avtal AS avtals_id,
    rubrik AS titel,
    avtalstyp AS typ,
    upphandling AS upphandlingsform,
    '2321000156' AS bestallare_orgnr,
    leverantor_orgnr,
    leverantor_namn,
    datum(tecknat) AS tecknat,
    datum(fran) AS giltig_fran,
    datum(tom) + INTERVAL '1 day' AS giltig_till
FROM source
