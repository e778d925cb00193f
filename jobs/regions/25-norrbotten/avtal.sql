SELECT
    '25' AS lanskod, "AVTNR" AS avtals_id, "AVTTXT" AS titel,
    CASE "AVTTYP" WHEN '01' THEN 'vardavtal' WHEN '02' THEN 'ramavtal' WHEN '03' THEN 'overenskommelse'
        WHEN '04' THEN 'valfrihetsavtal' ELSE "AVTTYP" END AS typ,
    '2321000230' AS bestallare_orgnr, "ORGNR" AS leverantor_orgnr, "LEVNMN" AS leverantor_namn,
    datum("TKNDT") AS tecknat, datum("STADT") AS giltig_fran, datum("SLUDT") + INTERVAL '1 day' AS giltig_till
FROM source
