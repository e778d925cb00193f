SELECT
    '18' AS lanskod, id AS avtals_id, titel,
    CASE slag WHEN 'VA' THEN 'vardavtal' WHEN 'RA' THEN 'ramavtal' WHEN 'OK' THEN 'overenskommelse'
        WHEN 'VF' THEN 'valfrihetsavtal' ELSE slag END AS typ,
    dnr AS diarienummer, form AS upphandlingsform, '2321000164' AS bestallare_orgnr, orgnr AS leverantor_orgnr,
    namn AS leverantor_namn, datum(tecknat) AS tecknat, datum(fran) AS giltig_fran,
    datum(till) + INTERVAL '1 day' AS giltig_till, decimal(tak) AS ersattningstak
FROM source
