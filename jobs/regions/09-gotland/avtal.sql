SELECT
    '09' AS lanskod, "Avtal nr" AS avtals_id, "Vad" AS titel,
    CASE "Sort" WHEN 'köp av vård' THEN 'vardavtal' WHEN 'överenskommelse med annan region' THEN 'overenskommelse'
        WHEN 'fritt val' THEN 'valfrihetsavtal' ELSE "Sort" END AS typ,
    '2120000803' AS bestallare_orgnr, "Organisationsnummer" AS leverantor_orgnr, "Vem" AS leverantor_namn,
    datum("Skrivet") AS tecknat, datum("Börjar") AS giltig_fran, datum("Slutar") + INTERVAL '1 day' AS giltig_till,
    CASE WHEN ja_nej("Sekretess") THEN 'sekretess' ELSE 'ingen' END AS sekretess
FROM source
