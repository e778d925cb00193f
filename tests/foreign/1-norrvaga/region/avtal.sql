SELECT '22' AS lanskod, "Diarienr" AS avtals_id, "Diarienr" AS diarienummer, "Rubrik" AS titel, btrim("Beskrivning") AS beskrivning,
    CASE "AvtalsTyp" WHEN 'Vårdavtal LOU' THEN 'vardavtal' WHEN 'Vårdval LOV' THEN 'valfrihetsavtal' WHEN 'Ramavtal' THEN 'ramavtal'
        WHEN 'IOP' THEN 'overenskommelse' WHEN 'Köpt vård' THEN 'ovrigt' ELSE "AvtalsTyp" END AS typ, CASE "AvtalsTyp"
        WHEN 'Vårdavtal LOU' THEN 'LOU' WHEN 'Vårdval LOV' THEN 'LOV' WHEN 'IOP' THEN 'overenskommelse' END AS upphandlingsform,
    "BestallarOrgNr" AS bestallare_orgnr, "OrgNr" AS leverantor_orgnr, "Namn" AS leverantor_namn, "StartDatum" AS giltig_fran,
    "SlutDatum" + INTERVAL '1 day' AS giltig_till, "OptionText" AS option, "Dokumentlank" AS dokument
FROM source
