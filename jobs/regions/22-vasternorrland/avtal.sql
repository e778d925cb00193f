SELECT
    '22' AS lanskod,
    "Avtalsnr" AS avtals_id,
    "Avtalsnamn" AS titel,
    CASE "Avtalstyp"
        WHEN 'Vårdavtal' THEN 'vardavtal'
        WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Valfrihetsavtal' THEN 'valfrihetsavtal'
        ELSE "Avtalstyp"
    END AS typ,
    "Dnr" AS diarienummer,
    CASE "Upphandlingsform"
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Direktupphandling' THEN 'direktupphandling'
        ELSE "Upphandlingsform"
    END AS upphandlingsform,
    '2321000206' AS bestallare_orgnr,
    "Org.nr" AS leverantor_orgnr,
    "Leverantör" AS leverantor_namn,
    datum("Tecknat") AS tecknat,
    datum("Gäller fr.o.m.") AS giltig_fran,
    -- The sheet has the last day; nationally it is the first day after.
    datum("Gäller t.o.m.") + INTERVAL '1 day' AS giltig_till,
    "Option" AS "option",
    decimal("Takbelopp (kr)") AS ersattningstak
FROM source
