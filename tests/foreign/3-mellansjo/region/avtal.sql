SELECT '05' AS lanskod, "KO_NUMMER" AS avtals_id, split_part(text, ': ', 1) AS titel, split_part(text, ': ', 2) AS beskrivning,
    CASE kategori WHEN 'LOU' THEN 'vardavtal' WHEN 'LOV' THEN 'valfrihetsavtal' WHEN 'RAM' THEN 'ramavtal' WHEN 'KOPT' THEN 'ovrigt'
        WHEN 'IDEE' THEN 'overenskommelse' ELSE kategori END AS typ, CASE kategori WHEN 'LOU' THEN 'LOU' WHEN 'LOV' THEN 'LOV'
        WHEN 'IDEE' THEN 'overenskommelse' END AS upphandlingsform, best AS bestallare_orgnr, utf AS leverantor_orgnr,
    utf_namn AS leverantor_namn, "KO_FORL" AS option, "KO_LANK" AS dokument, datum("KO_FOM") AS giltig_fran,
    datum(NULLIF("KO_TOM", '99991231')) + INTERVAL '1 day' AS giltig_till
FROM source
