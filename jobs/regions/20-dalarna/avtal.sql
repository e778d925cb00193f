SELECT
    '20' AS lanskod,
    "Nr" AS avtals_id,
    "Titel" AS titel,
    CASE "Typ"
        WHEN 'Vårdavtal' THEN 'vardavtal'
        WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Valfrihetsavtal' THEN 'valfrihetsavtal'
        ELSE "Typ"
    END AS typ,
    '2321000180' AS bestallare_orgnr,
    "Motpartens orgnr" AS leverantor_orgnr,
    "Motpart" AS leverantor_namn,
    datum("Undertecknat", 'DD/MM/YYYY') AS tecknat,
    datum("Start", 'DD/MM/YYYY') AS giltig_fran,
    datum(nullif("Slut", 'tills vidare'), 'DD/MM/YYYY') + INTERVAL '1 day' AS giltig_till,
    decimal("Högsta ersättning") AS ersattningstak
FROM source
