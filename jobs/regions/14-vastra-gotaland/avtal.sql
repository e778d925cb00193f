SELECT
    '14' AS lanskod, "Contract ID" AS avtals_id, "Namn" AS titel,
    CASE split_part("Kategori", ' - ', 1) WHEN '10' THEN 'vardavtal' WHEN '20' THEN 'ramavtal'
        WHEN '30' THEN 'overenskommelse' WHEN '40' THEN 'valfrihetsavtal' ELSE "Kategori" END AS typ,
    "Ärendenummer" AS diarienummer, "Anskaffning" AS upphandlingsform, '2321000131' AS bestallare_orgnr,
    substr("Leverantör VAT", 3, 10) AS leverantor_orgnr, split_part("Leverantör", ',', 1) AS leverantor_namn,
    datum(substr("Signerat", 1, 10)) AS tecknat, datum(substr("Startdatum", 1, 10)) AS giltig_fran,
    datum(substr("Slutdatum", 1, 10)) + INTERVAL '1 day' AS giltig_till, decimal(replace("Värde (SEK)", ',', '')) AS ersattningstak,
    CASE "Sekretess" WHEN 'Nej' THEN 'ingen' WHEN 'Delvis' THEN 'delvis' WHEN 'Ej bedömd' THEN 'ej_provad'
        ELSE "Sekretess" END AS sekretess
FROM source
