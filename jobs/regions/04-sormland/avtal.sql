SELECT
    '04' AS lanskod, "Avtal" AS avtals_id, "Avtalsbenämning" AS titel,
    CASE "Form" WHEN 'Vårdavtal' THEN 'vardavtal' WHEN 'Ram' THEN 'ramavtal' WHEN 'ÖK' THEN 'overenskommelse'
        WHEN 'LOV-avtal' THEN 'valfrihetsavtal' ELSE "Form" END AS typ,
    '2321000032' AS bestallare_orgnr, "Orgnr" AS leverantor_orgnr, "Motpart" AS leverantor_namn,
    datum("Påtecknat") AS tecknat, datum(split_part("Avtalsperiod", ' – ', 1)) AS giltig_fran,
    datum(split_part("Avtalsperiod", ' – ', 2)) + INTERVAL '1 day' AS giltig_till,
    decimal("Beloppstak (tkr)") * 1000 AS ersattningstak
FROM source
