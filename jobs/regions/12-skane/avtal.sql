SELECT
    '12' AS lanskod,
    "AvtalNr" AS avtals_id,
    "Benamning" AS titel,
    CASE "Avtalstyp"
        WHEN 'Vårdavtal' THEN 'vardavtal'
        WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Valfrihetsavtal' THEN 'valfrihetsavtal'
        ELSE "Avtalstyp"
    END AS typ,
    "Diarienr" AS diarienummer,
    CASE "Form"
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Direktupphandling' THEN 'direktupphandling'
        ELSE "Form"
    END AS upphandlingsform,
    '2321000255' AS bestallare_orgnr,
    "OrgNr" AS leverantor_orgnr,
    "Leverantor" AS leverantor_namn,
    datum("Tecknat") AS tecknat,
    datum("GallerFran") AS giltig_fran,
    -- The database has the last day; nationally it is the first day after.
    datum("GallerTill") + INTERVAL '1 day' AS giltig_till,
    decimal("Takbelopp") AS ersattningstak
FROM source
