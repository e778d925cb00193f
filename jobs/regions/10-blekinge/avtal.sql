SELECT
    '10' AS lanskod,
    "AVTAL_ID" AS avtals_id,
    "BENAMNING" AS titel,
    CASE "AVTALSTYP"
        WHEN '1' THEN 'vardavtal'
        WHEN '2' THEN 'ramavtal'
        WHEN '3' THEN 'overenskommelse'
        WHEN '4' THEN 'valfrihetsavtal'
        ELSE "AVTALSTYP"
    END AS typ,
    "DIARIENR" AS diarienummer,
    CASE "FORM"
        WHEN 'ÖVERENSKOMMELSE' THEN 'overenskommelse'
        WHEN 'DIREKTUPPHANDLING' THEN 'direktupphandling'
        ELSE "FORM"
    END AS upphandlingsform,
    '2321000081' AS bestallare_orgnr,
    "ORGNR" AS leverantor_orgnr,
    "LEVERANTOR" AS leverantor_namn,
    datum("TECKNAT") AS tecknat,
    datum("STARTDATUM") AS giltig_fran,
    datum("SLUTDATUM") + INTERVAL '1 day' AS giltig_till,
    decimal("TAKBELOPP") AS ersattningstak
FROM source
