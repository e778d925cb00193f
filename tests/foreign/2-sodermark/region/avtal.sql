-- 99991231 and 0 both mean until further notice: the services of such a contract have no end either.
SELECT '10' AS lanskod, avt_nr AS avtals_id, split_part(avt_ben, ' - ', 1) AS titel, split_part(avt_ben, ' - ', 2) AS beskrivning,
    CASE avt_typ_kd WHEN '10' THEN 'vardavtal' WHEN '20' THEN 'valfrihetsavtal' WHEN '30' THEN 'ramavtal' WHEN '40' THEN 'ovrigt'
        WHEN '50' THEN 'overenskommelse' ELSE avt_typ_kd END AS typ, CASE avt_typ_kd WHEN '10' THEN 'LOU' WHEN '20' THEN 'LOV'
        WHEN '50' THEN 'overenskommelse' END AS upphandlingsform, best_org_nr AS bestallare_orgnr, org_nr AS leverantor_orgnr,
    lev_namn AS leverantor_namn, dok_lnk AS dokument, datum(CAST(gilt_fr AS VARCHAR)) AS giltig_fran,
    CAST(opt_man AS VARCHAR) || ' månader' AS option,
    datum(CAST(NULLIF(NULLIF(gilt_tm, 0), 99991231) AS VARCHAR)) + INTERVAL '1 day' AS giltig_till
FROM source
