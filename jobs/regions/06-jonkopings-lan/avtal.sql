SELECT
    '06' AS lanskod, "Avtal / Nr" AS avtals_id, "Avtal / Benämning" AS titel,
    CASE "Avtal / Slag" WHEN 'Vård' THEN 'vardavtal' WHEN 'Ram' THEN 'ramavtal' WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Valfrihet' THEN 'valfrihetsavtal' ELSE "Avtal / Slag" END AS typ,
    '2321000057' AS bestallare_orgnr, "Leverantör / Org.nr" AS leverantor_orgnr, "Leverantör / Namn" AS leverantor_namn,
    datum("Avtalsperiod / Tecknat") AS tecknat, datum("Avtalsperiod / Från") AS giltig_fran,
    datum("Avtalsperiod / Till") + INTERVAL '1 day' AS giltig_till, decimal("Ersättning / Tak (kr)") AS ersattningstak
FROM source
