-- Supplier numbers have 16 before them; amounts are in thousands.
SELECT
    '03' AS lanskod, "Avtalsnummer" AS avtals_id, "Rubrik" AS titel,
    CASE "Avtalstyp" WHEN 'Vårdavtal' THEN 'vardavtal' WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'Överenskommelse' THEN 'overenskommelse' WHEN 'Valfrihetsavtal' THEN 'valfrihetsavtal' ELSE "Avtalstyp" END AS typ,
    "Dnr" AS diarienummer, "Upphandlad" AS upphandlingsform, '2321000024' AS bestallare_orgnr,
    substr("OrgNummer", 3) AS leverantor_orgnr, "Leverantör" AS leverantor_namn, datum("Signerat") AS tecknat,
    datum("FrånDatum") AS giltig_fran, datum("TomDatum") + INTERVAL '1 day' AS giltig_till,
    "BeloppTkr" * 1000 AS ersattningstak
FROM source
