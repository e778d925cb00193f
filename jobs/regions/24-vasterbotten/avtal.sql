SELECT
    '24' AS lanskod,
    avtal AS avtals_id,
    benamning AS titel,
    CASE typ
        WHEN '1' THEN 'vardavtal'
        WHEN '2' THEN 'ramavtal'
        WHEN '3' THEN 'overenskommelse'
        WHEN '4' THEN 'valfrihetsavtal'
        ELSE typ
    END AS typ,
    '2321000222' AS bestallare_orgnr,
    orgnr AS leverantor_orgnr,
    datum(tecknat, 'YYYYMMDD') AS tecknat,
    datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '99991231'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till
FROM source
