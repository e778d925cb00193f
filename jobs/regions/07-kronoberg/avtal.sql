SELECT
    '07' AS lanskod, "Avtal" AS avtals_id, "Benämning" AS titel,
    CASE "Typ" WHEN '10' THEN 'vardavtal' WHEN '20' THEN 'ramavtal' WHEN '30' THEN 'overenskommelse'
        WHEN '40' THEN 'valfrihetsavtal' ELSE "Typ" END AS typ,
    '2321000065' AS bestallare_orgnr, "Orgnr" AS leverantor_orgnr, "Leverantör" AS leverantor_namn,
    datum("Skrivet") AS tecknat, datum("Fr.o.m.") AS giltig_fran, datum("T.o.m.") + INTERVAL '1 day' AS giltig_till
FROM source
