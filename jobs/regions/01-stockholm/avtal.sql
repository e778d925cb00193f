SELECT
    '01' AS lanskod,
    "Avtalsnummer" AS avtals_id,
    "Benämning" AS titel,
    CASE "Typ av avtal"
        WHEN 'Vårdavtal' THEN 'vardavtal'
        WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Valfrihetsavtal' THEN 'valfrihetsavtal'
        ELSE "Typ av avtal"
    END AS typ,
    "Diarienummer" AS diarienummer,
    CASE "Anskaffning"
        WHEN 'Överenskommelse' THEN 'overenskommelse'
        WHEN 'Direktupphandling' THEN 'direktupphandling'
        ELSE "Anskaffning"
    END AS upphandlingsform,
    '2321000016' AS bestallare_orgnr,
    "Vårdgivarens orgnr" AS leverantor_orgnr,
    "Vårdgivare" AS leverantor_namn,
    datum("Undertecknat") AS tecknat,
    datum("Fr o m") AS giltig_fran,
    datum("T o m") + INTERVAL '1 day' AS giltig_till
FROM source
