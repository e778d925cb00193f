SELECT
    '19' AS lanskod, avtalnr AS avtals_id, namn AS titel,
    CASE kategori WHEN 'VÅRDAVTAL' THEN 'vardavtal' WHEN 'RAMAVTAL' THEN 'ramavtal' WHEN 'ÖVERENSK' THEN 'overenskommelse'
        WHEN 'VALFRIHET' THEN 'valfrihetsavtal' ELSE kategori END AS typ,
    bestallare AS bestallare_orgnr, leverantor AS leverantor_orgnr, lev_namn AS leverantor_namn,
    datum(substr(tecknad, 1, 10)) AS tecknat, datum(substr(fran, 1, 10)) AS giltig_fran,
    datum(substr(till, 1, 10)) + INTERVAL '1 day' AS giltig_till, datum(substr(option_till, 1, 10)) + INTERVAL '1 day' AS option_till
FROM source
