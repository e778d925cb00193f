SELECT '14' AS lanskod, contract_no AS avtals_id, title AS titel, CASE WHEN avtalstyp LIKE '%LOU%' THEN 'vardavtal'
        WHEN avtalstyp LIKE '%LOV%' THEN 'valfrihetsavtal' WHEN avtalstyp ILIKE 'ramavtal' THEN 'ramavtal'
        WHEN avtalstyp = 'IOP' THEN 'overenskommelse' WHEN avtalstyp LIKE 'Köpt vård%' THEN 'ovrigt' ELSE avtalstyp END AS typ, CASE
        WHEN avtalstyp LIKE '%LOU%' THEN 'LOU' WHEN avtalstyp LIKE '%LOV%' THEN 'LOV' WHEN avtalstyp = 'IOP' THEN 'overenskommelse'
        END AS upphandlingsform, bestallare_orgnr, orgnr AS leverantor_orgnr, name AS leverantor_namn, forlangning AS option,
    document_url AS dokument, start_date AS giltig_fran, NULLIF(end_date, DATE '9999-12-31') + INTERVAL '1 day' AS giltig_till
FROM source
