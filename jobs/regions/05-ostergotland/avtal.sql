SELECT
    '05' AS lanskod, avtal AS avtals_id, rubrik AS titel, lower(avtalstyp) AS typ, arende AS diarienummer,
    CASE upphandling WHEN 'lou' THEN 'LOU' WHEN 'lov' THEN 'LOV' WHEN 'samverkan' THEN 'overenskommelse'
        WHEN 'direkt' THEN 'direktupphandling' ELSE upphandling END AS upphandlingsform,
    '2321000040' AS bestallare_orgnr, orgnr AS leverantor_orgnr, namn AS leverantor_namn, datum(tecknat) AS tecknat,
    datum(fran) AS giltig_fran, datum(tom) + INTERVAL '1 day' AS giltig_till, decimal(tak) AS ersattningstak
FROM source
