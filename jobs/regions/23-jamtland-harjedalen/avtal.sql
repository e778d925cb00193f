SELECT
    '23' AS lanskod, avtal AS avtals_id, benamning AS titel,
    CASE typ WHEN 'VA' THEN 'vardavtal' WHEN 'RA' THEN 'ramavtal' WHEN 'OK' THEN 'overenskommelse'
        WHEN 'LV' THEN 'valfrihetsavtal' ELSE typ END AS typ,
    '2321000214' AS bestallare_orgnr, orgnr AS leverantor_orgnr, namn AS leverantor_namn,
    datum(concat('20', tecknat), 'YYYYMMDD') AS tecknat, datum(fran, 'YYYYMMDD') AS giltig_fran,
    datum(nullif(till, '00000000'), 'YYYYMMDD') + INTERVAL '1 day' AS giltig_till, decimal(ore) / 100 AS ersattningstak
FROM source
