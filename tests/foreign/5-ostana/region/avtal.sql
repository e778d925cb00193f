SELECT '20' AS lanskod, "Avtal nr" AS avtals_id, "Vårdval" AS titel, "Avtalet avser" AS beskrivning, 'valfrihetsavtal' AS typ,
    'LOV' AS upphandlingsform, "Beställarens org.nr" AS bestallare_orgnr, "Organisationsnummer" AS leverantor_orgnr,
    "Utförarens namn" AS leverantor_namn, NULLIF("Förlängning", 'nej') AS option, "Länk" AS dokument, CASE lower("Läge")
        WHEN 'gällande' THEN 'gallande' ELSE lower("Läge") END AS status, datum("Gäller från") AS giltig_fran,
    datum("Gäller till") + INTERVAL '1 day' AS giltig_till
FROM source
